/**
 * Grants: what lets a service touch bytes of another's memory. The table lies in the granter's memory (lib/grant.ts), and what
 * it says now is what holds: a row is read anew at each use.
 */
import type { Endpoint } from "../lib/endpoint.ts";
import { ANY, VFS } from "../lib/endpoint.ts";
import { GRANT_ROW_BITS, GrantEntry, GrantFlags } from "../lib/grant.ts";
import type { Grant } from "../lib/message.ts";
import { Status } from "../lib/status.ts";
import { fetch } from "./memory.ts";
import { lookup, type Process } from "./process.ts";

/** What a grant comes to: these bytes of this process. */
export class Granted {
  owner: Process | null = null;
  place: vaddr = 0;
}

const entry = new GrantEntry();

/**
 * Whether `grantee` may touch `bytes` from `offset` on in what `granter` has granted, as `access` (`GrantFlags.Read` or Write, or both) says; where
 * they lie comes out in `result`. DeadEndpoint, BadGrant, Fault, or RETRY.
 */
export function verifyGrant(
  grantee: Process,
  granter: Endpoint,
  grant: Grant,
  offset: u32,
  bytes: u32,
  access: u32,
  result: Granted,
): i32 {
  const giver = lookup(granter);
  if (giver === null) return Status.DeadEndpoint;
  const row = grant & ((1 << GRANT_ROW_BITS) - 1);
  if (row >= giver.grantCount) return Status.BadGrant;
  const status = fetch(grantee, giver, giver.grants + row * u32(sizeOf(GrantEntry)), bytesOf(entry));
  if (status !== Status.Ok) return status;
  if (!allows(grantee, grant >>> GRANT_ROW_BITS, offset, bytes, access)) return Status.BadGrant;
  return resolve(giver, offset, result);
}

function allows(grantee: Process, sequence: u32, offset: u32, bytes: u32, access: u32): boolean {
  if ((entry.flags & GrantFlags.Valid) === 0 || entry.sequence !== sequence) return false;
  if (entry.grantee !== ANY && entry.grantee !== grantee.endpoint) return false;
  if ((entry.flags & access) !== access) return false;
  return offset <= entry.bytes && bytes <= entry.bytes - offset;
}

/** Only VFS may grant what is not its own: it acts for programs. */
function resolve(giver: Process, offset: u32, result: Granted): i32 {
  const isMagic = (entry.flags & GrantFlags.Magic) !== 0;
  if (isMagic && giver.endpoint !== VFS) return Status.BadGrant;
  result.owner = isMagic ? lookup(entry.owner) : giver;
  result.place = entry.address + offset;
  return result.owner === null ? Status.DeadEndpoint : Status.Ok;
}
