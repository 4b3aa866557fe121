/** A director that fails an assertion some calls deep: RS' death is the system's, and the kernel says where it was. */
import { About, information, SELF } from "../../../lib/kernel-call/service.ts";

export function main(): never {
  descend(8);
  for (;;) continue;
}

/** Calls itself, so that no compiler makes one function of it all. */
function descend(depth: i32): i32 {
  if (depth > 0) return information(About.Process, SELF, 0, 0) + descend(depth - 1);
  assert(information(About.Process, SELF, 0, 0) > 0);
  return 0;
}
