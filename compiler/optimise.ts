/**
 * The optimiser: which passes run over a function, in which order.
 *
 * Before SSA: inlining (inline.ts). On SSA: value numbering with simplification, memory and facts (value-numbering.ts), loop inversion
 * (loop-inversion.ts), jump threading (jump-threading.ts), loop invariants (loop-invariants.ts), strength reduction (strength-reduction.ts), dead
 * code (dead-code.ts). Begin reading at `optimise`.
 */
import { removeDeadCode } from "./dead-code.ts";
import { analyse } from "./dominators.ts";
import { inlineCalls, type Lookup } from "./inline.ts";
import type * as IR from "./ir.ts";
import { threadJumps } from "./jump-threading.ts";
import { hoistInvariants } from "./loop-invariants.ts";
import { invertLoops } from "./loop-inversion.ts";
import type { Graph } from "./ssa.ts";
import { buildGraph } from "./ssa-build.ts";
import { reduceStrength } from "./strength-reduction.ts";
import { numberValues } from "./value-numbering.ts";

/** What the optimiser may know of other functions and data. */
export interface Surroundings {
  readonly lookup: Lookup;
  /** Whether the symbol is data that never changes. */
  isConstant(symbol: string): boolean;
}

/** The function in SSA form, better than it was written. */
export function optimise(source: IR.Function, { lookup, isConstant }: Surroundings): Graph {
  const graph = buildGraph(inlineCalls(source, lookup));
  const number = (): void => {
    analyse(graph);
    numberValues(graph, isConstant);
    removeDeadCode(graph);
  };
  number();
  analyse(graph);
  if (invertLoops(graph)) {
    removeDeadCode(graph);
    analyse(graph);
  }
  if (threadJumps(graph)) removeDeadCode(graph);
  number();
  analyse(graph);
  hoistInvariants(graph, isConstant);
  reduceStrength(graph);
  number();
  return graph;
}
