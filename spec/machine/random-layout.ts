/**
 * Where everything lies that random programs share: memory, address space, trap frames, and what is reported of them.
 */
import { Csr, Status } from "../../machine/isa/registers.ts";
import { ORIGIN } from "./assembler.ts";

/** Data that bodies may touch, and pages of code that they may call and change; physical. */
export const DATA = ORIGIN + 0x60_0000;
export const DATA_PAGES = 4;
export const ISLANDS = DATA + DATA_PAGES * 4096;
export const ISLAND_PAGES = 4;
/** A page of data over which lie locked entries of PMP, these four of them; physical. */
export const LOCKED_PAGE = ORIGIN + 0x68_0000;
export const FIRST_LOCKED_ENTRY = 8;
export const ROOT_TABLE = ORIGIN + 0x70_0000;
export const LEAF_TABLE = ROOT_TABLE + 0x1000;
export const MACHINE_FRAME = ORIGIN + 0x71_0000;
export const SUPERVISOR_FRAME = ORIGIN + 0x72_0000;

/** Where U-mode sees the image. */
export const USER_ALIAS = 0xc000_0000;
/** Pages with random rights, where no board has anything. First come pages of data, */
export const ZONE = 0x9800_0000;
export const ZONE_PAGES = 16;
/** then one that is never there, since QEMU 7.2 lets S-mode run a user's page of which it has read something; */
export const ZONE_GAP_PAGES = 1;
/** then islands to be run, in any order, and then the islands in theirs, to be written; */
export const ZONE_ISLANDS = ZONE + (ZONE_PAGES + ZONE_GAP_PAGES) * 4096;
export const ZONE_ISLAND_PAGES = 8;
export const ZONE_WRITABLE_ISLANDS = ZONE_ISLANDS + ZONE_ISLAND_PAGES * 4096;
/** and two superpages. */
export const SUPERPAGE_BYTES = 0x40_0000;

/** An island's code begins in a page's last two half-words and ends in the next page's first two. */
export const ISLAND_ENTRY = 0xffc;

/** A frame: saved registers, then the count of traps and their records. */
export const FRAME_X1 = 1 * 4;
export const FRAME_X31 = 31 * 4;
export const FRAME_COUNT = 0x100;
/** The address at which the present test ends, and where to go on in M-mode. */
export const FRAME_END = 0x104;
export const FRAME_AFTER = 0x108;
/** The entry of the vector through which the last trap came. */
export const FRAME_VECTOR = 0x10c;
export const FRAME_RECORDS = 0x120;
/** Cause, epc, tval, status, vector; a record takes 32 bytes. */
export const RECORD_WORDS = 5;
export const RECORD_SHIFT = 5;

export const REPORTED_CSRS = [
  Csr.mstatus,
  Csr.medeleg,
  Csr.mideleg,
  Csr.mie,
  Csr.mcounteren,
  Csr.scounteren,
  Csr.sepc,
  Csr.scause,
  Csr.stval,
  Csr.satp,
  Csr.pmpcfg0,
  Csr.pmpcfg0 + 2,
  ...[0, 1, 2, 3, 7, 8, 9, 10, 11].map((entry) => Csr.pmpaddr0 + entry),
];
/** Fields of mstatus that our hart has as well as QEMU's. */
const COMPARED_STATUS =
  Status.Sie |
  Status.Mie |
  Status.Spie |
  Status.Mpie |
  Status.Spp |
  Status.Mpp |
  Status.Mprv |
  Status.Sum |
  Status.Mxr |
  Status.Tvm |
  Status.Tw |
  Status.Tsr;

export interface Trap {
  readonly cause: number;
  readonly epc: number;
  readonly value: number;
  readonly status: number;
  readonly vector: number;
}

export interface Report {
  /** x1 to x31. */
  readonly registers: readonly number[];
  readonly machineTraps: readonly Trap[];
  readonly supervisorTraps: readonly Trap[];
  /** By position in `REPORTED_CSRS`. */
  readonly csrs: readonly number[];
  readonly checksum: number;
}

/** The reports of an image's tests, as sent. */
export function parseReports(bytes: Uint8Array): Report[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const next = () => {
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const traps = () =>
    Array.from({ length: next() }, () => ({
      cause: next(),
      epc: next(),
      value: next(),
      status: next() & COMPARED_STATUS,
      vector: next(),
    }));
  const reports: Report[] = [];
  while (at < bytes.length) {
    reports.push({
      registers: Array.from({ length: 31 }, next),
      machineTraps: traps(),
      supervisorTraps: traps(),
      csrs: REPORTED_CSRS.map((csr) => (csr === Csr.mstatus ? next() & COMPARED_STATUS : next())),
      checksum: next(),
    });
  }
  return reports;
}
