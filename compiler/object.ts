/**
 * What a module becomes: relocatable sections, one for each function, routine and datum, and what debuggers and crash records know of them.
 *
 * Sections are the unit of linking: those that nothing refers to are dropped. object-codec.ts writes an object to bytes for the cache.
 */
import type { Reason } from "./ir.ts";

/**
 * What the linker writes at a relocation, S + A being the address of `symbol` + `addend` (RISC-V ELF psABI, section 2.3):
 * `word` S + A; `high` the upper 20 bits of it (lui); `lowLoad`, `lowStore` the lower 12 (I-type, S-type); `jump` its distance (jal).
 */
export type RelocationKind = "word" | "high" | "lowLoad" | "lowStore" | "jump";

export interface Relocation {
  readonly offset: number;
  readonly kind: RelocationKind;
  readonly symbol: string;
  readonly addend: number;
}

/** From `offset` on, instructions come from this place. */
export interface LineRow {
  readonly offset: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * From `offset` on, the frame is `bytes` long and holds the registers of the mask `saved` (bit n: register n), in ascending order, from sp +
 * `savedOffset` on.
 */
export interface FrameRow {
  readonly offset: number;
  readonly bytes: number;
  readonly saved: number;
  readonly savedOffset: number;
}

/** The `ebreak` at `offset` is reached when a check has failed. */
export interface CheckRow {
  readonly offset: number;
  readonly reason: Reason;
  readonly file: string;
  readonly line: number;
}

export type SectionKind = "code" | "constant" | "data" | "zero";

export interface Section {
  readonly symbol: string;
  readonly kind: SectionKind;
  readonly alignment: number;
  readonly size: number;
  /** `size` bytes; empty for "zero". */
  readonly bytes: Uint8Array;
  readonly relocations: readonly Relocation[];
  /** For code: in ascending order. A routine in assembly has no frames. */
  readonly lines: readonly LineRow[];
  readonly frames: readonly FrameRow[];
  readonly checks: readonly CheckRow[];
}

export interface ObjectFile {
  /** The module's path. */
  readonly path: string;
  readonly sections: readonly Section[];
}
