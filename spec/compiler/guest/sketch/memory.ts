/** Copies between the kernel and a process that is not translated. */
import type { Message } from "./message.ts";
import { Message as Letter } from "./message.ts";
import type { Process } from "./process.ts";

export function copyIn(_from: Process, place: vaddr, message: Message): boolean {
  if (place === 0) return false;
  copy(message, view(place, Letter));
  return true;
}

export function copyOut(_to: Process, message: Message, place: vaddr): boolean {
  if (place === 0) return false;
  copy(view(place, Letter), message);
  return true;
}
