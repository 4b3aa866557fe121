/**
 * The patterns of instruction selection for loads, stores, and copies that are made in line.
 *
 * Offsets, slots and symbols that only serve as addresses are folded into the accesses. Begin reading at `MemoryPatterns.load`.
 */
import { fitsImmediate } from "./constants.ts";
import { type MachineInstruction, NONE, ZERO } from "./machine-code.ts";
import type { Selection } from "./select.ts";
import type { Value } from "./ssa.ts";

/** Copies up to this many words are made in line. */
const INLINE_UNITS = 16;
/** A copy reads so many words before it writes them. */
const COPY_GROUP = 4;

/** A place in memory as the addressing mode has it: a register or a slot of the frame, or a symbol, and an offset. */
interface Place {
  kind: "register" | "slot" | "symbol";
  register: number;
  slot: number;
  symbol: string;
  offset: number;
}

/** Whether a copy, or filling with zeros, is so short that no call is worth it. */
export function isInline(value: Value): boolean {
  return value.bytes <= unitOf(value) * INLINE_UNITS;
}

/** The bytes of one access of a copy. */
function unitOf(value: Value): number {
  return Math.min(4, value.alignment);
}

export class MemoryPatterns {
  constructor(private readonly selection: Selection) {}

  load(value: Value, base: Value): void {
    const result = this.selection.result(value);
    this.loadFrom(this.place(base, value), value.bytes, value.signed, result);
  }

  store(value: Value, base: Value, source: Value): void {
    const register = this.selection.register(source);
    this.storeTo(this.place(base, value), value.bytes, register);
  }

  copy(value: Value, target: Value, source: Value): void {
    const { selection } = this;
    const unit = unitOf(value);
    const to = this.copyPlace(target, value);
    const from = this.copyPlace(source, value);
    for (let group = 0; group < value.bytes; group += unit * COPY_GROUP) {
      const pieces: { offset: number; bytes: number; register: number }[] = [];
      for (const piece of piecesOf(group, Math.min(value.bytes, group + unit * COPY_GROUP), unit)) {
        pieces.push({ ...piece, register: selection.newRegister() });
      }
      for (const { offset, bytes, register } of pieces) {
        this.loadFrom({ ...from, offset: from.offset + offset }, bytes, false, register);
      }
      for (const { offset, bytes, register } of pieces) {
        this.storeTo({ ...to, offset: to.offset + offset }, bytes, register);
      }
    }
  }

  zero(value: Value, target: Value): void {
    const unit = unitOf(value);
    const to = this.copyPlace(target, value);
    for (const { offset, bytes } of piecesOf(0, value.bytes, unit)) {
      this.storeTo({ ...to, offset: to.offset + offset }, bytes, ZERO);
    }
  }

  private place(base: Value, access: Value): Place {
    const { selection } = this;
    const place: Place = { kind: "register", register: NONE, slot: 0, symbol: "", offset: access.offset };
    const slot = base.kind === "slot" && this.isNear(base.slot);
    const symbol =
      base.kind === "symbol" && selection.readers[base.id] === 1 && base.block?.loop === access.block?.loop;
    if (slot || symbol) {
      place.kind = base.kind as "slot" | "symbol";
      place.slot = base.slot;
      place.symbol = base.symbol;
      place.offset += base.offset;
    } else place.register = selection.register(base);
    return place;
  }

  /** Whether the slot lies at a constant distance from sp that an immediate can hold. */
  private isNear(slot: number): boolean {
    const { selection } = this;
    return selection.nearSlots && selection.graph.slots[slot]!.alignment <= 16;
  }

  private loadFrom(place: Place, bytes: number, signed: boolean, rd: number): void {
    const name = bytes === 4 ? "lw" : `${bytes === 2 ? "lh" : "lb"}${signed ? "" : "u"}`;
    this.access(name, rd, NONE, place);
  }

  private storeTo(place: Place, bytes: number, source: number): void {
    this.access(bytes === 4 ? "sw" : bytes === 2 ? "sh" : "sb", NONE, source, place);
  }

  private access(name: string, rd: number, source: number, place: Place): void {
    const { selection } = this;
    if (place.kind === "slot") {
      const instruction = selection.emit(rd === NONE ? "slotStore" : "slotLoad", rd, NONE, source, place.offset);
      instruction.slot = place.slot;
      instruction.width = name;
    } else if (place.kind === "symbol") {
      const high = selection.newRegister();
      symbolPart(selection.emit("lui", high, NONE, NONE, place.offset), place.symbol, "high");
      symbolPart(selection.emit(name, rd, high, source, place.offset), place.symbol, "low");
    } else if (fitsImmediate(place.offset)) selection.emit(name, rd, place.register, source, place.offset);
    else {
      const low = (place.offset << 20) >> 20;
      const high = selection.newRegister();
      const base = selection.newRegister();
      selection.emit("li", high, NONE, NONE, (place.offset - low) | 0);
      selection.emit("add", base, high, place.register);
      selection.emit(name, rd, base, source, low);
    }
  }

  /** A symbol is worth a register here, since several accesses share it. */
  private copyPlace(base: Value, value: Value): Place {
    if (base.kind !== "symbol") return this.place(base, value);
    return { kind: "register", register: this.selection.register(base), slot: 0, symbol: "", offset: 0 };
  }
}

/** Makes an instruction one half of a symbol's address. */
export function symbolPart(instruction: MachineInstruction, symbol: string, part: "high" | "low"): void {
  instruction.symbol = symbol;
  instruction.part = part;
}

/** Cuts a stretch of memory into accesses of at most `unit` bytes. */
function piecesOf(from: number, to: number, unit: number): { offset: number; bytes: number }[] {
  const pieces: { offset: number; bytes: number }[] = [];
  for (let offset = from; offset < to; ) {
    let bytes = unit;
    while (offset + bytes > to) bytes >>= 1;
    pieces.push({ offset, bytes });
    offset += bytes;
  }
  return pieces;
}
