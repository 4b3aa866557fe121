/**
 * SafeCopyFrom and SafeCopyTo: between what somebody has granted and the caller's own memory.
 * a0: the granter; a1: the grant; a2: offset in it; a3: the caller's address; a4: bytes.
 */
import { GrantFlags } from "../../lib/grant.ts";
import { Status } from "../../lib/status.ts";
import { Granted, verifyGrant } from "../grant.ts";
import { copyBetween } from "../memory.ts";
import type { Process } from "../process.ts";

const granted = new Granted();

export function safeCopyFromCall(caller: Process): i32 {
  const { a3, a4 } = caller.frame;
  const status = verify(caller, GrantFlags.Read);
  if (status !== Status.Ok) return status;
  return copyBetween(caller, granted.owner!, granted.place, caller, vaddr(a3), a4);
}

export function safeCopyToCall(caller: Process): i32 {
  const { a3, a4 } = caller.frame;
  const status = verify(caller, GrantFlags.Write);
  if (status !== Status.Ok) return status;
  return copyBetween(caller, caller, vaddr(a3), granted.owner!, granted.place, a4);
}

function verify(caller: Process, access: GrantFlags): i32 {
  const { a0, a1, a2, a4 } = caller.frame;
  return verifyGrant(caller, i32(a0), a1, a2, a4, access, granted);
}
