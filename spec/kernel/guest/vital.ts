/** A director that fails an assertion two calls deep: RS' death is the system's, and the kernel says where it was. */
import { About, information, SELF } from "../../../lib/kernel-call.ts";

export function main(): never {
  outer(3);
  for (;;) continue;
}

function outer(depth: i32): void {
  inner(depth);
  information(About.Process, SELF, 0, 0); // so that the call above is not the last thing done
}

function inner(depth: i32): void {
  information(About.Process, SELF, 0, 0);
  assert(depth === 4);
}
