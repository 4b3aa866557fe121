/**
 * The back end: one lowered module to relocatable machine code.
 *
 * Every stage is a file: optimise.ts and its passes, switches.ts, edges.ts, constants.ts, select.ts, allocate.ts, block-order.ts, emit.ts. `generate`
 * is a pure function of its arguments, so its results can be cached. Begin reading here, then follow `compileFunction`.
 */
import { allocate } from "./allocate.ts";
import { assembleRoutine } from "./assembler.ts";
import { markCold, orderBlocks } from "./block-order.ts";
import { calleesFirst } from "./call-order.ts";
import { placeConstants } from "./constants.ts";
import { analyse, order } from "./dominators.ts";
import { bypassMerges, splitCriticalEdges } from "./edges.ts";
import { emit } from "./emit.ts";
import { clobbersOf } from "./frame.ts";
import type * as IR from "./ir.ts";
import type { ObjectFile, Section } from "./object.ts";
import { optimise, type Surroundings } from "./optimise.ts";
import { select } from "./select.ts";
import { settleFrame, shrinkWrap } from "./shrink-wrap.ts";
import type { Graph } from "./ssa.ts";
import { buildGraph } from "./ssa-build.ts";
import { lowerSwitches } from "./switches.ts";

export { deserialize, serialize } from "./object-codec.ts";

export interface Options {
  readonly optimise: boolean;
}

/**
 * Machine code for everything in `module`. `modules` are other modules, by path: those whose
 * functions it may inline. More of them make no difference.
 * Throws AssemblyError where `asm` text is wrong.
 */
export function generate(module: IR.Module, modules: ReadonlyMap<string, IR.Module>, options: Options): ObjectFile {
  const surroundings = surroundingsOf(module, modules);
  const graphs = module.functions.map((source) =>
    options.optimise ? optimise(source, surroundings) : buildGraph(source),
  );
  const compiled = compileFunctions(graphs, options);
  const sections = graphs.flatMap(({ symbol }) => compiled.get(symbol)!);
  for (const routine of module.routines) sections.push(assembleRoutine(routine));
  for (const data of module.data) sections.push(dataSection(data));
  return { path: module.path, sections };
}

/** The sections of each function. */
function compileFunctions(graphs: readonly Graph[], { optimise }: Options): Map<string, Section[]> {
  const sections = new Map<string, Section[]>();
  const clobbers = new Map<string, number>();
  for (const graph of optimise ? calleesFirst(graphs) : graphs) {
    prepare(graph, optimise);
    const code = select(graph, clobbers);
    markCold(code);
    if (optimise) shrinkWrap(code);
    allocate(code);
    settleFrame(code);
    orderBlocks(code);
    sections.set(graph.symbol, emit(code));
    if (optimise) clobbers.set(graph.symbol, clobbersOf(code));
  }
  return sections;
}

/** The graph as instruction selection wants it. */
function prepare(graph: Graph, optimise: boolean): void {
  lowerSwitches(graph);
  if (optimise) bypassMerges(graph);
  order(graph);
  splitCriticalEdges(graph);
  analyse(graph);
  placeConstants(graph, optimise);
}

/** Only what the module itself and the functions that it inlines say may influence its code: that is what the cache's keys are made of. */
function surroundingsOf(module: IR.Module, modules: ReadonlyMap<string, IR.Module>): Surroundings {
  const constants = new Set(module.data.flatMap(({ symbol, writable }) => (writable ? [] : [symbol])));
  return {
    lookup(symbol) {
      const path = symbol.slice(0, symbol.indexOf(":"));
      const owner = path === module.path ? module : modules.get(path);
      return owner === undefined ? null : (functionsOf(owner).get(symbol) ?? null);
    },
    isConstant: (symbol) => constants.has(symbol),
  };
}

const functionTables = new WeakMap<IR.Module, ReadonlyMap<string, IR.Function>>();

function functionsOf(module: IR.Module): ReadonlyMap<string, IR.Function> {
  let table = functionTables.get(module);
  if (table === undefined) {
    table = new Map(module.functions.map((source) => [source.symbol, source]));
    functionTables.set(module, table);
  }
  return table;
}

function dataSection({ symbol, bytes: size, alignment, writable, content, relocations }: IR.Data): Section {
  const nothing = { lines: [], frames: [], checks: [] };
  if (content === null && relocations.length === 0) {
    const empty = new Uint8Array(0);
    return {
      symbol,
      kind: writable ? "zero" : "constant",
      alignment,
      size,
      bytes: writable ? empty : new Uint8Array(size),
      relocations: [],
      ...nothing,
    };
  }
  const bytes = new Uint8Array(size);
  if (content !== null) bytes.set(content);
  const words = relocations.map((relocation) => ({ ...relocation, kind: "word" as const }));
  return { symbol, kind: writable ? "data" : "constant", alignment, size, bytes, relocations: words, ...nothing };
}
