/**
 * One statement of assembly at a time: labels, instructions by format, pseudo-instructions (Unprivileged Specification, chapter 25, tables 25.2 and 25.3).
 */
import {
  constant,
  constantWithin,
  csr,
  isSymbol,
  memoryOperand,
  register,
  registerRange,
  type SymbolOperand,
  splitOperands,
  symbolOperand,
  symbolPart,
} from "./assembler-operands.ts";
import type { CodeWriter, Label } from "./code-writer.ts";
import { formatOf } from "./encode.ts";
import { RA, ZERO } from "./machine-code.ts";
import { registerNumber } from "./registers.ts";

type Pseudo = (statements: Statements, operands: string[]) => void;

export class Statements {
  private readonly labels = new Map<string, Label>();
  private readonly bound = new Set<Label>();
  /** Numeric labels: the last one bound, and the one that is to come. */
  private readonly behind = new Map<string, Label>();
  private readonly ahead = new Map<string, Label>();

  constructor(readonly writer: CodeWriter) {}

  statement(source: string): void {
    let text = source;
    for (let match = labelOf(text); match !== null; match = labelOf(text)) {
      this.define(match[1]!);
      text = match[2]!.trim();
    }
    if (text === "") return;
    const [, name, rest] = /^(\S+)\s*(.*)$/.exec(text)!;
    const operands = splitOperands(rest!);
    const pseudo = PSEUDO[name!];
    if (pseudo !== undefined) pseudo(this, operands);
    else this.instruction(name!, operands);
  }

  /** Every label that was named must stand somewhere. */
  end(): void {
    for (const [name, label] of this.labels) if (!this.bound.has(label)) throw new SyntaxError(`no label '${name}'`);
    for (const name of this.ahead.keys()) throw new SyntaxError(`no label '${name}' ahead`);
  }

  private define(name: string): void {
    if (/^\d+$/.test(name)) {
      const label = this.ahead.get(name) ?? this.writer.label();
      this.ahead.delete(name);
      this.behind.set(name, label);
      this.writer.bind(label);
      return;
    }
    const label = this.named(name);
    if (this.bound.has(label)) throw new SyntaxError(`label '${name}' is defined twice`);
    this.bound.add(label);
    this.writer.bind(label);
  }

  private named(name: string): Label {
    let label = this.labels.get(name);
    if (label === undefined) this.labels.set(name, (label = this.writer.label()));
    return label;
  }

  label(text: string): Label {
    const numeric = /^(\d+)([bf])$/.exec(text);
    if (numeric === null) {
      if (!/^[A-Za-z_.][\w.]*$/.test(text)) throw new SyntaxError(`expected a label, not '${text}'`);
      return this.named(text);
    }
    const [, name, direction] = numeric as unknown as [string, string, string];
    if (direction === "b") {
      const label = this.behind.get(name);
      if (label === undefined) throw new SyntaxError(`no label '${name}' behind`);
      return label;
    }
    let label = this.ahead.get(name);
    if (label === undefined) this.ahead.set(name, (label = this.writer.label()));
    return label;
  }

  emit(name: string, rd: number, rs1: number, rs2: number, immediate: number): void {
    this.writer.instruction(name, rd, rs1, rs2, immediate);
  }

  private instruction(name: string, operands: string[]): void {
    const format = formatOf(name);
    if (format === undefined) throw new SyntaxError(`there is no instruction '${name}'`);
    const [first, second, third] = operands as [string, string, string];
    const count = (...allowed: number[]): void => expect(name, operands, ...allowed);
    switch (format) {
      case "R":
        count(3);
        return this.emit(name, register(first), register(second), register(third), 0);
      case "I":
        return name === "jalr" ? this.jumpRegister(operands) : this.immediate(name, operands);
      case "shift":
        count(3);
        return this.emit(name, register(first), register(second), 0, constantWithin(third, 0, 31));
      case "load":
      case "S":
        count(2, 3);
        return this.access(name, operands);
      case "B":
        count(3);
        return this.writer.branch(name, register(first), register(second), this.label(third));
      case "U":
        count(2);
        return this.upper(name, register(first), second);
      case "J":
        return this.jump(operands);
      case "csr":
      case "csrImmediate":
        count(3);
        return this.emit(
          name,
          register(first),
          format === "csr" ? register(third) : constantWithin(third, 0, 31),
          0,
          csr(second),
        );
      default:
        return this.special(name, format, operands);
    }
  }

