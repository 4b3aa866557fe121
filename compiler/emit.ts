/**
 * Emission: allocated machine code to the bytes of a section, with its relocations, lines, frames and checks.
 *
 * Here pseudo-instructions become real ones, the frame is made and taken down, and branches follow the order of the blocks. Failed checks land on an
 * `ebreak` of their own behind the function's last block, out of the way. Begin reading at `emit`.
 */

import { assembleInline } from "./assembler.ts";
import { CodeWriter, type Label } from "./code-writer.ts";
import { fitsImmediate } from "./constants.ts";
import { highPart, lowPart } from "./encode.ts";
import { type Frame, frameOf, STACK_ALIGNMENT } from "./frame.ts";
import {
  type MachineBlock,
  type MachineFunction,
  type MachineInstruction,
  RA,
  REGISTER_NAMES,
  SP,
  T0,
  ZERO,
} from "./machine-code.ts";
import type { Section } from "./object.ts";

const INVERTED: Record<string, string> = { beq: "bne", bne: "beq", blt: "bge", bge: "blt", bltu: "bgeu", bgeu: "bltu" };

/** The function's section, and one for each of its jump tables. Its blocks must be in the order in which they shall stand. */
export function emit(code: MachineFunction): Section[] {
  return new Emission(code).run();
}

class Emission {
  private readonly writer = new CodeWriter();
  private readonly frame: Frame;
  private readonly labels: ReadonlyMap<MachineBlock, Label>;
  private readonly traps: { label: Label; instruction: MachineInstruction; framed: boolean }[] = [];
  /** Whether the block at hand runs with the frame. */
  private framed = false;

  constructor(private readonly code: MachineFunction) {
    this.frame = frameOf(code);
    this.labels = new Map(code.blocks.map((block) => [block, this.writer.label()]));
  }

  run(): Section[] {
    const { code, writer } = this;
    writer.line(code.position);
    writer.frame(0, 0, 0);
    if (code.framed === null) this.prologue();
    for (const [index, block] of code.blocks.entries()) {
      writer.bind(this.labels.get(block)!);
      this.begin(block);
      for (const instruction of block.instructions) {
        writer.line(instruction.position);
        this.instruction(instruction);
      }
      this.ending(block, code.blocks[index + 1]);
    }
    for (const { label, instruction, framed } of this.traps) {
      writer.bind(label);
      this.state(framed);
      writer.line(instruction.position);
      writer.trap(instruction.reason, instruction.position);
    }
    const { section, offsetOf } = writer.finish(code.symbol);
    return [section, ...this.tables(offsetOf)];
  }

  // The frame

  /** A block that makes the frame, has it, or runs without. */
  private begin(block: MachineBlock): void {
    const { frameStarts, framed } = this.code;
    this.framed = framed === null || framed.has(block);
    this.state(this.framed && !frameStarts.has(block));
    if (!frameStarts.has(block)) return;
    this.writer.line((block.instructions[0] ?? block.ending).position);
    this.prologue();
  }

  /** What an unwinder finds from here on. */
  private state(framed: boolean): void {
    const { bytes, saved, savedOffset } = this.frame;
    if (framed) this.writer.frame(bytes, saved, savedOffset);
    else this.writer.frame(0, 0, 0);
  }

  private prologue(): void {
    const { writer, frame } = this;
    if (frame.bytes === 0) return;
    this.moveStack(-frame.bytes);
    writer.frame(frame.bytes, 0, 0);
    if (frame.saved === 0) return;
    this.eachSaved((register, offset) => writer.instruction("sw", 0, SP, register, offset));
    writer.frame(frame.bytes, frame.saved, frame.savedOffset);
  }

  private epilogue(): void {
    const { writer, frame } = this;
    if (frame.bytes > 0 && this.framed) {
      this.eachSaved((register, offset) => writer.instruction("lw", register, SP, 0, offset));
      if (frame.saved !== 0) writer.frame(frame.bytes, 0, 0);
      this.moveStack(frame.bytes);
      writer.frame(0, 0, 0);
    }
    writer.instruction("jalr", ZERO, RA, 0, 0);
  }

  /** t0 is free at both ends of a function. */
  private moveStack(bytes: number): void {
    const { writer } = this;
    if (fitsImmediate(bytes)) return writer.instruction("addi", SP, SP, 0, bytes);
    writer.constant(T0, bytes);
    writer.instruction("add", SP, SP, T0, 0);
  }

  private eachSaved(visit: (register: number, offset: number) => void): void {
    let offset = this.frame.savedOffset;
    for (let register = 0; register < 32; register++) {
      if ((this.frame.saved & (1 << register)) === 0) continue;
      visit(register, offset);
      offset += 4;
    }
  }

  // Instructions

