/** EndFault: VM has mapped a page (Ok), or there is none (anything else). a0: whose; a1: address; a2: status. */
import { Status } from "../../lib/status.ts";
import { decideMissing } from "../missing.ts";
import { lookup, type Process } from "../process.ts";

export function endFaultCall(caller: Process): i32 {
  const { a0, a1, a2 } = caller.frame;
  const owner = lookup(i32(a0));
  if (owner === null) return Status.DeadEndpoint;
  decideMissing(owner, vaddr(a1), i32(a2));
  return Status.Ok;
}
