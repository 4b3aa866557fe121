/**
 * Switches become what the machine has: a jump through a table where the cases are dense, a tree of comparisons where they are not.
 */
import { addEdgeLike } from "./edges.ts";
import type { Comparison } from "./ir.ts";
import { type Block, type Ending, ending, type Graph, removeEdge, type Value } from "./ssa.ts";

/** Fewer cases than this are compared one after the other. */
const TABLE_CASES = 5;
/** A table may have this many entries for each case. */
const TABLE_SPREAD = 3;
const LINEAR_CASES = 3;

interface Case {
  value: number;
  target: Block;
}

export function lowerSwitches(graph: Graph): void {
  for (const block of [...graph.blocks]) {
    if (block.ending.kind === "switch") new Lowering(graph, block).run();
  }
}

class Lowering {
  private readonly old: Ending;
  private readonly value: Value;
  private readonly otherwise: Block;
  /** Holds the old edges during the surgery, as models for the phis' arguments. */
  private readonly carrier: Block;

  constructor(
    private readonly graph: Graph,
    private readonly block: Block,
  ) {
    this.old = block.ending;
    this.value = this.old.values[0]!;
    this.otherwise = this.old.targets[0]!;
    this.carrier = graph.block();
  }

  run(): void {
    const { cases, caseTargets, targets } = this.old;
    const sorted = cases.map((value, index): Case => ({ value, target: targets[caseTargets[index]!]! }));
    sorted.sort((a, b) => a.value - b.value);
    for (const target of targets) target.predecessors[target.predecessors.indexOf(this.block)] = this.carrier;
    this.decide(this.block, sorted);
    for (const target of targets) removeEdge(this.carrier, target);
  }

  /** Ends `block` so that it leads where the switch would, given that no other cases are left. */
  private decide(block: Block, cases: Case[]): void {
    const first = cases[0];
    if (first === undefined) return this.end(block, "jump", [this.otherwise]);
    const span = cases.at(-1)!.value - first.value + 1;
    if (cases.length >= TABLE_CASES && span <= cases.length * TABLE_SPREAD) return this.table(block, cases, span);
    if (cases.length <= LINEAR_CASES) {
      const rest = cases.length === 1 ? this.otherwise : this.graph.block();
      this.branch(block, "equal", first.value, first.target, rest);
      if (rest !== this.otherwise) this.decide(this.adopt(rest), cases.slice(1));
      return;
    }
    const middle = cases.length >> 1;
    const [low, high] = [this.graph.block(), this.graph.block()];
    this.branch(block, "less", cases[middle]!.value, low, high);
    this.decide(this.adopt(low), cases.slice(0, middle));
    this.decide(this.adopt(high), cases.slice(middle));
  }

  private table(block: Block, cases: Case[], span: number): void {
    const { graph } = this;
    let index = this.value;
    const base = cases[0]!.value;
    if (base !== 0) {
      index = graph.value("add", this.old.position, [this.value, graph.constant(-base)]);
      index.block = block;
      block.values.push(index);
    }
    const jump = graph.block();
    this.branch(block, "lessUnsigned", span, jump, this.otherwise, index);
    this.adopt(jump);
    jump.ending = ending("table", this.old.position, [], [index]);
    let next = 0;
    for (let entry = 0; entry < span; entry++) {
      const target = cases[next]!.value === base + entry ? cases[next++]!.target : this.otherwise;
      let place = jump.ending.targets.indexOf(target);
      if (place < 0) {
        place = jump.ending.targets.push(target) - 1;
        addEdgeLike(jump, target, this.carrier);
      }
      jump.ending.cases.push(entry);
      jump.ending.caseTargets.push(place);
    }
  }

  private branch(
    block: Block,
    operator: Comparison,
    against: number,
    then: Block,
    otherwise: Block,
    value = this.value,
  ): void {
    if (then === otherwise) return this.end(block, "jump", [then]);
    this.end(block, "branch", [then, otherwise]);
    block.ending.operator = operator;
    block.ending.values = [value, this.graph.constant(against)];
  }

  private end(block: Block, kind: Ending["kind"], targets: Block[]): void {
    block.ending = ending(kind, this.old.position, targets);
    for (const target of targets) {
      if (this.old.targets.includes(target)) addEdgeLike(block, target, this.carrier);
      else target.predecessors.push(block);
    }
  }

  private adopt(block: Block): Block {
    this.graph.blocks.push(block);
    return block;
  }
}
