/** Helpers for tests below M-mode: open protection, drop to another mode, build page tables. */
import { Csr, type Mode, Pte, Status } from "../../machine/isa/registers.ts";
import type { Machine } from "../../machine/machine.ts";
import { type Assembler, ORIGIN } from "./assembler.ts";

export const ROOT_TABLE = ORIGIN + 0x30_0000;
/** That of the page that is mapped first. */
export const FIRST_LEAF_TABLE = ROOT_TABLE + 0x1000;

/** One entry that lets S and U reach everything. Uses t0. */
export function openProtection(a: Assembler): void {
  setCsr(a, Csr.pmpaddr0, 0xffff_ffff);
  setCsr(a, Csr.pmpcfg0, 0x1f);
}

/** Uses t0. */
export function setCsr(a: Assembler, csr: number, value: number): void {
  a.li("t0", value);
  a.csrw(csr, "t0");
}

/** Goes on at a label (or address) in another mode. Uses t0. */
export function enter(a: Assembler, mode: Mode, target: string | number): void {
  setCsr(a, Csr.mstatus, 0);
  enterKeepingStatus(a, mode, target);
}

/** The same, with the other bits of mstatus as they are. */
export function enterKeepingStatus(a: Assembler, mode: Mode, target: string | number): void {
  a.li("t0", Status.Mpp);
  a.csr("csrrc", "zero", Csr.mstatus, "t0");
  a.li("t0", mode << Status.MppShift);
  a.csr("csrrs", "zero", Csr.mstatus, "t0");
  if (typeof target === "string") a.la("t0", target);
  else a.li("t0", target);
  a.csrw(Csr.mepc, "t0");
  a.mret();
}

/** The value of satp for the tables of `Tables`. */
export function satpOf(root = ROOT_TABLE, asid = 0): number {
  return (0x8000_0000 | (asid << 22) | (root >>> 12)) >>> 0;
}

/** Page tables, written into the machine's RAM from outside. */
export class Tables {
  readonly #machine: Machine;
  readonly #root: number;
  readonly #leaves = new Map<number, number>();

  constructor(machine: Machine, root = ROOT_TABLE) {
    this.#machine = machine;
    this.#root = root;
  }

  /** A page of 4 KiB. `flags` without V. */
  map(virtual: number, physical: number, flags: number): void {
    const index = virtual >>> 22;
    let leaf = this.#leaves.get(index);
    if (leaf === undefined) {
      leaf = this.#root + 0x1000 * (1 + this.#leaves.size);
      this.#leaves.set(index, leaf);
      this.write(this.#root + index * 4, entry(leaf, Pte.Valid));
    }
    this.write(leaf + ((virtual >>> 12) & 0x3ff) * 4, entry(physical, flags | Pte.Valid));
  }

  /** A page of 4 MiB. */
  mapSuper(virtual: number, physical: number, flags: number): void {
    this.write(this.#root + (virtual >>> 22) * 4, entry(physical, flags | Pte.Valid));
  }

  /** The address of the entry that maps a page of 4 KiB. */
  entryAddress(virtual: number): number {
    return this.#leaves.get(virtual >>> 22)! + ((virtual >>> 12) & 0x3ff) * 4;
  }

  write(address: number, value: number): void {
    this.#machine.writePhysical(address, new Uint8Array(Uint32Array.of(value).buffer));
  }
}

export function entry(physical: number, flags: number): number {
  return ((physical >>> 12) << 10) | flags;
}
