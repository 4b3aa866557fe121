/**
 * IR to SSA: every assignment becomes a value, every place where assignments meet a phi.
 *
 * The algorithm is that of Braun et al., "Simple and Efficient Construction of Static Single Assignment Form" (CC 2013): a read looks for the
 * last assignment in its block, then in the predecessors; a block whose predecessors are not all translated yet gets incomplete phis, which are
 * filled in when they are. Moves vanish on the way. Begin reading at `buildGraph`.
 */
import type * as IR from "./ir.ts";
import { applyReplacements, type Block, type Ending, ending, Graph, resolve, type Value } from "./ssa.ts";

/** The SSA form of a function, without its unreachable blocks. */
export function buildGraph(source: IR.Function): Graph {
  const graph = new Graph(source.symbol, source.position, [...source.slots], source.parameters.length);
  new Builder(graph, source).run();
  removeTrivialPhis(graph);
  return graph;
}

class Builder {
  private readonly blocks: Block[] = [];
  private readonly definitions = new Map<Block, Map<IR.Register, Value>>();
  private readonly incomplete = new Map<Block, { register: IR.Register; phi: Value }[]>();
  private readonly filled = new Set<Block>();
  private readonly sealed = new Set<Block>();

  constructor(
    private readonly graph: Graph,
    private readonly source: IR.Function,
  ) {}

  run(): void {
    const order = reversePostorder(this.source);
    // A block of our own before the entry, so that the entry may be a loop's header.
    const start = this.newBlock();
    this.graph.blocks.push(start);
    for (const index of order) {
      this.blocks[index] = this.newBlock();
      this.graph.blocks.push(this.blocks[index]!);
    }
    this.connect(order);
    this.parameters(start);
    this.finish(start);
    for (const index of order) this.translate(index);
  }

  private newBlock(): Block {
    const block = this.graph.block();
    this.definitions.set(block, new Map());
    return block;
  }

  /** All edges first, so that a block knows how many predecessors it waits for. */
  private connect(order: number[]): void {
    const start = this.graph.entry;
    start.ending = ending("jump", this.source.position, [this.blocks[0]!]);
    this.blocks[0]!.predecessors.push(start);
    for (const index of order) {
      const block = this.blocks[index]!;
      block.ending = this.endingOf(this.source.blocks[index]!.terminator);
      for (const target of block.ending.targets) target.predecessors.push(block);
    }
  }

  private endingOf(terminator: IR.Terminator): Ending {
    const result = ending(terminator.kind, terminator.position);
    const target = (index: number): number => {
      const block = this.blocks[index]!;
      const known = result.targets.indexOf(block);
      return known >= 0 ? known : result.targets.push(block) - 1;
    };
    if (terminator.kind === "jump") target(terminator.to);
    else if (terminator.kind === "branch") {
      result.operator = terminator.operator;
      target(terminator.then);
      target(terminator.otherwise);
      if (result.targets.length === 1) result.kind = "jump";
    } else if (terminator.kind === "switch") {
      target(terminator.otherwise);
      for (const { value, to } of terminator.cases) {
        result.cases.push(value | 0);
        result.caseTargets.push(target(to));
      }
      if (result.targets.length === 1) result.kind = "jump";
    } else if (terminator.kind === "trap") result.reason = terminator.reason;
    return result;
  }

  private parameters(start: Block): void {
    for (const [index, register] of this.source.parameters.entries()) {
      const value = this.append(start, "parameter", this.source.position, []);
      value.offset = index;
      this.write(start, register, value);
    }
  }

  private translate(index: number): void {
    const block = this.blocks[index]!;
    this.sealIfReady(block);
    const { instructions, terminator } = this.source.blocks[index]!;
    for (const instruction of instructions) this.instruction(block, instruction);
    const { ending: end } = block;
    if (terminator.kind === "branch" && end.kind === "branch") {
      end.values = [this.read(block, terminator.left), this.read(block, terminator.right)];
    } else if (terminator.kind === "switch" && end.kind === "switch") end.values = [this.read(block, terminator.value)];
    else if (terminator.kind === "return") end.values = terminator.values.map((value) => this.read(block, value));
    this.finish(block);
  }

