/**
 * Grants: a process' leave for another to touch some of its bytes, and no others.
 *
 * The table lies in the granter's memory; the kernel reads a row whenever somebody uses it (kernel/grant.ts). A grant's
 * id is its row and a sequence number, so that the id of a revoked grant stays dead. Begin at `grantDirect`.
 */
import { type Endpoint, NONE } from "./endpoint.ts";
import { setGrants } from "./kernel-call/service.ts";
import type { Grant } from "./message.ts";

export const enum GrantFlags {
  /** The row is in use. */
  Valid = 1 << 0,
  /** The grantee may read the bytes, or write them. */
  Read = 1 << 1,
  Write = 1 << 2,
  /** The bytes are not the granter's own but those of `owner`. VFS only. */
  Magic = 1 << 3,
}

export class GrantEntry {
  flags: u32 = 0;
  sequence: u32 = 0;
  /** Who may use it; ANY is possible. */
  grantee: Endpoint = NONE;
  address: vaddr = 0;
  bytes: u32 = 0;
  /** Magic: whose memory it is. */
  owner: Endpoint = NONE;
}

/** A grant's id: its row in the low bits, the row's sequence number above. */
export const GRANT_ROW_BITS = 8;
export const GRANT_ROWS = 256;
export const NO_GRANT: Grant = 0xffff_ffff;

const rows = table(GrantEntry, GRANT_ROWS);
let declared = false;

/** Lets `grantee` read (`GrantFlags.Read`) or write (`GrantFlags.Write`) `bytes` of the caller's own memory. Returns NO_GRANT when the table is full. */
export function grantDirect(grantee: Endpoint, address: vaddr, bytes: u32, access: GrantFlags): Grant {
  return grantRow(grantee, address, bytes, access | GrantFlags.Valid, NONE);
}

/** The same for bytes of another process, on whose behalf the caller acts. */
export function grantMagic(grantee: Endpoint, owner: Endpoint, address: vaddr, bytes: u32, access: GrantFlags): Grant {
  return grantRow(grantee, address, bytes, access | GrantFlags.Valid | GrantFlags.Magic, owner);
}

/** Ends a grant; its id means nothing from now on. */
export function revoke(grant: Grant): void {
  const row = rows[grant & (GRANT_ROWS - 1)];
  row.flags = 0;
  row.sequence = (row.sequence + 1) & 0xff_ffff;
}

function grantRow(grantee: Endpoint, address: vaddr, bytes: u32, flags: u32, owner: Endpoint): Grant {
  if (!declared) declareTable();
  for (let index = 0; index < GRANT_ROWS; index++) {
    const row = rows[index];
    if (row.flags !== 0) continue;
    row.grantee = grantee;
    row.address = address;
    row.bytes = bytes;
    row.owner = owner;
    row.flags = flags;
    return u32(index) | (row.sequence << GRANT_ROW_BITS);
  }
  return NO_GRANT;
}

function declareTable(): void {
  setGrants(address(rows), GRANT_ROWS);
  declared = true;
}
