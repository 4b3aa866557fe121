/**
 * Global value numbering: every computation is made once where it dominates its readers, and never where its result is known already.
 *
 * One walk down the dominator tree does what needs the same walk: simplification (simplify.ts), common subexpressions, loads of what memory is known to
 * hold (memory-state.ts), checks and branches that are decided by earlier ones (relations.ts). Begin reading at `numberValues`.
 */
import { fitsImmediate } from "./constants.ts";
import { dominates } from "./dominators.ts";
import { assumeInduction } from "./induction-facts.ts";
import { type Aliases, MemoryState, privateSlots } from "./memory-state.ts";
import { possibleBits } from "./possible-bits.ts";
import { holdsBehind, Relations } from "./relations.ts";
import { isOperator, type Maker, simplify, simplifyBranch } from "./simplify.ts";
import { applyReplacements, type Block, type Graph, isComparison, removeEdge, resolve, type Value } from "./ssa.ts";
import { soleArgument } from "./ssa-build.ts";

/** Needs `analyse`; leaves branches that are decided as jumps, with unreachable blocks behind them. */
export function numberValues(graph: Graph, isConstant: (symbol: string) => boolean): void {
  new Numbering(graph, { privateSlots: privateSlots(graph), isConstant }).run();
  applyReplacements(graph);
}

class Numbering implements Maker {
  private readonly known = new Map<string, Value>();
  /** Keys of `known` in the order of their arrival, to be taken back. */
  private readonly arrivals: string[] = [];
  private readonly facts = new Relations();
  private readonly reached = new Set<Block>();
  /** What memory holds at the end of each block. */
  private readonly memories = new Map<Block, MemoryState>();
  private memory: MemoryState;
  private block!: Block;
  private position!: Value["position"];
  private out: Value[] = [];

  constructor(
    readonly graph: Graph,
    private readonly aliases: Aliases,
  ) {
    this.memory = new MemoryState(aliases);
  }

  run(): void {
    const stack = [this.enter(this.graph.entry)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const child = top.block.dominated[top.next++];
      if (child !== undefined) stack.push(this.enter(child));
      else {
        stack.pop();
        this.facts.release(top.facts);
        while (this.arrivals.length > top.arrivals) this.known.delete(this.arrivals.pop()!);
      }
    }
  }

  private enter(block: Block): { block: Block; next: number; facts: number; arrivals: number } {
    const scope = { block, next: 0, facts: this.facts.mark(), arrivals: this.arrivals.length };
    if (!this.isReached(block)) return scope;
    this.reached.add(block);
    this.block = block;
    this.memory = this.memoryAtEntry(block);
    this.assumeEdge(block);
    if (block.loop?.header === block) assumeInduction(block, this.facts);
    const { values } = block;
    this.out = [];
    for (const value of values) this.value(value);
    block.values = this.out;
    this.ending(block);
    this.memories.set(block, this.memory);
    return scope;
  }

  /** Branches that were decided may have cut the block off; what lies behind it may no longer make sense then. */
  private isReached(block: Block): boolean {
    if (block === this.graph.entry) return true;
    return block.predecessors.some(
      (each) => this.reached.has(each) || (each.order > block.order && !dominates(block, each)),
    );
  }

  /** What the only way into the block tells. */
  private assumeEdge(block: Block): void {
    const [from, ...others] = block.predecessors;
    if (from === undefined || others.length > 0) return;
    const { kind, operator, values, targets, cases, caseTargets } = from.ending;
    if (kind === "branch") {
      const [left, right] = values as [Value, Value];
      this.facts.assume(holdsBehind(operator, targets[0] === block), resolve(left), resolve(right));
    } else if (kind === "switch") {
      const place = targets.indexOf(block);
      const mine = cases.filter((_, index) => caseTargets[index] === place);
      if (place !== 0 && mine.length === 1) {
        this.facts.assume("equal", resolve(values[0]!), this.graph.constant(mine[0]!));
      }
    }
  }

  private ending(block: Block): void {
    const { ending } = block;
    for (const [index, value] of ending.values.entries()) ending.values[index] = resolve(value);
    if (ending.kind === "branch") {
      let gone = simplifyBranch(ending, this.graph);
      if (gone === null) {
        const known = this.facts.implies(ending.operator, ending.values[0]!, ending.values[1]!);
        if (known !== null) {
          gone = ending.targets[known ? 1 : 0]!;
          ending.kind = "jump";
          ending.values = [];
          ending.targets = [ending.targets[known ? 0 : 1]!];
        }
      }
      if (gone !== null) removeEdge(block, gone);
    } else if (ending.kind === "switch") this.decideSwitch(block);
  }

  private decideSwitch(block: Block): void {
    const { ending } = block;
    const [value] = ending.values as [Value];
    if (value.kind !== "constant") return;
    const index = ending.cases.indexOf(value.offset);
    const target = ending.targets[index < 0 ? 0 : ending.caseTargets[index]!]!;
    for (const other of ending.targets) if (other !== target) removeEdge(block, other);
    Object.assign(ending, { kind: "jump", targets: [target], values: [], cases: [], caseTargets: [] });
  }