  /** The block's assignments are complete: successors that waited for it can close. */
  private finish(block: Block): void {
    this.filled.add(block);
    for (const target of block.ending.targets) this.sealIfReady(target);
  }

  private sealIfReady(block: Block): void {
    if (this.sealed.has(block) || !block.predecessors.every((each) => this.filled.has(each))) return;
    this.sealed.add(block);
    for (const { register, phi } of this.incomplete.get(block) ?? []) this.fillPhi(phi, register);
  }

  private instruction(block: Block, instruction: IR.Instruction): void {
    const { position } = instruction;
    const read = (operand: IR.Operand): Value => this.read(block, operand);
    switch (instruction.kind) {
      case "move":
        return this.write(block, instruction.target, read(instruction.source));
      case "binary": {
        const operands = [read(instruction.left), read(instruction.right)];
        return this.write(block, instruction.target, this.append(block, instruction.operator, position, operands));
      }
      case "symbol":
      case "slot": {
        const value = this.append(block, instruction.kind, position, []);
        if (instruction.kind === "symbol") value.symbol = instruction.symbol;
        else value.slot = instruction.slot;
        value.offset = instruction.offset;
        return this.write(block, instruction.target, value);
      }
      case "load": {
        const value = this.append(block, "load", position, [read(instruction.base)]);
        value.signed = instruction.signed;
        this.memory(value, instruction);
        return this.write(block, instruction.target, value);
      }
      case "store":
        return this.memory(
          this.append(block, "store", position, [read(instruction.base), read(instruction.source)]),
          instruction,
        );
      default:
        return this.effect(block, instruction);
    }
  }

  private memory(value: Value, instruction: { offset: number; bytes: number; volatile: boolean }): void {
    value.offset = instruction.offset;
    value.bytes = instruction.bytes;
    value.volatile = instruction.volatile;
  }

  private effect(block: Block, instruction: IR.Instruction): void {
    const { position } = instruction;
    const append = (kind: Value["kind"], ...operands: IR.Operand[]): Value =>
      this.append(
        block,
        kind,
        position,
        operands.map((operand) => this.read(block, operand)),
      );
    switch (instruction.kind) {
      case "copy":
      case "zero": {
        const operands = instruction.kind === "copy" ? [instruction.target, instruction.source] : [instruction.target];
        const value = append(instruction.kind, ...operands);
        value.bytes = instruction.bytes;
        value.alignment = instruction.alignment;
        return;
      }
      case "call": {
        const value = append("call", ...instruction.arguments);
        value.symbol = instruction.symbol;
        return this.results(block, value, instruction.targets);
      }
      case "callIndirect":
        return this.results(
          block,
          append("callIndirect", instruction.callee, ...instruction.arguments),
          instruction.targets,
        );
      case "environmentCall":
        return this.results(block, append("environmentCall", instruction.number, ...instruction.arguments), [
          instruction.target,
        ]);
      case "readCsr": {
        const value = append("readCsr");
        value.symbol = instruction.csr;
        return this.results(block, value, [instruction.target]);
      }
      case "writeCsr":
        append("writeCsr", instruction.source).symbol = instruction.csr;
        return;
      case "check": {
        const value = append("check", instruction.left, instruction.right);
        value.operator = instruction.operator;
        value.reason = instruction.reason;
        return;
      }
      case "assembly": {
        const values = instruction.operands.flatMap((operand) => (operand.kind === "value" ? [operand.value] : []));
        const value = append("assembly", ...values);
        value.text = instruction.text;
        value.operands = instruction.operands;
        return;
      }
      case "fence":
        append("fence");
    }
  }

