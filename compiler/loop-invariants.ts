/**
 * Loop-invariant code motion: what computes the same each time round is computed once, in front of the loop.
 *
 * Operators move freely, since none can fail. Loads move where nothing in the loop may overwrite their place and they either happen whenever the
 * loop is entered or cannot fault. Checks move from the beginning of the header, where nothing has happened yet. Begin reading at `hoistInvariants`.
 */
import { analyse, dominates } from "./dominators.ts";
import { splitEdge } from "./edges.ts";
import { type Aliases, MemoryState, privateSlots, rootOf } from "./memory-state.ts";
import { isOperator } from "./simplify.ts";
import { type Block, ending, type Graph, hasEffect, type Loop, type Value } from "./ssa.ts";

/** How far to look into how an address is computed. */
const ADDRESS_DEPTH = 4;

/** Needs `analyse`, and leaves it valid. */
export function hoistInvariants(graph: Graph, isConstant: (symbol: string) => boolean): void {
  const loops = loopsOf(graph);
  if (loops.length === 0) return;
  if (addPreheaders(graph, loops)) analyse(graph);
  const aliases = { privateSlots: privateSlots(graph), isConstant };
  // The innermost first: what leaves one loop may leave the next one too.
  for (const loop of loopsOf(graph).sort((a, b) => b.depth - a.depth)) new Hoisting(loop, aliases).run();
}

function loopsOf(graph: Graph): Loop[] {
  return graph.blocks.flatMap((block) => (block.loop?.header === block ? [block.loop] : []));
}

/** Gives every loop a block in front that leads nowhere else. Returns whether the graph has changed. */
function addPreheaders(graph: Graph, loops: readonly Loop[]): boolean {
  let changed = false;
  for (const { header, blocks } of loops) {
    const entries = header.predecessors.filter((block) => !blocks.has(block));
    if (entries.length === 1 && entries[0]!.ending.kind === "jump") continue;
    if (entries.length === 1) splitEdge(graph, entries[0]!, header);
    else joinEntries(graph, header, entries);
    changed = true;
  }
  return changed;
}

/** One way into the header instead of several; the phis split in two. */
function joinEntries(graph: Graph, header: Block, entries: readonly Block[]): void {
  const joined = graph.block();
  joined.ending = ending("jump", header.ending.position, [header]);
  joined.predecessors = [...entries];
  const places = entries.map((entry) => header.predecessors.indexOf(entry));
  for (const phi of header.values) {
    if (phi.kind !== "phi") break;
    const outer = graph.value(
      "phi",
      phi.position,
      places.map((place) => phi.inputs[place]!),
    );
    outer.block = joined;
    joined.values.push(outer);
    phi.inputs = [...phi.inputs.filter((_, index) => !places.includes(index)), outer];
  }
  header.predecessors = [...header.predecessors.filter((_, index) => !places.includes(index)), joined];
  for (const { ending: end } of entries) end.targets[end.targets.indexOf(header)] = joined;
  graph.blocks.push(joined);
}

class Hoisting {
  private readonly preheader: Block;
  private readonly writers: Value[] = [];
  /** Blocks that lead out of the loop, or round again. */
  private readonly ways: Block[];
  /** What checks that stay in the loop compare: addresses made of it are perhaps good only behind them. */
  private readonly checked = new Set<Value>();

  constructor(
    private readonly loop: Loop,
    private readonly aliases: Aliases,
  ) {
    const { header, blocks } = loop;
    this.preheader = header.predecessors.find((block) => !blocks.has(block))!;
    this.ways = [...blocks].filter(({ ending }) =>
      ending.targets.some((target) => target === header || !blocks.has(target)),
    );
  }

  run(): void {
    for (const { values } of this.loop.blocks) {
      for (const value of values) if (hasEffect(value) && value.kind !== "check") this.writers.push(value);
    }
    // In the order of the function, so that operands leave before their readers.
    const blocks = [...this.loop.blocks].sort((a, b) => a.order - b.order);
    for (const block of blocks) {
      const { kind } = block.ending;
      if (kind === "trap" || kind === "unreachable") continue;
      this.block(block);
    }
  }

  private block(block: Block): void {
    let quiet = block === this.loop.header;
    const kept: Value[] = [];
    for (const value of block.values) {
      if (this.movable(value, block, quiet)) {
        value.block = this.preheader;
        this.preheader.values.push(value);
        continue;
      }
      if (value.kind === "check") this.noteChecked(value);
      else if (hasEffect(value)) quiet = false;
      kept.push(value);
    }
    block.values = kept;
  }

  private noteChecked({ inputs }: Value): void {
    for (const input of inputs) if (input.kind !== "constant") this.checked.add(input);
  }

  private movable(value: Value, block: Block, quiet: boolean): boolean {
    const { kind } = value;
    const pure = isOperator(kind) || kind === "symbol" || kind === "slot";
    if (!pure && kind !== "load" && kind !== "check") return false;
    if (!value.inputs.every((input) => input.block === null || !this.loop.blocks.has(input.block))) return false;
    if (kind === "check") return quiet;
    return kind !== "load" || this.loadIsInvariant(value, block);
  }

  private loadIsInvariant(load: Value, block: Block): boolean {
    if (load.volatile) return false;
    if (!this.isAlwaysReached(block, load) && !cannotFault(load)) return false;
    const memory = new MemoryState(this.aliases);
    memory.remember(load, load, load.signed);
    for (const writer of this.writers) memory.apply(writer);
    return memory.find(load) !== null;
  }

  /** Whether the load happens whenever the loop is entered, before anything can have led past it. */
  private isAlwaysReached(block: Block, load: Value): boolean {
    return this.ways.every((way) => dominates(block, way)) && !this.dependsOnCheck(load.inputs[0]!, ADDRESS_DEPTH);
  }

  private dependsOnCheck(value: Value, depth: number): boolean {
    if (this.checked.has(value)) return true;
    if (!isOperator(value.kind)) return false;
    return depth === 0 || value.inputs.some((input) => this.dependsOnCheck(input, depth - 1));
  }
}

/** Whether the load is of an object that is there, at a place that is known. */
function cannotFault(load: Value): boolean {
  const { kind, offset } = rootOf(load.inputs[0]!);
  return kind !== "unknown" && offset !== null;
}
