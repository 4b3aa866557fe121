/**
 * Random IR programs that always end: structured control flow, bounded loops, calls only to functions made before.
 *
 * Every program is a function of its seed. Registers are assigned many times, in loops and on some paths only, so that SSA
 * construction has work. Begin reading at `randomModule`; random-ir-steps.ts has what goes straight on.
 */
import type * as IR from "../../compiler/ir.ts";
import { printModule } from "../../compiler/ir-print.ts";
import { randomNumbers } from "../random-numbers.ts";
import { EXTREME, INTERESTING } from "./random-ir-builder.ts";
import { COMPARISONS, DATA_BYTES, SLOT_BYTES, Steps } from "./random-ir-steps.ts";

/** A module `test.ts` with a `test:main` whose two results depend on all it does. */
export function randomModule(seed: number, size = 30): IR.Module {
  return new Generator(randomNumbers(seed), size).module();
}

export const textOf = (module: IR.Module): string => printModule(module);

class Generator extends Steps {
  private budget = 0;
  private depth = 0;

  constructor(
    random: () => number,
    private readonly size: number,
  ) {
    super(random);
  }

  module(): IR.Module {
    const functions: IR.Function[] = [];
    const count = 1 + this.below(4);
    for (let index = 0; index < count; index++)
      functions.push(this.function(`test:f${index}`, this.below(11), this.pick([0, 1, 1, 2])));
    functions.push(this.function("test:main", 0, 2));
    const content = Uint8Array.from({ length: DATA_BYTES }, () => this.below(256));
    const common = { bytes: DATA_BYTES, alignment: 4, relocations: [] };
    return {
      path: "test.ts",
      imports: [],
      functions,
      routines: [],
      data: [
        { symbol: "test:data", writable: true, content, ...common },
        { symbol: "test:zeros", writable: true, content: null, ...common },
        { symbol: "test:constants", writable: false, content, ...common },
      ],
      initializer: null,
    };
  }

  private function(symbol: string, parameters: number, results: 0 | 1 | 2): IR.Function {
    this.blocks = [];
    this.current = this.block();
    this.registers = 0;
    this.slots = Array.from({ length: this.below(3) }, () => ({
      bytes: SLOT_BYTES,
      alignment: this.pick([4, 16, 64]),
    }));
    this.loops = [];
    this.budget = this.size;
    const position = this.position();
    const registers = Array.from({ length: parameters }, () => this.register());
    this.variables = [...registers];
    for (let index = 0; index < 3 + this.below(this.chance(0.3) ? 40 : 6); index++) {
      const variable = this.register();
      this.emit({ kind: "move", target: variable, source: this.constant() });
      this.variables.push(variable);
    }
    for (const slot of this.slots.keys()) this.fillSlot(slot);
    this.readsOnly = this.chance(0.3);
    this.pointers = Array.from({ length: this.below(3) }, () => this.register());
    for (const pointer of this.pointers) this.point(pointer);
    while (this.budget > 0) this.statements();
    if (symbol === "test:main") this.checksum();
    this.end({ kind: "return", values: Array.from({ length: results }, () => this.operand()) });
    this.made.push({ symbol, parameters, results });
    return {
      symbol,
      position,
      parameters: registers,
      results,
      registers: this.registers,
      slots: this.slots,
      blocks: this.blocks,
    };
  }

  private statements(): void {
    const count = 2 + this.below(6);
    for (let index = 0; index < count && this.budget > 0; index++) {
      this.budget--;
      this.statement();
    }
  }

  private statement(): void {
    const choice = this.random();
    if (choice < 0.4) this.computation();
    else if (choice < 0.5) this.division();
    else if (choice < 0.65) this.memory();
    else if (choice < 0.72) this.call();
    else if (choice < 0.75) this.check();
    else if (choice < 0.8) this.throughPointer();
    else if (this.depth < 4) this.control();
  }

  private control(): void {
    if (this.blocks.length === 0) this.blocks.push(this.current);
    this.depth++;
    const choice = this.random();
    if (choice < 0.4) this.branch();
    else if (choice < 0.75) this.loop();
    else if (choice < 0.9) this.switch();
    else if (this.loops.length > 0) this.leave();
    this.depth--;
  }

