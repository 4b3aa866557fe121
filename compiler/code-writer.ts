/**
 * Machine code in the making: words, labels and what the linker must fill in. Emission and the assembler write through it.
 *
 * Branches to labels are written short; `finish` finds those that do not reach and makes each a branch around a jump.
 */
import { branchOffset, encode, highPart, jumpOffset, lowPart } from "./encode.ts";
import type { Position, Reason } from "./ir.ts";
import { RA, ZERO } from "./machine-code.ts";
import type { CheckRow, FrameRow, LineRow, Relocation, RelocationKind, Section } from "./object.ts";

/** A place in the code that branches lead to. */
export type Label = number;

interface Reference {
  /** Which word. */
  at: number;
  label: Label;
  branch: boolean;
  /** A branch that does not reach: it is inverted, and a jump follows it. */
  long: boolean;
}

/** What a B-type offset reaches. */
const BRANCH_REACH = 4096;

export class CodeWriter {
  private readonly words: number[] = [];
  private readonly labels: number[] = [];
  private readonly references: Reference[] = [];
  private readonly relocations: Relocation[] = [];
  private readonly lines: LineRow[] = [];
  private readonly frames: FrameRow[] = [];
  private readonly checks: CheckRow[] = [];

  /** Number of words so far. */
  get length(): number {
    return this.words.length;
  }

  instruction(name: string, rd: number, rs1: number, rs2: number, immediate: number): void {
    this.words.push(encode(name, rd, rs1, rs2, immediate));
  }

  word(value: number): void {
    this.words.push(value >>> 0);
  }

  /** A constant into a register, in one or two instructions. */
  constant(rd: number, value: number): void {
    const low = lowPart(value);
    if (low === value) return this.instruction("addi", rd, ZERO, 0, value);
    this.instruction("lui", rd, 0, 0, highPart(value));
    if (low !== 0) this.instruction("addi", rd, rd, 0, low);
  }

  /** An address into a register. */
  address(rd: number, symbol: string, addend: number): void {
    this.relocate("high", symbol, addend);
    this.instruction("lui", rd, 0, 0, 0);
    this.relocate("lowLoad", symbol, addend);
    this.instruction("addi", rd, rd, 0, 0);
  }

  call(symbol: string, link = RA): void {
    this.relocate("jump", symbol, 0);
    this.instruction("jal", link, 0, 0, 0);
  }

  /** The next word has to be completed by the linker. */
  relocate(kind: RelocationKind, symbol: string, addend: number): void {
    this.relocations.push({ offset: 4 * this.words.length, kind, symbol, addend });
  }

  label(): Label {
    return this.labels.push(-1) - 1;
  }

  bind(label: Label): void {
    this.labels[label] = this.words.length;
  }

  branch(name: string, rs1: number, rs2: number, label: Label): void {
    this.references.push({ at: this.words.length, label, branch: true, long: false });
    this.instruction(name, 0, rs1, rs2, 0);
  }

  jump(label: Label, link = ZERO): void {
    this.references.push({ at: this.words.length, label, branch: false, long: false });
    this.instruction("jal", link, 0, 0, 0);
  }

  line({ file, line, column }: Position): void {
    const last = this.lines.at(-1);
    if (last !== undefined && last.line === line && last.file === file && last.column === column) return;
    const offset = 4 * this.words.length;
    if (last?.offset === offset) this.lines.pop();
    this.lines.push({ offset, file, line, column });
  }

  frame(bytes: number, saved: number, savedOffset: number): void {
    const offset = 4 * this.words.length;
    if (this.frames.at(-1)?.offset === offset) this.frames.pop();
    const last = this.frames.at(-1);
    if (last?.bytes === bytes && last.saved === saved && last.savedOffset === savedOffset) return;
    this.frames.push({ offset, bytes, saved, savedOffset });
  }

  /** The trap of a failed check. */
  trap(reason: Reason, { file, line }: Position): void {
    this.checks.push({ offset: 4 * this.words.length, reason, file, line });
    this.instruction("ebreak", 0, 0, 0, 0);
  }

  /** The section, and where its labels ended up. */
  finish(symbol: string): { section: Section; offsetOf: (label: Label) => number } {
    this.lengthen();
    const shift = this.shifts();
    const bytes = this.resolved(shift);
    const move = <Row extends { offset: number }>(rows: Row[]): Row[] =>
      shift === null ? rows : rows.map((row) => ({ ...row, offset: 4 * shift[row.offset / 4]! }));
    const section: Section = {
      symbol,
      kind: "code",
      alignment: 4,
      size: bytes.length,
      bytes,
      relocations: move(this.relocations),
      lines: move(this.lines),
      frames: move(this.frames),
      checks: move(this.checks),
    };
    return { section, offsetOf: (label) => 4 * place(shift, this.labels[label]!) };
  }

  /** Decides which branches are long; making one long may push another out of reach. */
  private lengthen(): void {
    if (4 * this.words.length < BRANCH_REACH) return;
    for (let changed = true; changed; ) {
      changed = false;
      const shift = this.shifts();
      for (const reference of this.references) {
        if (!reference.branch || reference.long) continue;
        const distance = 4 * (place(shift, this.labels[reference.label]!) - place(shift, reference.at));
        if (distance >= -BRANCH_REACH && distance < BRANCH_REACH) continue;
        reference.long = true;
        changed = true;
      }
    }
  }

  /** Where each word (and the end) goes once long branches have become two words; null where none has. */
  private shifts(): Int32Array | null {
    const long = this.references.filter((reference) => reference.long);
    if (long.length === 0) return null;
    const shift = new Int32Array(this.words.length + 1);
    let next = 0;
    for (let index = 0; index <= this.words.length; index++) {
      while (next < long.length && long[next]!.at < index) next++;
      shift[index] = index + next;
    }
    return shift;
  }

  private resolved(shift: Int32Array | null): Uint8Array {
    const count = place(shift, this.words.length);
    const bytes = new Uint8Array(4 * count);
    const view = new DataView(bytes.buffer);
    for (const [index, word] of this.words.entries()) view.setUint32(4 * place(shift, index), word, true);
    for (const { at, label, branch, long } of this.references) {
      const from = 4 * place(shift, at);
      const distance = 4 * place(shift, this.labels[label]!) - from;
      const word = this.words[at]!;
      if (!branch) view.setUint32(from, word | jumpOffset(distance), true);
      else if (!long) view.setUint32(from, word | branchOffset(distance), true);
      else {
        // funct3's lowest bit inverts the condition of a branch.
        view.setUint32(from, (word ^ 0x1000) | branchOffset(8), true);
        view.setUint32(from + 4, encode("jal", ZERO, 0, 0, distance - 4), true);
      }
    }
    return bytes;
  }
}

const place = (shift: Int32Array | null, index: number): number => (shift === null ? index : shift[index]!);
