/**
 * Loops in IR, and loop inversion: a test at the top becomes a test at the bottom behind a guard, so that an iteration costs one branch.
 *
 * A header is copied for those who enter the loop; those who come round keep the original. That is right for any block; it is done where the
 * header is short and ends with the loop's exit. Begin reading at `invertLoops`.
 */

import type * as IR from "./ir.ts";
import { targetsOf } from "./ssa-build.ts";

/** A header longer than this is not copied. */
const HEADER_INSTRUCTIONS = 10;

/** The function with its loops inverted; the same object where there is nothing to do. */
export function invertLoops(source: IR.Function): IR.Function {
  const blocks = [...source.blocks];
  const loops = naturalLoops(source);
  for (const [header, members] of loops) {
    if (header === 0 || !worthInverting(blocks[header]!, header, members)) continue;
    const copy = blocks.push(blocks[header]!) - 1;
    // The copy stands outside this loop, but inside those around it.
    for (const around of loops.values()) if (around !== members && around.has(header)) around.add(copy);
    for (let index = 0; index < blocks.length; index++) {
      if (members.has(index) || index === copy) continue;
      const block = blocks[index]!;
      const terminator = redirected(block.terminator, header, copy);
      if (terminator !== block.terminator) blocks[index] = { ...block, terminator };
    }
  }
  return blocks.length === source.blocks.length ? source : { ...source, blocks };
}

function worthInverting({ instructions, terminator }: IR.Block, header: number, members: ReadonlySet<number>): boolean {
  if (terminator.kind !== "branch" || instructions.length > HEADER_INSTRUCTIONS) return false;
  if (instructions.some(({ kind }) => kind === "call" || kind === "callIndirect" || kind === "assembly")) return false;
  // A loop of one block has its test at the bottom already.
  if (terminator.then === header || terminator.otherwise === header) return false;
  return members.has(terminator.then) !== members.has(terminator.otherwise);
}

function redirected(terminator: IR.Terminator, from: number, to: number): IR.Terminator {
  const move = (target: number): number => (target === from ? to : target);
  if (!targetsOf(terminator).includes(from)) return terminator;
  switch (terminator.kind) {
    case "jump":
      return { ...terminator, to };
    case "branch":
      return { ...terminator, then: move(terminator.then), otherwise: move(terminator.otherwise) };
    case "switch": {
      const cases = terminator.cases.map((each) => ({ ...each, to: move(each.to) }));
      return { ...terminator, cases, otherwise: move(terminator.otherwise) };
    }
    default:
      return terminator;
  }
}

/**
 * The members of each loop by its header: the target of an edge to a block that a depth-first walk has not left yet, and what reaches the edge
 * without passing it. Where a loop has a second entrance the header does not dominate it; neither user minds.
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
