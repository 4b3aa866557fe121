/**
 * Loops in IR, before there is a graph: inlining wants to know what runs often. Begin reading at `naturalLoops`.
 */
import type * as IR from "./ir.ts";
import { targetsOf } from "./ssa-build.ts";

/**
 * The members of each loop by its header: the target of an edge to a block that a depth-first walk has not left yet, and what reaches the edge
 * without passing it. Where a loop has a second entrance the header does not dominate it; the inliner does not mind.
 */
export function naturalLoops(source: IR.Function): Map<number, Set<number>> {
  const { blocks } = source;
  const predecessors: number[][] = blocks.map(() => []);
  const backEdges: [from: number, header: number][] = [];
  const state = new Uint8Array(blocks.length); // 1: on the path, 2: left
  const stack = [{ index: 0, targets: targetsOf(blocks[0]!.terminator), next: 0 }];
  state[0] = 1;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const target = top.targets[top.next++];
    if (target === undefined) {
      state[top.index] = 2;
      stack.pop();
      continue;
    }
    predecessors[target]!.push(top.index);
    if (state[target] === 1) backEdges.push([top.index, target]);
    else if (state[target] === 0) {
      state[target] = 1;
      stack.push({ index: target, targets: targetsOf(blocks[target]!.terminator), next: 0 });
    }
  }
  const loops = new Map<number, Set<number>>();
  for (const [from, header] of backEdges) {
    let members = loops.get(header);
    if (members === undefined) loops.set(header, (members = new Set([header])));
    const pending = [from];
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
      if (members.has(index)) continue;
      members.add(index);
      pending.push(...predecessors[index]!);
    }
  }
  return loops;
}