  private results(block: Block, call: Value, targets: IR.Register[]): void {
    if (targets.length > 0) this.write(block, targets[0]!, call);
    if (targets.length > 1) this.write(block, targets[1]!, this.append(block, "second", call.position, [call]));
  }

  private append(block: Block, kind: Value["kind"], position: IR.Position, operands: Value[]): Value {
    const value = this.graph.value(kind, position, operands);
    value.block = block;
    block.values.push(value);
    return value;
  }

  private write(block: Block, register: IR.Register, value: Value): void {
    this.definitions.get(block)!.set(register, value);
  }

  private read(block: Block, operand: IR.Operand): Value {
    return operand.kind === "constant"
      ? this.graph.constant(operand.value)
      : this.readRegister(block, operand.register);
  }

  private readRegister(block: Block, register: IR.Register): Value {
    const known = this.definitions.get(block)!.get(register);
    if (known !== undefined) return resolve(known);
    const value = this.readFromPredecessors(block, register);
    this.write(block, register, value);
    return value;
  }

  private readFromPredecessors(block: Block, register: IR.Register): Value {
    if (!this.sealed.has(block) && block.predecessors.length > 0) {
      const phi = this.phi(block);
      const waiting = this.incomplete.get(block);
      if (waiting === undefined) this.incomplete.set(block, [{ register, phi }]);
      else waiting.push({ register, phi });
      return phi;
    }
    // Before the entry nothing is assigned: lowering never reads such a register on a path that matters.
    if (block.predecessors.length === 0) return this.graph.constant(0);
    if (block.predecessors.length === 1) return this.readRegister(block.predecessors[0]!, register);
    const phi = this.phi(block);
    this.write(block, register, phi); // ends the recursion around a loop
    return this.fillPhi(phi, register);
  }

  private phi(block: Block): Value {
    const phi = this.graph.value("phi", this.source.position, []);
    phi.block = block;
    block.values.unshift(phi);
    return phi;
  }

  private fillPhi(phi: Value, register: IR.Register): Value {
    phi.inputs = phi.block!.predecessors.map((predecessor) => this.readRegister(predecessor, register));
    const same = soleArgument(phi);
    if (same !== null) phi.replacement = same;
    return resolve(phi);
  }
}

/** The one value besides itself that the phi can be, or null where there are several. */
export function soleArgument(phi: Value): Value | null {
  let same: Value | null = null;
  for (const argument of phi.inputs) {
    const value = resolve(argument);
    if (value === phi || value === same) continue;
    if (same !== null) return null;
    same = value;
  }
  return same;
}

/** Replaces phis that can only be one value, until there are none; a replaced one may make another trivial. */
export function removeTrivialPhis(graph: Graph): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of graph.blocks) {
      for (const value of block.values) {
        if (value.kind !== "phi") break;
        if (value.replacement !== null) continue;
        const same = soleArgument(value);
        if (same === null) continue;
        value.replacement = same;
        changed = true;
      }
    }
  }
  applyReplacements(graph);
}

function reversePostorder(source: IR.Function): number[] {
  const order: number[] = [];
  const seen = new Set<number>([0]);
  const stack = [{ index: 0, targets: targetsOf(source.blocks[0]!.terminator), next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const target = top.targets[top.next++];
    if (target === undefined) {
      order.push(top.index);
      stack.pop();
    } else if (!seen.has(target)) {
      seen.add(target);
      stack.push({ index: target, targets: targetsOf(source.blocks[target]!.terminator), next: 0 });
    }
  }
  return order.reverse();
}

/** The blocks that control may reach from here, some perhaps twice. */
export function targetsOf(terminator: IR.Terminator): number[] {
  switch (terminator.kind) {
    case "jump":
      return [terminator.to];
    case "branch":
      return [terminator.then, terminator.otherwise];
    case "switch":
      return [terminator.otherwise, ...terminator.cases.map(({ to }) => to)];
    default:
      return [];
  }
}
