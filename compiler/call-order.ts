/**
 * The order in which a module's functions are compiled: what is called comes before its callers, so that they know which registers it leaves alone.
 *
 * Around a recursion somebody has to be first; it takes the calling convention's word. Begin reading at `calleesFirst`.
 */
import type { Graph } from "./ssa.ts";

/** The graphs, reordered. */
export function calleesFirst(graphs: readonly Graph[]): Graph[] {
  const bySymbol = new Map(graphs.map((graph) => [graph.symbol, graph]));
  const ordered = new Set<Graph>();
  const entered = new Set<Graph>();
  const visit = (graph: Graph): void => {
    if (entered.has(graph)) return;
    entered.add(graph);
    for (const { values } of graph.blocks) {
      for (const { kind, symbol } of values) {
        const callee = kind === "call" ? bySymbol.get(symbol) : undefined;
        if (callee !== undefined) visit(callee);
      }
    }
    ordered.add(graph);
  };
  graphs.forEach(visit);
  return [...ordered];
}
