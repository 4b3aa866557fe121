/**
 * Loop-invariant code motion: what computes the same each time round is computed once, in front of the loop.
 *
 * Operators move freely, since none can fail. Loads move where nothing in the loop may overwrite their place and they either happen in every
 * iteration or cannot fault. Checks move from the beginning of the header, where nothing has happened yet. Begin reading at `hoistInvariants`.
 */
import { analyse, dominates } from "./dominators.ts";
import { splitEdge } from "./edges.ts";
import { type Aliases, MemoryState, privateSlots, rootOf } from "./memory-state.ts";
import { isOperator } from "./simplify.ts";
import { type Block, ending, type Graph, hasEffect, type Loop, type Value } from "./ssa.ts";

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

  constructor(
    private readonly loop: Loop,
    private readonly aliases: Aliases,
  ) {
    this.preheader = loop.header.predecessors.find((block) => !loop.blocks.has(block))!;
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
      if (hasEffect(value) && value.kind !== "check") quiet = false;
      kept.push(value);
    }
    block.values = kept;
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
    const base = load.inputs[0]!;
    const { header, blocks } = this.loop;
    const always = header.predecessors.every((latch) => !blocks.has(latch) || dominates(block, latch));
    if (!always && rootOf(base).kind === "unknown") return false;
    const memory = new MemoryState(this.aliases);
    memory.remember(load, load, load.signed);
    for (const writer of this.writers) memory.apply(writer);
    return memory.find(load) !== null;
  }
}
