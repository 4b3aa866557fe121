/**
 * What a loop's counters tell about themselves: an induction variable stays on its side of where it began, and within the bound that the loop tests.
 *
 * That is what removes the bounds check from `for (let i = 0; i < a.length; i++) … a[i]`. Begin reading at `assumeInduction`.
 */
import { dominates } from "./dominators.ts";
import type { Comparison } from "./ir.ts";
import { holdsBehind, type Relations } from "./relations.ts";
import { type Block, resolve, swapped, type Value } from "./ssa.ts";

/** A counter: a phi to which each round adds the same. */
export interface Induction {
  readonly header: Block;
  readonly phi: Value;
  readonly begin: Value;
  readonly next: Value;
  readonly step: number;
  readonly entry: Block;
  readonly latch: Block;
}

/** Assumes what holds of the phis of a loop's header whenever control is there. */
export function assumeInduction(header: Block, facts: Relations): void {
  for (const phi of header.values) {
    if (phi.kind !== "phi") break;
    const induction = inductionOf(header, phi);
    if (induction === null) continue;
    assumeBound(induction, facts);
    assumeSide(induction, facts);
  }
}

/** A phi that a constant is added to each time round. */
export function inductionOf(header: Block, phi: Value): Induction | null {
  if (phi.inputs.length !== 2) return null;
  const inside = header.predecessors.findIndex((block) => header.loop!.blocks.has(block));
  if (inside < 0) return null;
  const outside = 1 - inside;
  const [entry, latch] = [header.predecessors[outside]!, header.predecessors[inside]!];
  if (header.loop!.blocks.has(entry)) return null;
  const next = resolve(phi.inputs[inside]!);
  const [x, y] = next.inputs.map(resolve);
  let step: number;
  if (next.kind === "add" && x === phi && y?.kind === "constant") step = y.offset;
  else if (next.kind === "subtract" && x === phi && y?.kind === "constant") step = -y.offset;
  else if (next.kind === "add" && y === phi && x?.kind === "constant") step = x.offset;
  else return null;
  return { header, phi, begin: resolve(phi.inputs[outside]!), next, step, entry, latch };
}

/** If every way into the header has tested the same bound, the phi is within it. */
function assumeBound({ header, phi, begin, next, entry, latch }: Induction, facts: Relations): void {
  const tested = testOf(latch, header, next);
  if (tested === null || !isInvariant(tested.bound, header)) return;
  const mark = facts.mark();
  assumeEdge(entry, header, facts);
  const holds = facts.implies(tested.operator, begin, tested.bound);
  facts.release(mark);
  if (holds === true) facts.assume(tested.operator, phi, tested.bound);
}

/** Counting up from `begin` under a bound never leads below `begin`, and the other way round: nothing wraps. */
function assumeSide(induction: Induction, facts: Relations): void {
  const { phi, begin, step } = induction;
  if (step === 0) return;
  const range = facts.range(begin);
  if (step > 0 && (facts.range(phi).greatest + step <= 0x7fff_ffff || (step === 1 && isGuarded(induction, facts)))) {
    facts.narrow(phi, range.least, 0x7fff_ffff);
  } else if (step < 0 && (facts.range(phi).least + step >= -0x8000_0000 || isCountdown(induction, facts))) {
    facts.narrow(phi, -0x8000_0000, range.greatest);
  }
}

/** Whether the step is only taken where the phi is known to be below something. */
function isGuarded(induction: Induction, facts: Relations): boolean {
  const { header, phi, latch, next } = induction;
  const tested = testOf(latch, header, next);
  if (tested?.operator === "less" && facts.implies("less", phi, tested.bound) === true) return true;
  return guards(induction).some(({ operator }) => operator === "less");
}

/** Whether the step down is only taken where the phi is above a constant that leaves room for it. */
function isCountdown(induction: Induction, facts: Relations): boolean {
  const { header, phi, latch, next, step } = induction;
  const tests = guards(induction);
  const atLatch = testOf(latch, header, next);
  if (atLatch !== null && facts.implies(atLatch.operator, phi, atLatch.bound) === true) tests.push(atLatch);
  return tests.some(
    ({ operator, bound }) =>
      (operator === "greaterEqual" || operator === "greater") &&
      bound.kind === "constant" &&
      bound.offset + step >= -0x8000_0000,
  );
}

/** The tests of the phi that lead from the header to the step. */
function guards({ header, phi, next }: Induction): Test[] {
  const found: Test[] = [];
  for (let block = next.block; block !== null && block !== header; block = block.dominator) {
    const [from] = block.predecessors;
    if (from === undefined || block.predecessors.length > 1) continue;
    const test = testOf(from, block, phi);
    if (test !== null) found.push(test);
  }
  return found;
}

interface Test {
  readonly operator: Comparison;
  readonly bound: Value;
}

/** The comparison of `value` that holds on the edge. */
export function testOf(from: Block, to: Block, value: Value): Test | null {
  const { kind, operator, values, targets } = from.ending;
  if (kind !== "branch") return null;
  const holds = holdsBehind(operator, targets[0] === to);
  const [left, right] = values.map(resolve) as [Value, Value];
  if (left === value) return { operator: holds, bound: right };
  return right === value ? { operator: swapped(holds), bound: left } : null;
}

/** What the branches say that every way to the block has taken. */
export function assumeDominating(block: Block, facts: Relations): void {
  for (let at: Block | null = block; at !== null; at = at.dominator) {
    const [from, ...others] = at.predecessors;
    if (from !== undefined && others.length === 0) assumeEdge(from, at, facts);
  }
}

/** What a branch says on one of its two ways. */
export function assumeEdge(from: Block, to: Block, facts: Relations): void {
  const { kind, operator, values, targets } = from.ending;
  if (kind !== "branch") return;
  const [left, right] = values.map(resolve) as [Value, Value];
  facts.assume(holdsBehind(operator, targets[0] === to), left, right);
}

const isInvariant = (value: Value, header: Block): boolean =>
  value.block === null || (dominates(value.block, header) && !header.loop!.blocks.has(value.block));