  private special(name: string, format: string, operands: string[]): void {
    const [first, second, third] = operands as [string, string, string];
    switch (format) {
      case "fence":
        expect(name, operands, 0, 2);
        return this.emit(name, 0, 0, 0, operands.length === 0 ? 0xff : (ordering(first) << 4) | ordering(second));
      case "fenceAddress":
        expect(name, operands, 0, 1, 2);
        return this.emit(
          name,
          0,
          first === undefined ? ZERO : register(first),
          second === undefined ? ZERO : register(second),
          0,
        );
      case "atomic":
        expect(name, operands, 3);
        return this.emit(name, register(first), plainAddress(third), register(second), 0);
      case "loadReserved":
        expect(name, operands, 2);
        return this.emit(name, register(first), plainAddress(second), 0, 0);
      default:
        expect(name, operands, 0);
        return this.emit(name, 0, 0, 0, 0);
    }
  }

  private immediate(name: string, operands: string[]): void {
    expect(name, operands, 3);
    const [rd, rs1] = [register(operands[0]!), register(operands[1]!)];
    const low = symbolPart(operands[2]!, "lo");
    if (low !== null) this.relocate("lowLoad", low);
    this.emit(name, rd, rs1, 0, low === null ? constantWithin(operands[2]!, -2048, 2047) : 0);
  }

  private upper(name: string, rd: number, operand: string): void {
    const high = symbolPart(operand, "hi");
    if (high !== null) this.relocate("high", high);
    this.emit(name, rd, 0, 0, high === null ? constantWithin(operand, 0, 0xf_ffff) << 12 : 0);
  }

  /** `lw rd, 4(rs)`, `lw x3..x31, 16(sp)`, `lw rd, symbol`; stores too, and `sw rs, symbol, scratch`. */
  private access(name: string, operands: string[]): void {
    const [registers, place, scratch] = operands as [string, string, string | undefined];
    const store = formatOf(name) === "S";
    if (isSymbol(place)) {
      const data = register(registers);
      if (store && scratch === undefined)
        throw new SyntaxError(`${name} to a symbol needs a scratch register as its third operand`);
      const base = store ? register(scratch!) : data;
      const symbol = symbolOperand(place);
      this.relocate("high", symbol);
      this.emit("lui", base, 0, 0, 0);
      this.relocate(store ? "lowStore" : "lowLoad", symbol);
      return this.emit(name, data, base, data, 0);
    }
    if (scratch !== undefined) throw new SyntaxError(`${name} takes two operands`);
    const { base, offset, low } = memoryOperand(place);
    if (low !== null) this.relocate(store ? "lowStore" : "lowLoad", low);
    for (const [index, data] of registerRange(registers).entries()) {
      const at = offset + 4 * index;
      if (at > 2047) throw new SyntaxError(`offset ${at} does not fit into 12 bits`);
      this.emit(name, data, base, data, at);
    }
  }

  private jumpRegister(operands: string[]): void {
    expect("jalr", operands, 1, 2, 3);
    if (operands.length === 1) return this.emit("jalr", RA, register(operands[0]!), 0, 0);
    if (operands.length === 3) {
      return this.emit(
        "jalr",
        register(operands[0]!),
        register(operands[1]!),
        0,
        constantWithin(operands[2]!, -2048, 2047),
      );
    }
    const { base, offset } = memoryOperand(operands[1]!);
    this.emit("jalr", register(operands[0]!), base, 0, offset);
  }

  /** `jal target`, `jal rd, target`. */
  private jump(operands: string[]): void {
    expect("jal", operands, 1, 2);
    this.jumpTo(operands.length === 1 ? RA : register(operands[0]!), operands.at(-1)!);
  }

  jumpTo(link: number, target: string): void {
    if (!isSymbol(target)) return this.writer.jump(this.label(target), link);
    const { symbol, addend } = symbolOperand(target);
    this.writer.relocate("jump", symbol, addend);
    this.emit("jal", link, 0, 0, 0);
  }

  private relocate(kind: "high" | "lowLoad" | "lowStore", { symbol, addend }: SymbolOperand): void {
    this.writer.relocate(kind, symbol, addend);
  }
}

const labelOf = (text: string): RegExpExecArray | null => /^([\w.]+):(.*)$/.exec(text);

function expect(name: string, operands: string[], ...allowed: number[]): void {
  if (allowed.includes(operands.length)) return;
  throw new SyntaxError(`${name} takes ${allowed.join(" or ")} operands, not ${operands.length}`);
}

/** `(rs1)`: the atomics have no offset. */
function plainAddress(text: string): number {
  const { base, offset, low } = memoryOperand(text);
  if (offset !== 0 || low !== null) throw new SyntaxError(`expected (register), not '${text}'`);
  return base;
}

/** `iorw` in any selection: the predecessor and successor sets of a fence (Unprivileged, section 2.7). */
function ordering(text: string): number {
  if (!/^i?o?r?w?$/.test(text) || text === "") throw new SyntaxError(`expected some of iorw, not '${text}'`);
  return [...text].reduce((bits, letter) => bits | (8 >> "iorw".indexOf(letter)), 0);
}

