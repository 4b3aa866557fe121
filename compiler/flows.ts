/**
 * Where references go inside one function, as far as can be said without looking at others.
 *
 * The sources are parameters, stack slots and results of calls; the sinks are memory, the function's result, arguments of calls, and variables of outer
 * loops. Order of execution is ignored. escapes.ts puts the functions together. Begin reading at `flowsOf`.
 */
import type { FunctionFacts, Loop } from "./builder.ts";
import type { Instruction, Function as IrFunction, Operand, Position, Register } from "./ir.ts";

/** Parameters, then slots, then two for each call (its results): numbered in this order. */
export type Source = number;

export interface Flow {
  readonly source: Source;
  readonly to:
    | { readonly kind: "memory" }
    | { readonly kind: "result"; readonly word: number }
    | { readonly kind: "argument"; readonly call: number; readonly index: number }
    | { readonly kind: "variable"; readonly name: string; readonly loop: readonly number[] };
  readonly position: Position;
}

export interface FunctionFlows {
  readonly symbol: string;
  readonly parameters: number;
  /** What the parameters refer to: see `shapeOf` in lower-calls.ts. */
  readonly shape: readonly string[];
  /** What lies in each stack slot; the loops it is made in, outermost first. */
  readonly slots: readonly { readonly name: string; readonly loop: readonly number[] }[];
  /** Whom each call calls: a symbol, or for a call through a register what it passes. */
  readonly calls: readonly (string | readonly string[])[];
  readonly flows: readonly Flow[];
}

export function flowsOf(code: IrFunction, facts: FunctionFacts): FunctionFlows {
  return new Analysis(code, facts).run();
}

type Call = Instruction & { kind: "call" | "callIndirect" };

class Analysis {
  readonly #code: IrFunction;
  readonly #facts: FunctionFacts;
  readonly #sources: Map<Register, Set<Source>> = new Map();
  readonly #calls: Call[] = [];
  readonly #loops = new Map<Loop, number>();

  constructor(code: IrFunction, facts: FunctionFacts) {
    this.#code = code;
    this.#facts = facts;
    for (const { instructions } of code.blocks)
      for (const each of instructions) if (each.kind === "call" || each.kind === "callIndirect") this.#calls.push(each);
  }

  run(): FunctionFlows {
    const { symbol, parameters } = this.#code;
    this.#seed();
    while (this.#spread()) {}
    return {
      symbol,
      parameters: parameters.length,
      shape: this.#facts.shape,
      slots: this.#facts.slots.map(({ name, loop }) => ({ name, loop: this.#path(loop) })),
      calls: this.#calls.map((call) => (call.kind === "call" ? call.symbol : this.#facts.callShapes.get(call)!)),
      flows: this.#flows(),
    };
  }

  #seed(): void {
    this.#code.parameters.forEach((register, index) => {
      this.#add(register, [index]);
    });
    const [slots, calls] = [this.#code.parameters.length, this.#code.parameters.length + this.#facts.slots.length];
    for (const { instructions } of this.#code.blocks)
      for (const each of instructions) if (each.kind === "slot") this.#add(each.target, [slots + each.slot]);
    this.#calls.forEach((call, index) => {
      call.targets.forEach((target, word) => {
        this.#add(target, [calls + 2 * index + word]);
      });
    });
  }

  /** One round of moves and address arithmetic; whether anything was new. */
  #spread(): boolean {
    let changed = false;
    for (const { instructions } of this.#code.blocks)
      for (const each of instructions) {
        if (each.kind === "move") changed = this.#add(each.target, this.#of(each.source)) || changed;
        else if (each.kind === "binary" && (each.operator === "add" || each.operator === "subtract"))
          changed = this.#add(each.target, [...this.#of(each.left), ...this.#of(each.right)]) || changed;
      }
    return changed;
  }

  #add(register: Register, sources: Iterable<Source>): boolean {
    if (this.#facts.released.has(register)) return false;
    let known = this.#sources.get(register);
    const before = known?.size ?? 0;
    for (const source of sources) {
      if (known === undefined) this.#sources.set(register, (known = new Set()));
      known.add(source);
    }
    return (known?.size ?? 0) > before;
  }

  #of(operand: Operand): Iterable<Source> {
    return (operand.kind === "register" && this.#sources.get(operand.register)) || [];
  }

  #flows(): Flow[] {
    const flows: Flow[] = [];
    const add = (operand: Operand, to: Flow["to"], position: Position): void => {
      for (const source of this.#of(operand)) flows.push({ source, to, position });
    };
    for (const { instructions, terminator } of this.#code.blocks) {
      for (const each of instructions) {
        if (each.kind === "store") add(each.source, { kind: "memory" }, each.position);
        else if (each.kind === "move") this.#variable(each.target, (to) => add(each.source, to, each.position));
        else if (each.kind === "call" || each.kind === "callIndirect") {
          const call = this.#calls.indexOf(each);
          each.arguments.forEach((argument, index) => {
            add(argument, { kind: "argument", call, index }, each.position);
          });
        }
      }
      if (terminator.kind !== "return") continue;
      terminator.values.forEach((value, word) => {
        add(value, { kind: "result", word }, terminator.position);
      });
    }
    return flows;
  }

  #variable(register: Register, add: (to: Flow["to"]) => void): void {
    const variable = this.#facts.variables.get(register);
    if (variable !== undefined && this.#facts.slots.some(({ loop }) => loop !== null))
      add({ kind: "variable", name: variable.name, loop: this.#path(variable.loop) });
  }

  /** The numbers of a loop and of those around it, outermost first. */
  #path(loop: Loop | null): number[] {
    if (loop === null) return [];
    if (!this.#loops.has(loop)) this.#loops.set(loop, this.#loops.size);
    return [...this.#path(loop.outer), this.#loops.get(loop)!];
  }
}
