/**
 * Small surgery on the control-flow graph that several passes need: splitting an edge, moving a terminator, joining blocks.
 */
import { type Block, ending, type Graph, type Value } from "./ssa.ts";

/** Puts an empty block on the edge. The order of predecessors, and so every phi, stays as it was. */
export function splitEdge(graph: Graph, from: Block, to: Block): Block {
  const between = graph.block();
  between.ending = ending("jump", from.ending.position, [to]);
  between.predecessors = [from];
  from.ending.targets[from.ending.targets.indexOf(to)] = between;
  to.predecessors[to.predecessors.indexOf(from)] = between;
  graph.blocks.push(between);
  return between;
}

/** Splits every edge from a block with several successors to one with several predecessors, so that phis have a place for their moves. */
export function splitCriticalEdges(graph: Graph): void {
  for (const block of [...graph.blocks]) {
    if (block.ending.targets.length < 2) continue;
    for (const target of [...block.ending.targets]) {
      if (target.predecessors.length > 1) splitEdge(graph, block, target);
    }
  }
}

/** Adds an edge like the one from `model`: the phis get the same arguments. The caller has put `to` among the targets of `from`. */
export function addEdgeLike(from: Block, to: Block, model: Block): void {
  const index = to.predecessors.indexOf(model);
  to.predecessors.push(from);
  for (const value of to.values) {
    if (value.kind !== "phi") break;
    value.inputs.push(value.inputs[index]!);
  }
}

/** Joins every block with its only successor where it is that one's only predecessor. */
export function mergeChains(graph: Graph): void {
  const gone = new Set<Block>();
  for (const block of graph.blocks) {
    if (gone.has(block)) continue;
    for (let next = soleSuccessor(block); next !== null; next = soleSuccessor(block)) {
      for (const value of next.values) {
        value.block = block;
        if (value.kind === "phi") value.replacement = value.inputs[0]!;
        else block.values.push(value);
      }
      block.ending = next.ending;
      for (const target of block.ending.targets) target.predecessors[target.predecessors.indexOf(next)] = block;
      gone.add(next);
    }
  }
  if (gone.size > 0) graph.blocks = graph.blocks.filter((block) => !gone.has(block));
}

/**
 * Lets those who reach a block that only merges values, for the next block to merge them again, go to that one at once. Loops may have several ways
 * back then.
 */
export function bypassMerges(graph: Graph): void {
  const readers = countReaders(graph);
  for (const block of graph.blocks) {
    const next = block.ending.targets[0];
    if (block.ending.kind !== "jump" || next === undefined || next === block || block.predecessors.length < 2) continue;
    const place = next.predecessors.indexOf(block);
    const isMerge = block.values.every(
      (value) => value.kind === "phi" && readers.get(value) === timesRead(next, place, value),
    );
    const known = new Set(next.predecessors);
    if (!isMerge || block.predecessors.some((each) => known.has(each) || each === block)) continue;
    for (const value of next.values) {
      if (value.kind !== "phi") break;
      const merged = value.inputs[place]!;
      const inputs = merged.block === block ? merged.inputs : block.predecessors.map(() => merged);
      value.inputs.splice(place, 1, ...inputs);
    }
    next.predecessors.splice(place, 1, ...block.predecessors);
    for (const { ending } of block.predecessors) ending.targets[ending.targets.indexOf(block)] = next;
    block.predecessors = [];
    block.ending = ending("unreachable", block.ending.position);
  }
}

/** How often a value is read in all. */
function countReaders(graph: Graph): Map<Value, number> {
  const readers = new Map<Value, number>();
  const note = (value: Value): void => {
    readers.set(value, (readers.get(value) ?? 0) + 1);
  };
  for (const { values, ending } of graph.blocks) {
    for (const { inputs } of values) inputs.forEach(note);
    ending.values.forEach(note);
  }
  return readers;
}

/** How many phis of the block read the value on the way number `place`. */
function timesRead({ values }: Block, place: number, value: Value): number {
  let count = 0;
  for (const { kind, inputs } of values) if (kind === "phi" && inputs[place] === value) count++;
  return count;
}

function soleSuccessor(block: Block): Block | null {
  if (block.ending.kind !== "jump") return null;
  const next = block.ending.targets[0]!;
  return next !== block && next.predecessors.length === 1 ? next : null;
}
