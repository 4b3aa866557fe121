/**
 * Views of mailboxes: a request that has been received is a view of the mailbox, and is gone once the mailbox has been received into again.
 *
 * What receives is recognised by its declaration: a function whose result is a type parameter and that takes a class of declared size, as in
 * `receiveRequest<T>(inbox: Message): T`. Functions named `receive` or `sendReceive` fill their mailbox too, without giving a view. The check
 * follows registers along the blocks of one function. Begin reading at `checkViews`.
 */
import { type FunctionFacts, successors } from "./builder.ts";
import { type Diagnostic, describe } from "./errors.ts";
import type { Instruction, Function as IrFunction, Operand, Position, Register, Terminator } from "./ir.ts";

export function checkViews(code: IrFunction, facts: FunctionFacts): Diagnostic[] {
  return facts.receives.size === 0 ? [] : new ViewCheck(code, facts).run();
}

class ViewCheck {
  readonly #code: IrFunction;
  readonly #facts: FunctionFacts;
  /** The mailboxes that a register may view. */
  readonly #views = new Map<Register, Set<string>>();
  readonly #found = new Map<Register, Diagnostic>();

  constructor(code: IrFunction, facts: FunctionFacts) {
    this.#code = code;
    this.#facts = facts;
  }

  run(): Diagnostic[] {
    while (this.#spread()) {}
    const entries = this.#code.blocks.map(() => new Set<Register>());
    const pending = new Set(entries.keys());
    for (const block of pending) {
      pending.delete(block);
      const { instructions, terminator } = this.#code.blocks[block]!;
      const stale = new Set(entries[block]);
      for (const each of instructions) this.#step(each, stale);
      for (const register of read(terminator)) this.#use(register, stale, terminator.position);
      for (const next of successors(terminator)) {
        const before = entries[next]!.size;
        for (const register of stale) entries[next]!.add(register);
        if (entries[next]!.size > before) pending.add(next);
      }
    }
    return [...this.#found.values()];
  }

  /** One round of copies and of parts of views; whether anything was new. */
  #spread(): boolean {
    let changed = false;
    for (const { instructions } of this.#code.blocks)
      for (const each of instructions) {
        const received = this.#facts.receives.get(each);
        if (each.kind === "call" && received?.isView === true)
          changed = this.#add(each.targets[0]!, [received.mailbox]) || changed;
        if (each.kind === "move" || (each.kind === "binary" && each.operator === "add"))
          for (const register of read(each))
            changed = this.#add(each.target, this.#views.get(register) ?? []) || changed;
      }
    return changed;
  }

  #add(register: Register, mailboxes: Iterable<string>): boolean {
    const known = this.#views.get(register) ?? new Set();
    const before = known.size;
    for (const mailbox of mailboxes) known.add(mailbox);
    if (known.size > before) this.#views.set(register, known);
    return known.size > before;
  }

  #step(instruction: Instruction, stale: Set<Register>): void {
    for (const register of read(instruction)) this.#use(register, stale, instruction.position);
    const received = this.#facts.receives.get(instruction);
    if (received !== undefined)
      for (const [register, mailboxes] of this.#views) if (mailboxes.has(received.mailbox)) stale.add(register);
    for (const register of written(instruction)) stale.delete(register);
  }

  #use(register: Register, stale: ReadonlySet<Register>, position: Position): void {
    if (!stale.has(register) || this.#found.has(register)) return;
    const name = this.#facts.variables.get(register)?.name ?? "this";
    this.#found.set(register, { ...position, ...describe("staleView", name) });
  }
}

/** The registers that an instruction or the end of a block reads. */
function read(instruction: Instruction | Terminator): Register[] {
  const registers: Register[] = [];
  const add = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(add);
    else if (isOperand(value) && value.kind === "register") registers.push(value.register);
    else if (typeof value === "object" && value !== null && "value" in value) add(value.value);
  };
  for (const [name, value] of Object.entries(instruction)) if (name !== "position") add(value);
  return registers;
}

function isOperand(value: unknown): value is Operand {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    (value.kind === "register" || value.kind === "constant")
  );
}

function written(instruction: Instruction): Register[] {
  if ("targets" in instruction) return instruction.targets;
  return "target" in instruction && typeof instruction.target === "number" ? [instruction.target] : [];
}
