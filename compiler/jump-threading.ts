/**
 * Jump threading: a block whose branch is decided by where control comes from is copied for those who know.
 *
 * `if (found(x))` with `found` in line first makes a truth value of every way through `found` and then asks for it; `a || b` and loops that end for
 * several reasons are alike. Each way goes straight to where it leads. Begin reading at `threadJumps`.
 */
import { duplicate } from "./duplicate.ts";
import { compare, evaluate } from "./evaluate.ts";
import { assumeEdge } from "./induction-facts.ts";
import { Relations } from "./relations.ts";
import { isOperator } from "./simplify.ts";
import { type Block, type Graph, removeEdge, type Value } from "./ssa.ts";
import { removeTrivialPhis } from "./ssa-build.ts";

/** A block that computes more than this is not copied. */
const BLOCK_VALUES = 6;
/** A function is not made longer by more copies than this. */
const COPIES = 100;
/** How many branches above a way into the block are asked. */
const BRANCHES_ABOVE = 4;
/** How deep in computations from phis. */
const DEPTH = 3;

/** Needs `analyse`. Returns whether the graph has changed; then it has to be analysed again. */
export function threadJumps(graph: Graph): boolean {
  let copies = 0;
  for (let changed = true; changed && copies < COPIES; ) {
    changed = false;
    for (const block of [...graph.blocks]) {
      if (!isShort(block) || copies >= COPIES) continue;
      for (const [target, predecessors] of decided(graph, block)) {
        if (predecessors.length === block.predecessors.length && predecessors.length === 1) continue;
        lead(graph, block, predecessors, target);
        copies++;
        changed = true;
      }
    }
    if (changed) removeTrivialPhis(graph);
  }
  return copies > 0;
}

function isShort(block: Block): boolean {
  const { ending, values, loop, predecessors } = block;
  if (ending.kind !== "branch" && ending.kind !== "switch") return false;
  // A copy of a header would be a second entrance to its loop.
  if (predecessors.length < 2 || loop?.header === block) return false;
  let count = 0;
  for (const { kind } of values) {
    if (kind === "call" || kind === "callIndirect" || kind === "assembly") return false;
    if (kind !== "phi" && ++count > BLOCK_VALUES) return false;
  }
  return true;
}

/** The predecessors that know where the block leads, by that. */
function decided(graph: Graph, block: Block): Map<Block, Block[]> {
  const found = new Map<Block, Block[]>();
  for (const [place, predecessor] of block.predecessors.entries()) {
    const target = targetFrom(graph, block, predecessor, place);
    if (target === null) continue;
    const known = found.get(target);
    if (known === undefined) found.set(target, [predecessor]);
    else known.push(predecessor);
  }
  return found;
}

function targetFrom(graph: Graph, block: Block, predecessor: Block, place: number): Block | null {
  const { kind, operator, values, targets, cases, caseTargets } = block.ending;
  const [left, right] = values.map((value) => comingFrom(graph, value, block, place, DEPTH)) as [Value, Value];
  if (kind === "switch") {
    if (left.kind !== "constant") return null;
    const index = cases.indexOf(left.offset);
    return targets[index < 0 ? 0 : caseTargets[index]!]!;
  }
  if (left.kind === "constant" && right.kind === "constant") {
    return targets[compare(operator, left.offset, right.offset) ? 0 : 1]!;
  }
  // What the branches above say of the block's own values was true the last time round.
  if (left.block === block || right.block === block) return null;
  const facts = new Relations();
  assumePath(predecessor, block, facts);
  const outcome = facts.implies(operator, left, right);
  return outcome === null ? null : targets[outcome ? 0 : 1]!;
}

/** What the value is where control comes from predecessor number `place`. */
function comingFrom(graph: Graph, value: Value, block: Block, place: number, depth: number): Value {
  if (value.block !== block) return value;
  if (value.kind === "phi") return value.inputs[place]!;
  if (depth === 0 || !isOperator(value.kind)) return value;
  const [left, right] = value.inputs.map((input) => comingFrom(graph, input, block, place, depth - 1)) as [
    Value,
    Value,
  ];
  if (left.kind !== "constant" || right.kind !== "constant") return value;
  const folded = evaluate(value.kind as Parameters<typeof evaluate>[0], left.offset, right.offset);
  return folded === null ? value : graph.constant(folded);
}

/** What the branches say that lead to the edge. */
function assumePath(predecessor: Block, block: Block, facts: Relations): void {
  let [from, to] = [predecessor, block];
  for (let steps = 0; steps < BRANCHES_ABOVE; steps++) {
    assumeEdge(from, to, facts);
    if (from.predecessors.length !== 1) return;
    [from, to] = [from.predecessors[0]!, from];
  }
}

/** Gives these predecessors a copy of the block that leads to the target. */
function lead(graph: Graph, block: Block, predecessors: readonly Block[], target: Block): void {
  const copy = duplicate(graph, block, predecessors);
  for (const other of copy.ending.targets) if (other !== target) removeEdge(copy, other);
  Object.assign(copy.ending, { kind: "jump", targets: [target], values: [], cases: [], caseTargets: [] });
}