  // Values

  /** Takes a value of the block: it stays, or an equal one is used instead. */
  private value(value: Value): void {
    if (value.replacement !== null) return;
    for (let index = 0; index < value.inputs.length; index++) value.inputs[index] = resolve(value.inputs[index]!);
    this.position = value.position;
    if (value.kind === "phi") return this.phi(value);
    const simpler = simplify(value, this);
    if (simpler !== null) {
      value.replacement = resolve(simpler);
      return;
    }
    if (value.replacement !== null) return; // a check that always holds
    if (isOperator(value.kind) || value.kind === "symbol" || value.kind === "slot") {
      const equal = this.lookUp(value);
      if (equal !== value) value.replacement = equal;
      return;
    }
    this.out.push(value);
    this.effect(value);
  }

  private phi(phi: Value): void {
    const same = soleArgument(phi);
    if (same !== null && this.block.predecessors.length > 0) {
      phi.replacement = same;
      return;
    }
    const equal = this.unique(`phi ${this.block.id} ${phi.inputs.map(({ id }) => id).join(" ")}`, phi);
    if (equal === phi) this.out.push(phi);
    else phi.replacement = equal;
  }

  /** The value itself, which joins the block, or the one that computes the same and dominates it. */
  private lookUp(value: Value): Value {
    if (isOperator(value.kind)) {
      const decided = this.decided(value);
      if (decided !== null) return decided;
    }
    const [left, right] = value.inputs;
    const equal = this.unique(
      `${value.kind} ${left?.id} ${right?.id} ${value.offset} ${value.slot} ${value.symbol}`,
      value,
    );
    if (equal === value) this.out.push(value);
    return equal;
  }

  /** A comparison whose outcome the facts know. */
  private decided(value: Value): Value | null {
    if (!isComparison(value.kind)) return null;
    const known = this.facts.implies(value.kind, value.inputs[0]!, value.inputs[1]!);
    return known === null ? null : this.graph.constant(known ? 1 : 0);
  }

  private unique(key: string, value: Value): Value {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.known.set(key, value);
    this.arrivals.push(key);
    return value;
  }

  make(kind: Value["kind"], ...inputs: Value[]): Value {
    const value = this.graph.value(kind, this.position, inputs.map(resolve));
    return this.finish(value);
  }

  address(like: Value, offset: number): Value {
    const value = this.graph.value(like.kind, this.position, []);
    value.symbol = like.symbol;
    value.slot = like.slot;
    value.offset = offset;
    return this.finish(value);
  }

  private finish(value: Value): Value {
    value.block = this.block;
    const simpler = simplify(value, this);
    return simpler === null ? this.lookUp(value) : resolve(simpler);
  }

  // Memory, checks

  private effect(value: Value): void {
    switch (value.kind) {
      case "load":
        return this.load(value);
      case "store":
        return this.store(value);
      case "check":
        return this.check(value);
      default:
        return this.memory.apply(value);
    }
  }

  private drop(value: Value): void {
    this.out.splice(this.out.lastIndexOf(value), 1);
  }

  private load(load: Value): void {
    if (load.volatile) return;
    this.assumePlace(load);
    const held = this.memory.find(load);
    if (held === null) return this.memory.remember(load, load, load.signed);
    this.drop(load);
    load.replacement = held;
  }

  private store(store: Value): void {
    const source = store.inputs[1]!;
    if (!store.volatile && store.bytes === 4 && this.memory.find(store) === source) {
      this.drop(store);
      store.replacement = source; // nobody reads a store: this drops it
      return;
    }
    this.memory.apply(store);
    if (store.volatile) return;
    this.assumePlace(store);
    const fits = store.bytes === 4 || (possibleBits(source) & ~((1 << (8 * store.bytes)) - 1)) === 0;
    if (fits) this.memory.remember(store, source, false);
  }

  /** An access through null, which nothing is mapped near, has not come this far. */
  private assumePlace({ inputs, offset }: Value): void {
    if (offset >= 0 && fitsImmediate(offset)) this.facts.assume("notEqual", inputs[0]!, this.graph.constant(0));
  }

  private check(check: Value): void {
    const [left, right] = check.inputs as [Value, Value];
    if (this.facts.implies(check.operator, left, right) === true) {
      this.drop(check);
      check.replacement = left; // nobody reads a check: this drops it
      return;
    }
    this.facts.assume(check.operator, left, right);
  }

  /** What memory is known to hold where the block begins. */
  private memoryAtEntry(block: Block): MemoryState {
    const inside = block.loop?.header === block ? block.loop.blocks : null;
    let state: MemoryState | null = null;
    for (const predecessor of block.predecessors) {
      if (inside?.has(predecessor)) continue;
      const before = this.memories.get(predecessor);
      if (before === undefined) return new MemoryState(this.aliases); // around a loop with two entrances
      if (state === null) state = before.copy();
      else state.intersect(before);
    }
    if (state === null) return new MemoryState(this.aliases);
    if (inside !== null) for (const { values } of inside) for (const value of values) state.apply(value);
    return state;
  }
}
