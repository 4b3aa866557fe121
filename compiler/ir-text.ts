/**
 * The IR as text, for tests and for people: a printer and a parser that are each other's inverse but for positions.
 *
 *     module test.ts
 *     data test.ts:table 8 align 4 writable = 01 02 + test.ts:other @ 4 + 0
 *     function test.ts:double (%0) 1 {
 *       slot 64 align 64
 *     0:
 *       %1 = shiftLeft %0, 1
 *       check lessUnsigned %1, 100 index
 *       return %1
 *     }
 *     routine test.ts:start {
 *       la sp, {test.ts:stack}
 *     }
 *
 * Each line of the text is a position: file of the module, line of the text. Begin reading at `parseModule`; ir-print.ts is the way back.
 */
import type * as IR from "./ir.ts";
import { REASONS } from "./ir-print.ts";

const BINARY_OPERATORS = new Set<string>([
  ...["add", "subtract", "multiply", "multiplyHigh", "multiplyHighUnsigned", "divide", "divideUnsigned", "remainder"],
  ...[
    "remainderUnsigned",
    "and",
    "or",
    "xor",
    "shiftLeft",
    "shiftRight",
    "shiftRightUnsigned",
    "equal",
    "notEqual",
    "less",
  ],
  ...[
    "lessUnsigned",
    "lessEqual",
    "lessEqualUnsigned",
    "greater",
    "greaterUnsigned",
    "greaterEqual",
    "greaterEqualUnsigned",
  ],
]);

/** Reads a module. Throws SyntaxError with the line's number. */
export function parseModule(text: string): IR.Module {
  return new Parser(text).module();
}

class Parser {
  private readonly lines: string[];
  private next = 0;
  private path = "";
  private registers = 0;

  constructor(text: string) {
    this.lines = text.split("\n");
  }

  module(): IR.Module {
    const imports: string[] = [];
    const functions: IR.Function[] = [];
    const routines: IR.AssemblyRoutine[] = [];
    const data: IR.Data[] = [];
    let initializer: string | null = null;
    for (let line = this.line(); line !== null; line = this.line()) {
      const [word, rest] = this.split(line);
      if (word === "module") this.path = rest;
      else if (word === "import") imports.push(rest);
      else if (word === "initializer") initializer = rest;
      else if (word === "data") data.push(this.data(rest));
      else if (word === "function") functions.push(this.function(rest));
      else if (word === "routine") routines.push(this.routine(rest));
      else this.fail(`unexpected '${word}'`);
    }
    return { path: this.path, imports, functions, routines, data, initializer };
  }

  private fail(message: string): never {
    throw new SyntaxError(`line ${this.next}: ${message}`);
  }

  /** The next line that says something, or null at the end. */
  private line(): string | null {
    while (this.next < this.lines.length) {
      const line = this.lines[this.next++]!.replace(/\/\/.*/, "").trim();
      if (line !== "") return line;
    }
    return null;
  }

  private split(text: string): [word: string, rest: string] {
    const [, word, rest] = /^(\S+)\s*(.*)$/.exec(text)!;
    return [word!, rest!];
  }

  private position(): IR.Position {
    return { file: this.path, line: this.next, column: 1 };
  }

  private data(text: string): IR.Data {
    const match = /^(\S+) (\d+) align (\d+)( writable)?(?: = ([0-9a-f ]*))?((?: \+ \S+ @ \d+ \+ -?\d+)*)$/.exec(text);
    if (match === null)
      return this.fail("expected data SYMBOL BYTES align N [writable] [= hex] [+ SYMBOL @ OFFSET + ADDEND]");
    const [, symbol, bytes, alignment, writable, content, references] = match;
    const relocations = [...references!.matchAll(/\+ (\S+) @ (\d+) \+ (-?\d+)/g)].map(([, target, offset, addend]) => ({
      offset: Number(offset),
      symbol: target!,
      addend: Number(addend),
    }));
    const hex = content?.trim();
    return {
      symbol: symbol!,
      bytes: Number(bytes),
      alignment: Number(alignment),
      writable: writable !== undefined,
      content:
        hex === undefined
          ? null
          : Uint8Array.from(hex === "" ? [] : hex.split(/ +/), (byte) => Number.parseInt(byte, 16)),
      relocations,
    };
  }

