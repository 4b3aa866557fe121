/**
 * `.debug_frame`: where at each instruction the caller's stack and return address are (DWARF 4, section 6.4).
 *
 * The canonical frame address is sp where the function was entered. Routines in assembly have no known frame: there the chain of callers ends.
 */
import { ByteWriter } from "./bytes.ts";
import type { Placed } from "./line-table.ts";
import { RA, SP } from "./machine-code.ts";
import type { FrameRow } from "./object.ts";

const CODE_ALIGNMENT = 4;
const DATA_ALIGNMENT = -4;

const enum Rule {
  Nop = 0x00,
  Advance1 = 0x02,
  Advance2 = 0x03,
  Advance4 = 0x04,
  Undefined = 0x07,
  SameValue = 0x08,
  DefineFrame = 0x0c,
  DefineFrameOffset = 0x0e,
  /** The low six bits: how far. */
  Advance = 0x40,
  /** The low six bits: the register. */
  Offset = 0x80,
}

export function debugFrame(code: readonly Placed[]): Uint8Array {
  const out = new ByteWriter(1 << 12);
  writeEntry(out, 0xffff_ffff, () => {
    out.u8(3); // version
    out.u8(0); // no augmentation
    out.unsigned(CODE_ALIGNMENT);
    out.signed(DATA_ALIGNMENT);
    out.unsigned(RA);
    out.u8(Rule.DefineFrame);
    out.unsigned(SP);
    out.unsigned(0);
    out.u8(Rule.SameValue);
    out.unsigned(RA);
  });
  for (const { section, address } of code) {
    writeEntry(out, 0, () => {
      out.u32(address);
      out.u32(section.size);
      if (section.frames.length === 0) {
        out.u8(Rule.Undefined);
        out.unsigned(RA);
      } else writeRows(out, section.frames);
    });
  }
  return out.finish();
}

/** Length, the id (or where the common entry lies), the content, padding to a word. */
function writeEntry(out: ByteWriter, id: number, content: () => void): void {
  const start = out.length;
  out.u32(0);
  out.u32(id);
  content();
  while ((out.length - start) % 4 !== 0) out.u8(Rule.Nop);
  out.setU32(start, out.length - start - 4);
}

function writeRows(out: ByteWriter, rows: readonly FrameRow[]): void {
  let before: FrameRow = { offset: 0, bytes: 0, saved: 0, savedOffset: 0 };
  for (const row of rows) {
    advance(out, (row.offset - before.offset) / CODE_ALIGNMENT);
    if (row.bytes !== before.bytes) {
      out.u8(Rule.DefineFrameOffset);
      out.unsigned(row.bytes);
    }
    let place = row.savedOffset;
    for (let register = 0; register < 32; register++) {
      const bit = 1 << register;
      if ((row.saved & bit) !== 0) {
        if ((before.saved & bit) === 0) {
          out.u8(Rule.Offset | register);
          out.unsigned((row.bytes - place) / -DATA_ALIGNMENT);
        }
        place += 4;
      } else if ((before.saved & bit) !== 0) {
        out.u8(Rule.SameValue);
        out.unsigned(register);
      }
    }
    before = row;
  }
}

function advance(out: ByteWriter, instructions: number): void {
  if (instructions === 0) return;
  if (instructions < 0x40) out.u8(Rule.Advance | instructions);
  else if (instructions <= 0xff) {
    out.u8(Rule.Advance1);
    out.u8(instructions);
  } else if (instructions <= 0xffff) {
    out.u8(Rule.Advance2);
    out.u16(instructions);
  } else {
    out.u8(Rule.Advance4);
    out.u32(instructions);
  }
}
