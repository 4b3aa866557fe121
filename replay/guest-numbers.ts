/** The numbers of the guest's interfaces that watching it takes, read from where they stand. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../system/build.ts";
import { readEnum, readMessageTypes } from "../system/guest-constants.ts";

export interface GuestNumbers {
  /** `BlockCall.Write` and its like. */
  readonly messageTypes: ReadonlyMap<string, number>;
  /** a7 of RS' call for the crash of a service: how it notices a death. */
  readonly getCrash: number;
  /** a7 of RS' call that lets a service run: how it starts one. */
  readonly execute: number;
}

/** lib/ipc.ts' `KERNEL_CALL`: what is added to the number of a kernel call. */
const KERNEL_CALL = 0x100;

export function guestNumbers(): GuestNumbers {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const protocols = readdirSync(join(ROOT, "lib", "protocol")).map((name) => `lib/protocol/${name}`);
  const calls = readEnum(read("lib/kernel-call/number.ts"), "lib/kernel-call/number.ts", "KernelCall");
  return {
    messageTypes: readMessageTypes(read, protocols),
    getCrash: KERNEL_CALL + calls.get("GetCrash")!,
    execute: KERNEL_CALL + calls.get("Execute")!,
  };
}