/** rd, rs. */
const unary =
  (build: (statements: Statements, rd: number, rs: number) => void): Pseudo =>
  (statements, operands) => {
    expect("this instruction", operands, 2);
    build(statements, register(operands[0]!), register(operands[1]!));
  };

/** rs, label: a comparison with zero. */
const branchZero =
  (name: string, zeroFirst: boolean): Pseudo =>
  (statements, operands) => {
    expect("this branch", operands, 2);
    const rs = register(operands[0]!);
    statements.writer.branch(name, zeroFirst ? ZERO : rs, zeroFirst ? rs : ZERO, statements.label(operands[1]!));
  };

/** rs, rt, label, exchanged. */
const branchExchanged =
  (name: string): Pseudo =>
  (statements, operands) => {
    expect("this branch", operands, 3);
    const [rs, rt] = [register(operands[0]!), register(operands[1]!)];
    statements.writer.branch(name, rt, rs, statements.label(operands[2]!));
  };

/** csr, then a register or a five-bit constant. */
const csrWrite =
  (name: string): Pseudo =>
  (statements, operands) => {
    expect("this instruction", operands, 2);
    const source = registerNumber(operands[1]!);
    const number = csr(operands[0]!);
    if (source !== undefined) statements.emit(name, ZERO, source, 0, number);
    else statements.emit(`${name}i`, ZERO, constantWithin(operands[1]!, 0, 31), 0, number);
  };

/** rd: a counter. */
const counter =
  (name: string): Pseudo =>
  (statements, operands) => {
    expect("this instruction", operands, 1);
    statements.emit("csrrs", register(operands[0]!), ZERO, 0, csr(name));
  };

const PSEUDO: Record<string, Pseudo> = {
  nop: (statements) => statements.emit("addi", ZERO, ZERO, 0, 0),
  ret: (statements) => statements.emit("jalr", ZERO, RA, 0, 0),
  li: (statements, operands) => {
    expect("li", operands, 2);
    statements.writer.constant(register(operands[0]!), constant(operands[1]!));
  },
  la: (statements, operands) => {
    expect("la", operands, 2);
    const { symbol, addend } = symbolOperand(operands[1]!);
    statements.writer.address(register(operands[0]!), symbol, addend);
  },
  mv: unary((statements, rd, rs) => statements.emit("addi", rd, rs, 0, 0)),
  not: unary((statements, rd, rs) => statements.emit("xori", rd, rs, 0, -1)),
  neg: unary((statements, rd, rs) => statements.emit("sub", rd, ZERO, rs, 0)),
  seqz: unary((statements, rd, rs) => statements.emit("sltiu", rd, rs, 0, 1)),
  snez: unary((statements, rd, rs) => statements.emit("sltu", rd, ZERO, rs, 0)),
  sltz: unary((statements, rd, rs) => statements.emit("slt", rd, rs, ZERO, 0)),
  sgtz: unary((statements, rd, rs) => statements.emit("slt", rd, ZERO, rs, 0)),
  beqz: branchZero("beq", false),
  bnez: branchZero("bne", false),
  bltz: branchZero("blt", false),
  bgez: branchZero("bge", false),
  blez: branchZero("bge", true),
  bgtz: branchZero("blt", true),
  bgt: branchExchanged("blt"),
  ble: branchExchanged("bge"),
  bgtu: branchExchanged("bltu"),
  bleu: branchExchanged("bgeu"),
  j: (statements, operands) => {
    expect("j", operands, 1);
    statements.jumpTo(ZERO, operands[0]!);
  },
  call: (statements, operands) => {
    expect("call", operands, 1);
    statements.jumpTo(RA, operands[0]!);
  },
  tail: (statements, operands) => {
    expect("tail", operands, 1);
    statements.jumpTo(ZERO, operands[0]!);
  },
  jr: (statements, operands) => {
    expect("jr", operands, 1);
    statements.emit("jalr", ZERO, register(operands[0]!), 0, 0);
  },
  csrr: (statements, operands) => {
    expect("csrr", operands, 2);
    statements.emit("csrrs", register(operands[0]!), ZERO, 0, csr(operands[1]!));
  },
  csrw: csrWrite("csrrw"),
  csrs: csrWrite("csrrs"),
  csrc: csrWrite("csrrc"),
  csrwi: csrWrite("csrrw"),
  csrsi: csrWrite("csrrs"),
  csrci: csrWrite("csrrc"),
  rdcycle: counter("cycle"),
  rdcycleh: counter("cycleh"),
  rdtime: counter("time"),
  rdtimeh: counter("timeh"),
  rdinstret: counter("instret"),
  rdinstreth: counter("instreth"),
  ".word": (statements, operands) => {
    for (const operand of operands) {
      if (isSymbol(operand)) {
        const { symbol, addend } = symbolOperand(operand);
        statements.writer.relocate("word", symbol, addend);
        statements.writer.word(0);
      } else statements.writer.word(constant(operand));
    }
  },
};