  private instruction(instruction: MachineInstruction): void {
    const { writer, frame } = this;
    const { name, rd, rs1, rs2, immediate, symbol } = instruction;
    switch (name) {
      case "mv":
        return writer.instruction("addi", rd, rs1, 0, 0);
      case "li":
        return writer.constant(rd, immediate);
      case "la":
        return writer.address(rd, symbol, immediate);
      case "call":
        return writer.call(symbol);
      case "callIndirect":
        return writer.instruction("jalr", RA, rs1, 0, 0);
      case "slot":
        return this.slotAddress(instruction);
      case "slotLoad":
      case "slotStore":
        return writer.instruction(instruction.width, rd, SP, rs2, frame.slots[instruction.slot]! + immediate);
      case "argument":
        return this.wordOfFrame(rd, (this.framed ? frame.bytes : 0) + immediate);
      case "reload":
        return writer.instruction("lw", rd, SP, 0, frame.spills + 4 * immediate);
      case "spill":
        return writer.instruction("sw", 0, SP, rs2, frame.spills + 4 * immediate);
      case "csrrwi":
        return writer.instruction(name, rd, instruction.small, 0, immediate);
      case "check":
        return this.check(instruction);
      case "assembly":
        return this.assembly(instruction);
      default:
        return this.plain(instruction);
    }
  }

  private plain({ name, rd, rs1, rs2, immediate, symbol, part }: MachineInstruction): void {
    const { writer } = this;
    if (part === "none") return writer.instruction(name, rd, rs1, rs2, immediate);
    const low = rd < 0 ? "lowStore" : "lowLoad";
    writer.relocate(part === "high" ? "high" : low, symbol, immediate);
    writer.instruction(name, rd, rs1, rs2, 0);
  }

  private slotAddress({ rd, slot, immediate }: MachineInstruction): void {
    const { alignment } = this.code.slots[slot]!;
    const offset = this.frame.slots[slot]!;
    if (alignment <= STACK_ALIGNMENT) return this.addToStack(rd, offset + immediate);
    this.addToStack(rd, offset + alignment - 1);
    this.writer.instruction("andi", rd, rd, 0, -alignment);
    if (immediate === 0) return;
    if (!fitsImmediate(immediate)) throw new Error(`${this.code.symbol}: offset ${immediate} in an aligned slot`);
    this.writer.instruction("addi", rd, rd, 0, immediate);
  }

  private addToStack(rd: number, offset: number): void {
    const { writer } = this;
    if (fitsImmediate(offset)) return writer.instruction("addi", rd, SP, 0, offset);
    writer.constant(rd, offset);
    writer.instruction("add", rd, rd, SP, 0);
  }

  private wordOfFrame(rd: number, offset: number): void {
    const { writer } = this;
    if (fitsImmediate(offset)) return writer.instruction("lw", rd, SP, 0, offset);
    writer.instruction("lui", rd, 0, 0, highPart(offset));
    writer.instruction("add", rd, rd, SP, 0);
    writer.instruction("lw", rd, rd, 0, lowPart(offset));
  }

  private check(instruction: MachineInstruction): void {
    const { writer } = this;
    const label = writer.label();
    writer.branch(instruction.width, instruction.rs1, instruction.rs2, label);
    this.traps.push({ label, instruction, framed: this.framed });
  }

  private assembly(instruction: MachineInstruction): void {
    const operands = instruction.operands!.map((operand) =>
      typeof operand === "string" ? { symbol: operand } : { text: REGISTER_NAMES[instruction.reads![operand]!]! },
    );
    assembleInline(this.writer, instruction.text!, operands, instruction.position);
  }

  // Endings

  private ending(block: MachineBlock, next: MachineBlock | undefined): void {
    const { writer } = this;
    const { ending } = block;
    if (ending.kind === "unreachable") return;
    writer.line(ending.position);
    switch (ending.kind) {
      case "jump":
        return this.jump(ending.targets[0]!, next);
      case "branch": {
        const [then, otherwise] = ending.targets as [MachineBlock, MachineBlock];
        if (then === next) {
          writer.branch(INVERTED[ending.name]!, ending.rs1, ending.rs2, this.labels.get(otherwise)!);
        } else {
          writer.branch(ending.name, ending.rs1, ending.rs2, this.labels.get(then)!);
          this.jump(otherwise, next);
        }
        return;
      }
      case "table":
        return writer.instruction("jalr", ZERO, ending.rs1, 0, 0);
      case "return":
        return this.epilogue();
      case "trap":
        return writer.trap(ending.reason, ending.position);
    }
  }

  private jump(target: MachineBlock, next: MachineBlock | undefined): void {
    if (target !== next) this.writer.jump(this.labels.get(target)!);
  }

  private tables(offsetOf: (label: Label) => number): Section[] {
    return this.code.blocks.flatMap(({ ending }): Section[] => {
      if (ending.kind !== "table") return [];
      const size = 4 * ending.table.length;
      const relocations = ending.table.map((target, index) => ({
        offset: 4 * index,
        kind: "word" as const,
        symbol: this.code.symbol,
        addend: offsetOf(this.labels.get(ending.targets[target]!)!),
      }));
      const nothing = { lines: [], frames: [], checks: [] };
      const bytes = new Uint8Array(size);
      return [{ symbol: ending.tableSymbol, kind: "constant", alignment: 4, size, bytes, relocations, ...nothing }];
    });
  }
}
