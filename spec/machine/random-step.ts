/** What every kind of step of a random body is told, and which registers it may use. */
import type { Mode } from "../../machine/isa/registers.ts";
import { type Assembler, REGISTERS, type Register } from "./assembler.ts";
import type { Random } from "./random.ts";

export interface BodyContext {
  readonly mode: Mode;
  /** satp says Sv32. M-mode sees that only by MPRV. */
  readonly isPaged: boolean;
  /** TSR is set: in S-mode, `sret` traps. */
  readonly trapsReturn: boolean;
  /** TVM is set: in S-mode, `sfence.vma` traps. */
  readonly trapsMemory: boolean;
  /** PMP entries lie over the data. */
  readonly isProtected: boolean;
}

/** Writes a few instructions of a random kind, of which some go on at the label `forward`. */
export type Kind = (a: Assembler, random: Random, context: BodyContext, forward: string) => void;

/** Any register. */
export function register(random: Random): Register {
  return random.pick(REGISTERS);
}

/** A register for an address. */
export function pointer(random: Random): Register {
  return random.pick(["a0", "a1", "a2", "s0", "s1", "t0"] as const);
}
