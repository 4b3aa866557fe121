/**
 * Drops what nobody needs: values without readers and effects, unreachable blocks, blocks that only hand over to the next.
 */
import { order } from "./dominators.ts";
import { mergeChains } from "./edges.ts";
import { applyReplacements, type Graph, hasEffect, type Value } from "./ssa.ts";
import { removeTrivialPhis } from "./ssa-build.ts";

export function removeDeadCode(graph: Graph): void {
  order(graph);
  removeTrivialPhis(graph);
  mergeChains(graph);
  applyReplacements(graph);
  removeUnread(graph);
}

/** Marks from the effects back to what they read; even phis that only read each other go. */
function removeUnread(graph: Graph): void {
  const live = new Uint8Array(graph.valueCount);
  const pending: Value[] = [];
  const need = (value: Value): void => {
    if (live[value.id] !== 0) return;
    live[value.id] = 1;
    pending.push(value);
  };
  for (const block of graph.blocks) {
    for (const value of block.values) if (hasEffect(value)) need(value);
    block.ending.values.forEach(need);
  }
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) value.inputs.forEach(need);
  for (const block of graph.blocks) block.values = block.values.filter(({ id }) => live[id] !== 0);
}
