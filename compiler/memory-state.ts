/**
 * What is known to lie in memory at a point of the program: results of earlier loads and stores, until something may overwrite them.
 *
 * The alias rules are simple: different symbols, and symbols and slots, do not overlap; two places at constant distances from the same base overlap
 * if their bytes do; a slot whose address goes nowhere is out of reach of calls and unknown pointers; constants never change. Anything
 * else may overlap. Begin reading at `MemoryState`.
 */
import { type Graph, isLinkerSymbol, resolve, type Value } from "./ssa.ts";

/** So much is remembered at a time. */
const LIMIT = 64;

interface Entry {
  readonly base: Value;
  readonly offset: number;
  readonly bytes: number;
  /** What a load of this width finds; `signed` where the load was. */
  readonly value: Value;
  readonly signed: boolean;
}

/** What the alias rules have to know about the whole function. */
export interface Aliases {
  /** Slots whose address is only ever used to load and store. */
  readonly privateSlots: ReadonlySet<number>;
  isConstant(symbol: string): boolean;
}

/** Where a pointer points into, as far as one can see. */
interface Root {
  readonly kind: "symbol" | "slot" | "unknown";
  readonly symbol: string;
  readonly slot: number;
  /** From the start of the symbol or slot; null where it is computed. */
  readonly offset: number | null;
}

const UNKNOWN: Root = { kind: "unknown", symbol: "", slot: 0, offset: null };

export class MemoryState {
  private entries: Entry[] = [];

  constructor(private readonly aliases: Aliases) {}

  copy(): MemoryState {
    const copy = new MemoryState(this.aliases);
    copy.entries = [...this.entries];
    return copy;
  }

  /** Keeps what the other knows too. */
  intersect(other: MemoryState): void {
    this.entries = this.entries.filter((entry) =>
      other.entries.some(
        (each) => each.value === entry.value && samePlace(each, entry) && each.signed === entry.signed,
      ),
    );
  }

  /** What a load would find. */
  find(load: Value): Value | null {
    for (const entry of this.entries) {
      if (entry.base !== load.inputs[0] || entry.offset !== load.offset || entry.bytes !== load.bytes) continue;
      if (entry.signed === load.signed || load.bytes === 4) return entry.value;
    }
    return null;
  }

  remember(access: Value, value: Value, signed: boolean): void {
    if (this.entries.length >= LIMIT) this.entries.shift();
    this.entries.push({ base: access.inputs[0]!, offset: access.offset, bytes: access.bytes, value, signed });
  }

  /** Forgets what the value may change. */
  apply(value: Value): void {
    switch (value.kind) {
      case "store":
        return this.overwrite(resolve(value.inputs[0]!), value.offset, value.bytes);
      case "copy":
      case "zero":
        return this.overwrite(resolve(value.inputs[0]!), 0, value.bytes);
      case "call":
      case "callIndirect":
      case "environmentCall":
      case "assembly":
      case "fence":
      case "writeCsr":
        return this.overwriteAll();
    }
  }

  private overwrite(base: Value, offset: number, bytes: number): void {
    if (this.entries.length === 0) return;
    const root = rootOf(base);
    this.entries = this.entries.filter((entry) => !this.overlaps(entry, base, root, offset, bytes));
  }

  /** A call or anything else that may write wherever it can reach. */
  private overwriteAll(): void {
    this.entries = this.entries.filter(({ base }) => {
      const root = rootOf(base);
      if (root.kind === "slot") return this.aliases.privateSlots.has(root.slot);
      return root.kind === "symbol" && this.aliases.isConstant(root.symbol);
    });
  }

  private overlaps(entry: Entry, base: Value, root: Root, offset: number, bytes: number): boolean {
    if (entry.base === base) return entry.offset < offset + bytes && offset < entry.offset + entry.bytes;
    const other = rootOf(entry.base);
    if (other.kind === "symbol" && this.aliases.isConstant(other.symbol)) return false;
    if (root.kind === "unknown" || other.kind === "unknown") {
      const known = root.kind === "unknown" ? other : root;
      return !(known.kind === "slot" && this.aliases.privateSlots.has(known.slot));
    }
    if (root.kind !== other.kind || root.symbol !== other.symbol || root.slot !== other.slot) return false;
    if (root.offset === null || other.offset === null) return true;
    const [mine, its] = [root.offset + offset, other.offset + entry.offset];
    return its < mine + bytes && mine < its + entry.bytes;
  }
}

const samePlace = (one: Entry, other: Entry): boolean =>
  one.base === other.base && one.offset === other.offset && one.bytes === other.bytes;

/** Follows additions to the object that an address is derived from. */
export function rootOf(address: Value): Root {
  let value = address;
  let offset: number | null = 0;
  for (let steps = 0; steps < 8; steps++) {
    if (value.kind === "symbol" && isLinkerSymbol(value.symbol)) return UNKNOWN;
    if (value.kind === "symbol" || value.kind === "slot") {
      const at: number | null = offset === null ? null : offset + value.offset;
      return { kind: value.kind, symbol: value.symbol, slot: value.kind === "slot" ? value.slot : 0, offset: at };
    }
    if (value.kind !== "add") return UNKNOWN;
    const [left, right] = value.inputs as [Value, Value];
    if (right.kind === "constant") offset = offset === null ? null : offset + right.offset;
    else offset = null;
    // An address plus an index: the address is the side that can be followed.
    value = right.kind !== "constant" && leadsToObject(right) ? right : left;
  }
  return UNKNOWN;
}

function leadsToObject(value: Value): boolean {
  let found = value;
  for (let steps = 0; steps < 4 && found.kind === "add"; steps++) found = found.inputs[0]!;
  return found.kind === "symbol" || found.kind === "slot";
}

/** The slots whose address is only used as the base of loads, stores, copies and zeroing, at constant or computed places inside. */
export function privateSlots(graph: Graph): Set<number> {
  const found = new Set(graph.slots.keys());
  const derived = new Map<Value, number>();
  for (const block of graph.blocks) {
    for (const value of block.values) if (value.kind === "slot") derived.set(value, value.slot);
  }
  // Sums of a slot's address are addresses in it. Values come before their readers, but for phis, which count as escapes.
  for (const block of graph.blocks) {
    for (const value of block.values) {
      for (const [index, input] of value.inputs.entries()) {
        const slot = derived.get(input);
        if (slot === undefined) continue;
        if (value.kind === "add" || value.kind === "subtract") derived.set(value, slot);
        else if (!usesAsPlace(value, index)) found.delete(slot);
      }
    }
    for (const value of block.ending.values) {
      const slot = derived.get(value);
      if (slot !== undefined) found.delete(slot);
    }
  }
  return found;
}

function usesAsPlace(value: Value, index: number): boolean {
  if (value.kind === "store") return index === 0;
  return value.kind === "load" || value.kind === "copy" || value.kind === "zero";
}
