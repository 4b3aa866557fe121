/** Who a program is: ids, process groups and sessions. */
import type { PmIds, PmSetGroup } from "../../lib/protocol/pm.ts";
import { Status } from "../../lib/status.ts";
import { type Program, programs, programWithPid, State } from "./program.ts";

export function tellIds(program: Program, ids: PmIds): void {
  ids.pid = program.pid;
  ids.parent = parentPid(program);
  ids.group = program.group;
  ids.session = program.session;
}

/** 0 for init. */
export function parentPid(program: Program): i32 {
  return program.parent === null ? 0 : program.parent.pid;
}

/** Errors: NoProcess (neither me nor a child of mine), NotPermitted (a session's leader; a group of another session), Invalid. */
export function setGroup(caller: Program, request: PmSetGroup): Status {
  if (request.group < 0) return Status.Invalid;
  const program = request.pid === 0 ? caller : programWithPid(request.pid);
  if (program === null || program.state !== State.Alive) return Status.NoProcess;
  if (program !== caller && program.parent !== caller) return Status.NoProcess;
  if (program.session !== caller.session || program.session === program.pid) return Status.NotPermitted;
  const group = request.group === 0 ? program.pid : request.group;
  if (group !== program.pid && !groupExists(group, program.session)) return Status.NotPermitted;
  program.group = group;
  return Status.Ok;
}

/** Answers the session's number, the caller's pid. Errors: NotPermitted, where the caller leads a group. */
export function setSession(program: Program): i32 {
  for (const other of programs)
    if (other.state !== State.Vacant && other.group === program.pid) return Status.NotPermitted;
  program.session = program.pid;
  program.group = program.pid;
  return program.pid;
}

function groupExists(group: i32, session: i32): boolean {
  for (const program of programs)
    if (program.state !== State.Vacant && program.group === group && program.session === session) return true;
  return false;
}
