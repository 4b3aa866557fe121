/** What the disk driver's sketch asks of the system; nothing answers here, it only has to compile. */
import type { Endpoint } from "./endpoint.ts";
import type { Grant, Message } from "./message.ts";

export function receive<T extends Message>(from: Endpoint, inbox: Message): T {
  ecall(2, from, inbox);
  return inbox as T;
}

export function send(to: Endpoint, message: Message): void {
  ecall(1, to, message);
}

export function notify(to: Endpoint): void {
  ecall(4, to);
}

export function busAddress(from: Endpoint, grant: Grant): paddr {
  return paddr(ecall(8, from, grant));
}

/** The registers of a device, by its name in the device tree. */
export function device<T>(name: string, type: Class<T>): T {
  return at(u32(ecall(9, name)), type);
}
