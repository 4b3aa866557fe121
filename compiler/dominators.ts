/**
 * Who must come before whom: block order, dominator tree and loops of a graph.
 *
 * Dominators as in Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001); loops are natural loops found from back edges.
 * The results lie in the blocks. Begin reading at `analyse`.
 */
import type { Block, Graph, Loop } from "./ssa.ts";
import { removeEdge } from "./ssa.ts";

/** Drops unreachable blocks and computes `order`, `dominator`, `dominated`, `enters`, `leaves` and `loop` of every other. */
export function analyse(graph: Graph): void {
  order(graph);
  dominators(graph);
  loops(graph);
}

/** Whether every path to `block` passes through `above` (which may be `block` itself). */
export function dominates(above: Block, block: Block): boolean {
  return above.enters <= block.enters && block.leaves <= above.leaves;
}

/** `blocks` in reverse postorder, without those that cannot be reached. */
export function order(graph: Graph): void {
  for (const block of graph.blocks) block.order = -1;
  const postorder: Block[] = [];
  const stack: { block: Block; next: number }[] = [{ block: graph.entry, next: 0 }];
  graph.entry.order = 0;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { targets } = top.block.ending;
    // The last target first, so that the first one comes right behind its block.
    const target = targets[targets.length - 1 - top.next++];
    if (target === undefined) {
      postorder.push(top.block);
      stack.pop();
    } else if (target.order < 0) {
      target.order = 0;
      stack.push({ block: target, next: 0 });
    }
  }
  for (const block of graph.blocks) {
    if (block.order >= 0) continue;
    for (const target of block.ending.targets) if (target.order >= 0) removeEdge(block, target);
  }
  graph.blocks = postorder.reverse();
  for (const [index, block] of graph.blocks.entries()) block.order = index;
}

function dominators(graph: Graph): void {
  for (const block of graph.blocks) {
    block.dominator = null;
    block.dominated = [];
  }
  const { entry } = graph;
  entry.dominator = entry;
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of graph.blocks) {
      if (block === entry) continue;
      let common: Block | null = null;
      for (const predecessor of block.predecessors) {
        if (predecessor.dominator === null) continue;
        common = common === null ? predecessor : intersect(common, predecessor);
      }
      if (block.dominator !== common) {
        block.dominator = common;
        changed = true;
      }
    }
  }
  entry.dominator = null;
  for (const block of graph.blocks) block.dominator?.dominated.push(block);
  number(entry);
}

function intersect(one: Block, other: Block): Block {
  let [a, b] = [one, other];
  while (a !== b) {
    while (a.order > b.order) a = a.dominator!;
    while (b.order > a.order) b = b.dominator!;
  }
  return a;
}

/** Intervals of the dominator tree, so that `dominates` takes two comparisons. */
function number(entry: Block): void {
  let clock = 0;
  const stack = [{ block: entry, next: 0 }];
  entry.enters = clock++;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const child = top.block.dominated[top.next++];
    if (child === undefined) {
      top.block.leaves = clock++;
      stack.pop();
    } else {
      child.enters = clock++;
      stack.push({ block: child, next: 0 });
    }
  }
}

function loops(graph: Graph): void {
  for (const block of graph.blocks) block.loop = null;
  // Outer headers come first in the order, so an inner loop overwrites what the outer one said of its blocks.
  for (const header of graph.blocks) {
    const latches = header.predecessors.filter((predecessor) => dominates(header, predecessor));
    if (latches.length === 0) continue;
    const parent = header.loop;
    const loop: Loop = { header, parent, depth: (parent?.depth ?? 0) + 1, blocks: new Set([header]) };
    header.loop = loop;
    const pending = [...latches];
    for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
      if (loop.blocks.has(block)) continue;
      loop.blocks.add(block);
      block.loop = loop;
      pending.push(...block.predecessors);
    }
  }
}