  private routine(text: string): IR.AssemblyRoutine {
    const position = this.position();
    const lines: string[] = [];
    for (let line = this.lines[this.next++]; line?.trim() !== "}"; line = this.lines[this.next++]) {
      if (line === undefined) this.fail("expected }");
      lines.push(line);
    }
    const pieces = `\n${lines.join("\n")}`.split(/\{([^}]*)\}/);
    return {
      symbol: this.split(text)[0],
      position,
      text: pieces.filter((_, index) => index % 2 === 0),
      operands: pieces.filter((_, index) => index % 2 === 1),
    };
  }

  private function(text: string): IR.Function {
    const match = /^(\S+) \(([^)]*)\) ([012]) \{$/.exec(text);
    if (match === null) return this.fail("expected function SYMBOL (PARAMETERS) RESULTS {");
    const [, symbol, parameters, results] = match;
    const position = this.position();
    this.registers = 0;
    const names = this.list(parameters!).map((parameter) => this.register(parameter));
    const slots: IR.Slot[] = [];
    const blocks: IR.Block[] = [];
    let instructions: IR.Instruction[] = [];
    for (let line = this.line(); line !== "}"; line = this.line()) {
      if (line === null) this.fail("expected }");
      const slot = /^slot (\d+) align (\d+)$/.exec(line!);
      if (slot !== null) slots.push({ bytes: Number(slot[1]), alignment: Number(slot[2]) });
      else if (/^\d+:$/.test(line!)) instructions = [];
      else {
        const terminator = this.terminator(line!);
        if (terminator === null) instructions.push(this.instruction(line!));
        else blocks.push({ instructions, terminator });
      }
    }
    return {
      symbol: symbol!,
      position,
      parameters: names,
      results: Number(results) as 0 | 1 | 2,
      registers: this.registers,
      slots,
      blocks,
    };
  }

  private list(text: string): string[] {
    return text.trim() === "" ? [] : text.split(",").map((item) => item.trim());
  }

  private register(text: string): IR.Register {
    if (!/^%\d+$/.test(text)) this.fail(`expected a register, not '${text}'`);
    const register = Number(text.slice(1));
    this.registers = Math.max(this.registers, register + 1);
    return register;
  }

  private operand(text: string): IR.Operand {
    if (text.startsWith("%")) return { kind: "register", register: this.register(text) };
    if (!/^-?(\d+|0x[0-9a-f]+)$/.test(text)) this.fail(`expected an operand, not '${text}'`);
    return { kind: "constant", value: Number(text) | 0 };
  }

  private operands(text: string): IR.Operand[] {
    return this.list(text).map((item) => this.operand(item));
  }

  private terminator(line: string): IR.Terminator | null {
    const [word, rest] = this.split(line);
    const position = this.position();
    switch (word) {
      case "jump":
        return { kind: "jump", position, to: Number(rest) };
      case "branch": {
        const match = /^(\w+) (\S+), (\S+) \? (\d+) : (\d+)$/.exec(rest);
        if (match === null) return this.fail("expected branch COMPARISON A, B ? THEN : OTHERWISE");
        const [, operator, left, right, then, otherwise] = match;
        const sides = { left: this.operand(left!), right: this.operand(right!) };
        const ways = { then: Number(then), otherwise: Number(otherwise) };
        return { kind: "branch", position, operator: operator as IR.Comparison, ...sides, ...ways };
      }
      case "switch": {
        const [, value, cases, otherwise] =
          /^(\S+) \[(.*)\] : (\d+)$/.exec(rest) ?? this.fail("expected switch A [V -> B, ...] : B");
        const rows = this.list(cases!).map((row) => row.split("->").map(Number) as [number, number]);
        return {
          kind: "switch",
          position,
          value: this.operand(value!),
          cases: rows.map(([each, to]) => ({ value: each, to })),
          otherwise: Number(otherwise),
        };
      }
      case "return":
        return { kind: "return", position, values: this.operands(rest) };
      case "trap":
        return { kind: "trap", position, reason: this.reason(rest) };
      case "unreachable":
        return { kind: "unreachable", position };
      default:
        return null;
    }
  }

  private reason(name: string): IR.Reason {
    const reason = REASONS.indexOf(name);
    return reason < 0 ? this.fail(`no reason '${name}'`) : (reason as IR.Reason);
  }

  private instruction(line: string): IR.Instruction {
    const assigned = /^(%\d+(?:, %\d+)*) = (.*)$/.exec(line);
    const targets = assigned === null ? [] : this.list(assigned[1]!).map((item) => this.register(item));
    const [word, rest] = this.split(assigned === null ? line : assigned[2]!);
    const position = this.position();
    if (BINARY_OPERATORS.has(word)) {
      const [left, right] = this.operands(rest) as [IR.Operand, IR.Operand];
      return { kind: "binary", position, operator: word as IR.BinaryOperator, target: targets[0]!, left, right };
    }
    return { position, ...this.other(word, rest, targets) } as IR.Instruction;
  }

  private other(word: string, rest: string, targets: IR.Register[]): object {
    const target = targets[0]!;
    const [first, tail] = rest === "" ? ["", ""] : this.split(rest);
    switch (word) {
      case "move":
        return { kind: "move", target, source: this.operand(rest) };
      case "symbol":
        return { kind: "symbol", target, symbol: first, offset: Number(tail) };
      case "slot":
        return { kind: "slot", target, slot: Number(first), offset: Number(tail) };
      case "copy":
      case "zero":
        return this.block(word, rest);
      case "call":
        return { kind: "call", targets, symbol: first, arguments: this.operands(tail) };
      case "callIndirect": {
        const [callee, ...operands] = this.operands(rest) as [IR.Operand, ...IR.Operand[]];
        return { kind: "callIndirect", targets, callee, arguments: operands };
      }
      case "environmentCall": {
        const [number, ...operands] = this.operands(rest) as [IR.Operand, ...IR.Operand[]];
        return { kind: "environmentCall", target, number, arguments: operands };
      }
      case "readCsr":
        return { kind: "readCsr", target, csr: rest };
      case "writeCsr":
        return { kind: "writeCsr", csr: first, source: this.operand(tail) };
      case "fence":
        return { kind: "fence" };
      case "check": {
        const [, operator, left, right, reason] =
          /^(\w+) (\S+), (\S+) (\w+)$/.exec(rest) ?? this.fail("expected check COMPARISON A, B REASON");
        return {
          kind: "check",
          operator,
          left: this.operand(left!),
          right: this.operand(right!),
          reason: this.reason(reason!),
        };
      }
      case "assembly":
        return this.assembly(rest);
      default:
        return this.access(word, rest, target);
    }
  }

  private block(kind: "copy" | "zero", rest: string): object {
    const match = /^(.*), bytes (\d+) align (\d+)$/.exec(rest);
    if (match === null) return this.fail(`expected ${kind} ADDRESSES, bytes N align N`);
    const [target, source] = this.operands(match[1]!);
    const size = { bytes: Number(match[2]), alignment: Number(match[3]) };
    return kind === "copy" ? { kind, target, source, ...size } : { kind, target, ...size };
  }

  /** `load4 %1 + 8`, `load1s…`, `store2 %1 + 8, %2`; `v` behind the size for volatile. */
  private access(word: string, rest: string, target: IR.Register): object {
    const match = /^(load|store)([124])(s?)(v?)$/.exec(word);
    const place = /^(\S+) \+ (-?\d+)(?:, (\S+))?$/.exec(rest);
    if (match === null || place === null) return this.fail(`cannot read '${word} ${rest}'`);
    const common = {
      kind: match[1],
      base: this.operand(place[1]!),
      offset: Number(place[2]),
      bytes: Number(match[2]),
      volatile: match[4] === "v",
    };
    if (match[1] === "load") return { ...common, target, signed: match[3] === "s" };
    return { ...common, source: this.operand(place[3]!) };
  }

  /** A JSON string in which `{…}` encloses an operand: `{%1}` or `{symbol}`. */
  private assembly(rest: string): object {
    const pieces = (JSON.parse(rest) as string).split(/\{([^}]*)\}/);
    const operands = pieces.filter((_, index) => index % 2 === 1);
    return {
      kind: "assembly",
      text: pieces.filter((_, index) => index % 2 === 0),
      operands: operands.map((item) =>
        item.startsWith("%") ? { kind: "value", value: this.operand(item) } : { kind: "symbol", symbol: item },
      ),
    };
  }
}
