/** The kernel call that ends the run of the machine. */
import { KERNEL_CALL } from "../ipc.ts";
import { KernelCall } from "./number.ts";

export const enum Shutdown {
  PowerOff = 0,
  Reboot = 1,
}

/** Ends the machine's run through the test finisher, with an exit status 0 to 255. */
export function abort(how: Shutdown, status: u32): never {
  ecall(KERNEL_CALL + KernelCall.Abort, how, status);
  unreachable();
}
