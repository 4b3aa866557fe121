/**
 * A block in two copies: some of its predecessors get one of their own, in which more may be known than in the one that all share.
 *
 * What the block computes then comes from two places, so those who read it elsewhere read a phi: the construction of Braun et al. (see
 * ssa-build.ts) over again, for the values of one block. Loop inversion and jump threading are made of this. Begin reading at `duplicate`.
 */
import { type Block, ending, type Graph, removeEdge, type Value } from "./ssa.ts";

/** The block's copy, which those of its predecessors reach that are named. Dominators are no longer valid, and some phis may be trivial. */
export function duplicate(graph: Graph, block: Block, predecessors: readonly Block[]): Block {
  const readers = readersElsewhere(graph, block);
  const copy = graph.block();
  copy.loop = block.loop;
  const twins = copyValues(graph, block, copy, predecessors);
  copyEnding(block, copy, twins);
  for (const predecessor of predecessors) {
    predecessor.ending.targets[predecessor.ending.targets.indexOf(block)] = copy;
    removeEdge(predecessor, block);
  }
  copy.predecessors = [...predecessors];
  graph.blocks.push(copy);
  for (const [value, places] of readers) new Repair(graph, value, block, twins.get(value)!, copy).run(places);
  return copy;
}

/** Somebody who reads a value: input number `index` of a value, or of its block's ending. */
interface Reader {
  readonly block: Block;
  /** Null: the ending. */
  readonly value: Value | null;
  readonly index: number;
}

/** Who reads the block's values outside of it, or in it when control comes round to it again. */
function readersElsewhere(graph: Graph, block: Block): Map<Value, Reader[]> {
  const found = new Map<Value, Reader[]>();
  const note = (read: Value, reader: Reader): void => {
    if (read.block !== block) return;
    const readers = found.get(read);
    if (readers === undefined) found.set(read, [reader]);
    else readers.push(reader);
  };
  for (const each of graph.blocks) {
    for (const value of each.values) {
      if (each === block && value.kind !== "phi") break;
      for (const [index, input] of value.inputs.entries()) note(input, { block: each, value, index });
    }
    if (each === block) continue;
    for (const [index, value] of each.ending.values.entries()) note(value, { block: each, value: null, index });
  }
  return found;
}

/** Fills the copy; returns what stands there for each of the block's values. */
function copyValues(graph: Graph, block: Block, copy: Block, predecessors: readonly Block[]): Map<Value, Value> {
  const twins = new Map<Value, Value>();
  const places = predecessors.map((each) => block.predecessors.indexOf(each));
  for (const value of block.values) {
    const inputs =
      value.kind === "phi"
        ? places.map((place) => value.inputs[place]!)
        : value.inputs.map((input) => twins.get(input) ?? input);
    const twin = graph.like(value, inputs);
    twin.block = copy;
    twins.set(value, twin);
    copy.values.push(twin);
  }
  return twins;
}

function copyEnding(block: Block, copy: Block, twins: ReadonlyMap<Value, Value>): void {
  const { kind, position, operator, values, targets, cases, caseTargets, reason } = block.ending;
  const read = values.map((value) => twins.get(value) ?? value);
  copy.ending = ending(kind, position, [...targets], read);
  Object.assign(copy.ending, { operator, cases: [...cases], caseTargets: [...caseTargets], reason });
  for (const target of targets) {
    const place = target.predecessors.indexOf(block);
    target.predecessors.push(copy);
    for (const value of target.values) {
      if (value.kind !== "phi") break;
      const input = value.inputs[place]!;
      value.inputs.push(twins.get(input) ?? input);
    }
  }
}

/** Gives the readers of a value that is now computed in two blocks the one that reaches them. */
class Repair {
  private readonly atStart = new Map<Block, Value>();

  constructor(
    private readonly graph: Graph,
    private readonly value: Value,
    private readonly block: Block,
    private readonly twin: Value,
    private readonly copy: Block,
  ) {}

  run(readers: readonly Reader[]): void {
    for (const { block, value, index } of readers) {
      if (value === null) block.ending.values[index] = this.startOf(block);
      else if (value.kind === "phi") this.phi(value);
      else value.inputs[index] = this.startOf(block);
    }
    // The copy's own phis, where control comes round to it.
    for (const value of this.copy.values) if (value.kind === "phi") this.phi(value);
  }

  private phi(phi: Value): void {
    const { predecessors } = phi.block!;
    for (const [index, input] of phi.inputs.entries()) {
      if (input === this.value) phi.inputs[index] = this.endOf(predecessors[index]!);
    }
  }

  private endOf(block: Block): Value {
    if (block === this.block) return this.value;
    return block === this.copy ? this.twin : this.startOf(block);
  }

  private startOf(block: Block): Value {
    const known = this.atStart.get(block);
    if (known !== undefined) return known;
    if (block.predecessors.length === 1) {
      const value = this.endOf(block.predecessors[0]!);
      this.atStart.set(block, value);
      return value;
    }
    const phi = this.graph.value("phi", this.value.position, []);
    phi.block = block;
    this.atStart.set(block, phi); // ends the recursion around a loop
    phi.inputs = block.predecessors.map((predecessor) => this.endOf(predecessor));
    block.values.unshift(phi);
    return phi;
  }
}
