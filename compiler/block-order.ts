/**
 * The order in which blocks stand in memory: what runs often falls through, what hardly ever runs stands last.
 *
 * Blocks that register allocation has emptied are bypassed first. Begin reading at `orderBlocks`.
 */
import type { MachineBlock, MachineFunction } from "./machine-code.ts";

export function orderBlocks(code: MachineFunction): void {
  bypassEmpty(code);
  const placed = new Set<MachineBlock>();
  const ordered: MachineBlock[] = [];
  const predecessors = countPredecessors(code);
  const latches = latchesOf(code);
  const chain = (start: MachineBlock): void => {
    for (let block: MachineBlock | null = start; block !== null; ) {
      placed.add(block);
      const latch = latches.get(block);
      if (latch !== undefined && !placed.has(latch)) {
        placed.add(latch);
        ordered.push(latch);
      }
      ordered.push(block);
      block = next(block, placed, predecessors);
    }
  };
  // The old order is a reverse postorder: what is left starts the next chain.
  for (const cold of [false, true]) {
    for (const block of code.blocks) {
      if (block.cold === cold && predecessors.has(block) && !placed.has(block)) chain(block);
    }
  }
  code.blocks = ordered;
}

/** Marks blocks that lead nowhere but to the end of the program. Needs the blocks in reverse postorder. */
export function markCold(code: MachineFunction): void {
  for (let index = code.blocks.length - 1; index > 0; index--) {
    const block = code.blocks[index]!;
    const { kind, targets } = block.ending;
    if (kind === "trap" || kind === "unreachable") block.cold = true;
    else block.cold = targets.length > 0 && targets.every((target) => target.cold);
  }
}

/** Who comes behind the block without a jump: the successor in the deepest loop, unless it is cold. */
function next(
  block: MachineBlock,
  placed: ReadonlySet<MachineBlock>,
  predecessors: ReadonlyMap<MachineBlock, number>,
): MachineBlock | null {
  let best: MachineBlock | null = null;
  for (const target of block.ending.targets) {
    if (placed.has(target) || target.cold !== block.cold) continue;
    if (best === null || target.depth > best.depth) best = target;
    else if (target.depth === best.depth && predecessors.get(target)! < predecessors.get(best)!) best = target;
  }
  // A way out of a loop waits until the loop is complete.
  return best;
}

/**
 * By header: the block from which alone a loop goes round, by a jump, and which is only reached by branches. In front of the header it needs no jump;
 * who enters the loop jumps over it, once.
 */
function latchesOf(code: MachineFunction): Map<MachineBlock, MachineBlock> {
  const reachedByJump = new Set<MachineBlock>();
  const latches = new Map<MachineBlock, MachineBlock | null>();
  for (const block of code.blocks) {
    const isBranch = block.ending.kind === "branch";
    for (const target of block.ending.targets) {
      if (!isBranch) reachedByJump.add(target);
      // In reverse postorder only the edges that close a loop lead back.
      if (target.index > block.index) continue;
      const isSole = !latches.has(target) && block.ending.kind === "jump" && block.depth === target.depth;
      latches.set(target, isSole ? block : null);
    }
  }
  const found = new Map<MachineBlock, MachineBlock>();
  for (const [header, latch] of latches) {
    if (latch !== null && header !== latch && header.index > 0 && !reachedByJump.has(latch)) found.set(header, latch);
  }
  return found;
}

function bypassEmpty(code: MachineFunction): void {
  const destination = (block: MachineBlock): MachineBlock => {
    let found = block;
    for (let steps = 0; steps < code.blocks.length; steps++) {
      const { instructions, ending } = found;
      if (
        instructions.length > 0 ||
        code.frameStarts.has(found) ||
        ending.kind !== "jump" ||
        ending.targets[0] === found
      )
        break;
      found = ending.targets[0]!;
    }
    return found;
  };
  for (const { ending } of code.blocks) {
    ending.targets = ending.targets.map(destination);
    if (ending.kind === "branch" && ending.targets[0] === ending.targets[1]) ending.kind = "jump";
  }
}

function countPredecessors(code: MachineFunction): Map<MachineBlock, number> {
  const entry = code.blocks[0]!;
  const counts = new Map<MachineBlock, number>([[entry, 0]]);
  const pending = [entry];
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    for (const target of block.ending.targets) {
      if (!counts.has(target)) pending.push(target);
      counts.set(target, (counts.get(target) ?? 0) + 1);
    }
  }
  return counts;
}
