/**
 * A function of IR under construction, and the random choices that go into it: registers, blocks, operands. What is made
 * of them is in random-ir-steps.ts (what goes straight on) and random-ir.ts (control flow).
 */
import type * as IR from "../../compiler/ir.ts";

export const INTERESTING = [
  0, 1, -1, 2, 3, 5, 7, 8, 10, 12, 16, 24, 31, 32, 60, 100, 255, 256, 1000, 2047, 2048, -2048, -2049, 4096, 65535,
  65536,
];
export const EXTREME = [0x7fffffff, -0x80000000, -0x7fffffff, 0x12345678, 0x55555555, -0x55555556];

/** A function that can be called. */
export interface Made {
  readonly symbol: string;
  readonly parameters: number;
  readonly results: 0 | 1 | 2;
}

export class Builder {
  protected readonly made: Made[] = [];
  private line = 1;
  protected blocks: IR.Block[] = [];
  protected current: IR.Block;
  protected registers = 0;
  protected variables: number[] = [];
  protected slots: IR.Slot[] = [];
  /** Registers that hold a place in the data, or zero. */
  protected pointers: number[] = [];
  /** Memory is only read, so that what is read may be kept. */
  protected readsOnly = false;
  protected loops: { again: number; out: number }[] = [];

  constructor(protected readonly random: () => number) {
    this.current = this.block();
  }

  protected below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  protected pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  protected chance(probability: number): boolean {
    return this.random() < probability;
  }

  protected position(): IR.Position {
    return { file: "test.ts", line: this.line++, column: 1 };
  }

  protected register(): number {
    return this.registers++;
  }

  protected block(): IR.Block {
    return { instructions: [], terminator: { kind: "unreachable", position: { file: "", line: 0, column: 0 } } };
  }

  protected open(): number {
    return this.blocks.push(this.block()) - 1;
  }

  protected enter(index: number): void {
    this.current = this.blocks[index]!;
  }

  protected emit(instruction: Record<string, unknown>): void {
    if (this.blocks.length === 0) this.blocks.push(this.current);
    this.current.instructions.push({ position: this.position(), ...instruction } as IR.Instruction);
  }

  protected end(terminator: Record<string, unknown>): void {
    if (this.blocks.length === 0) this.blocks.push(this.current);
    this.current.terminator = { position: this.position(), ...terminator } as IR.Terminator;
  }

  protected constant(): IR.Operand {
    const value = this.chance(0.7)
      ? this.pick(INTERESTING)
      : this.chance(0.7)
        ? this.pick(EXTREME)
        : (this.random() * 2 ** 32) | 0;
    return { kind: "constant", value };
  }

  protected variable(): IR.Operand {
    return { kind: "register", register: this.pick(this.variables) };
  }

  protected operand(): IR.Operand {
    return this.chance(0.3) ? this.constant() : this.variable();
  }

  protected result(value: Record<string, unknown>): void {
    this.emit({ target: this.pick(this.variables), ...value });
  }
}
