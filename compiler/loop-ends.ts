/**
 * Where a counted loop ends: the value that its counter has when the loop is left by the test at its bottom.
 */
import { dominates } from "./dominators.ts";
import { assumeDominating, type Induction, testOf } from "./induction-facts.ts";
import { Relations } from "./relations.ts";
import type { Block, Value } from "./ssa.ts";

/**
 * The counter's value at which the test at the latch fails; null where that is not one known value, or where the counter, multiplied by `scale`, may
 * have passed it before (modulo 2^32).
 */
export function finalCount({ header, begin, next, step, entry, latch }: Induction, scale: number): Value | null {
  const test = testOf(latch, header, next);
  if (test === null || !isBefore(test.bound, entry)) return null;
  const { operator, bound } = test;
  const up = operator === "less" || operator === "lessUnsigned";
  const down = operator === "greater" || operator === "greaterUnsigned";
  if (!(step === 1 && (up || operator === "notEqual")) && !(step === -1 && (down || operator === "notEqual")))
    return null;
  const facts = new Relations();
  assumeDominating(entry, facts);
  const [first, last] = [facts.range(begin), facts.range(bound)];
  const [low, high] = step > 0 ? [first, last] : [last, first];
  // The first round is run untested, so the counter has to begin on the right side of its bound.
  if (facts.implies("less", step > 0 ? begin : bound, step > 0 ? bound : begin) !== true) return null;
  if (operator.endsWith("Unsigned") && low.least < 0) return null;
  return (high.greatest - low.least) * Math.abs(scale) < 2 ** 32 ? bound : null;
}

const isBefore = ({ block }: Value, entry: Block): boolean => block === null || dominates(block, entry);