  private branch(): void {
    const [then, otherwise, after] = [this.open(), this.open(), this.open()];
    const ways = this.chance(0.3) ? { then, otherwise: after } : { then, otherwise };
    this.end({
      kind: "branch",
      operator: this.pick(COMPARISONS),
      left: this.operand(),
      right: this.operand(),
      ...ways,
    });
    for (const arm of [then, otherwise]) {
      this.enter(arm);
      this.statements();
      this.end({ kind: "jump", to: after });
    }
    this.enter(after);
  }

  /** Counts in a register that nothing else writes. */
  private loop(): void {
    const counter = this.register();
    const left: IR.Operand = { kind: "register", register: counter };
    const [head, body, step, out] = [this.open(), this.open(), this.open(), this.open()];
    this.emit({ kind: "move", target: counter, source: { kind: "constant", value: 0 } });
    this.end({ kind: "jump", to: head });
    this.enter(head);
    const limit: IR.Operand = { kind: "constant", value: this.below(6) };
    const operator = this.pick(["less", "lessUnsigned", "notEqual"]);
    this.end({ kind: "branch", operator, left, right: limit, then: body, otherwise: out });
    this.enter(body);
    this.loops.push({ again: step, out });
    this.variables.push(counter);
    const writable = this.variables;
    if (this.chance(0.5))
      this.emit({
        kind: "binary",
        operator: "add",
        target: this.pick(writable.slice(0, -1)),
        left,
        right: this.operand(),
      });
    this.variables = writable.slice(0, -1);
    this.statements();
    this.loops.pop();
    this.end({ kind: "jump", to: step });
    this.enter(step);
    this.emit({ kind: "binary", operator: "add", target: counter, left, right: { kind: "constant", value: 1 } });
    this.end({ kind: "jump", to: head });
    this.enter(out);
  }

  private switch(): void {
    const after = this.open();
    const dense = this.chance(0.5);
    const value = this.register();
    this.emit({
      kind: "binary",
      operator: "and",
      target: value,
      left: this.variable(),
      right: { kind: "constant", value: 15 },
    });
    const start = this.end.bind(this);
    const origin = this.current;
    const arms = Array.from({ length: 1 + this.below(4) }, () => this.open());
    const cases = new Map<number, number>();
    for (let index = 0; index < 1 + this.below(dense ? 12 : 6); index++) {
      cases.set(dense ? index : this.pick([...INTERESTING, ...EXTREME]), this.pick([...arms, after]));
    }
    this.current = origin;
    start({
      kind: "switch",
      value: { kind: "register", register: value },
      cases: [...cases].map(([each, to]) => ({ value: each, to })),
      otherwise: this.pick([...arms, after]),
    });
    for (const arm of arms) {
      this.enter(arm);
      this.statements();
      this.end({ kind: "jump", to: after });
    }
    this.enter(after);
  }

  /** break or continue, sometimes. */
  private leave(): void {
    const { again, out } = this.loops.at(-1)!;
    const rest = this.open();
    const then = this.chance(0.5) ? again : out;
    this.end({
      kind: "branch",
      operator: this.pick(COMPARISONS),
      left: this.operand(),
      right: this.operand(),
      then,
      otherwise: rest,
    });
    this.enter(rest);
  }

  /** Adds up the data into a variable, so that stores matter. */
  private checksum(): void {
    const [sum, address] = [this.pick(this.variables), this.register()];
    for (const symbol of ["test:data", "test:zeros"]) {
      this.emit({ kind: "symbol", target: address, symbol, offset: 0 });
      const base: IR.Operand = { kind: "register", register: address };
      for (let offset = 0; offset < DATA_BYTES; offset += 4) {
        const word = this.register();
        this.emit({ kind: "load", target: word, base, offset, bytes: 4, signed: false, volatile: false });
        const [left, right] = [sum, word].map((register) => ({ kind: "register", register }));
        this.emit({ kind: "binary", operator: "multiply", target: sum, left, right: { kind: "constant", value: 31 } });
        this.emit({ kind: "binary", operator: "add", target: sum, left, right });
      }
    }
    for (const variable of this.variables) {
      if (variable === sum) continue;
      const [left, right] = [sum, variable].map((register) => ({ kind: "register", register }));
      this.emit({ kind: "binary", operator: "xor", target: sum, left, right });
    }
    this.variables = [sum, this.pick(this.variables)];
  }
}
