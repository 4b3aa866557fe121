/** SetGrants: where the caller's table of grants lies. a0: its address; a1: how many rows. */
import { GRANT_ROWS } from "../../lib/grant.ts";
import { Status } from "../../lib/status.ts";
import type { Process } from "../process.ts";

export function setGrantsCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  if ((a0 & 3) !== 0 || a1 > GRANT_ROWS) return Status.Invalid;
  caller.grants = vaddr(a0);
  caller.grantCount = a1;
  return Status.Ok;
}
