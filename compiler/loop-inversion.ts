/**
 * Loop inversion: a test at the top becomes a test at the bottom behind a guard, so that an iteration costs one branch.
 *
 * The header is copied for those who enter the loop; those who come round keep the original, which is the loop's last block from then on. That is
 * right for any block; it is done where the header is short and ends with the loop's exit. Begin reading at `invertLoops`.
 */
import { duplicate } from "./duplicate.ts";
import type { Block, Graph, Loop } from "./ssa.ts";

/** A header longer than this is not copied. */
const HEADER_VALUES = 10;

/** Needs `analyse`. Returns whether the graph has changed; then it has to be analysed again. */
export function invertLoops(graph: Graph): boolean {
  const headers = graph.blocks.filter((block) => block.loop?.header === block && isWorthIt(block, block.loop));
  for (const header of headers) {
    const loop = header.loop!;
    const copy = duplicate(
      graph,
      header,
      header.predecessors.filter((block) => !loop.blocks.has(block)),
    );
    // It stands outside this loop, but inside those around it.
    copy.loop = loop.parent;
    for (let around = loop.parent; around !== null; around = around.parent) around.blocks.add(copy);
  }
  return headers.length > 0;
}

function isWorthIt({ values, ending }: Block, { header, blocks }: Loop): boolean {
  if (ending.kind !== "branch") return false;
  const length = values.reduce((sum, { kind }) => (kind === "phi" ? sum : sum + 1), 0);
  if (length > HEADER_VALUES) return false;
  if (values.some(({ kind }) => kind === "call" || kind === "callIndirect" || kind === "assembly")) return false;
  const [then, otherwise] = ending.targets as [Block, Block];
  // A loop of one block has its test at the bottom already.
  if (then === header || otherwise === header) return false;
  return blocks.has(then) !== blocks.has(otherwise);
}
