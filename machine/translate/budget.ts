/**
 * Time in translated code: one 64-bit number, so that a block costs one subtraction.
 *
 * The hart counts the cycles that are left, and those beyond one per instruction (`left` and `extra` of the state). The
 * budget is `left` above bit 21, and below it how much `extra` may still grow; a stretch is short enough that neither
 * part reaches the other. A budget below zero means that no cycles are left.
 */
import type { Code } from "./encode.ts";
import { Op } from "./encode.ts";

export const BUDGET_SHIFT = 21;
export const LONGEST_BUDGET_CYCLES = 2 ** (BUDGET_SHIFT - 1);
export const EXTRA_ROOM = 2 ** BUDGET_SHIFT - 1;

export interface Cost {
  readonly cycles: number;
  /** Retired instructions among them. */
  readonly instructions: number;
}

export const NO_COST: Cost = { cycles: 0, instructions: 0 };

export function sum(one: Cost, other: Cost): Cost {
  return { cycles: one.cycles + other.cycles, instructions: one.instructions + other.instructions };
}

/** What a cost takes from the budget. */
export function units({ cycles, instructions }: Cost): number {
  return cycles * 2 ** BUDGET_SHIFT + (cycles - instructions);
}

/** Pushes the cycles that are left. */
export function pushLeft(code: Code, budgetLocal: number): void {
  code.get(budgetLocal).longConstant(BUDGET_SHIFT).op(Op.I64ShrS).op(Op.I32WrapI64);
}

/** Pushes how much `extra` has grown. */
export function pushExtra(code: Code, budgetLocal: number): void {
  code.constant(EXTRA_ROOM).get(budgetLocal).op(Op.I32WrapI64).constant(EXTRA_ROOM).op(Op.I32And).op(Op.I32Sub);
}
