/**
 * The stack frame of a function: where its slots, spilled words and saved registers lie.
 *
 * From sp upwards: arguments passed on the stack; slots that are accessed at a distance from sp; spilled words; saved registers in ascending
 * order, so ra first; the other slots. Everything that immediates must reach comes first. The frame is a multiple of 16 bytes (psABI, section 2.1).
 * Slots that want more than that are aligned when their address is taken, since no frame pointer is kept.
 */
import { fitsImmediate } from "./constants.ts";
import { CALL_CLOBBERS, type MachineFunction, RA, SAVED, T0 } from "./machine-code.ts";

export interface Frame {
  readonly bytes: number;
  /** Of each slot, from sp. Rounding this address up to the slot's alignment stays inside the frame. */
  readonly slots: readonly number[];
  /** Of the first spilled word. */
  readonly spills: number;
  /** Of the first saved register. */
  readonly savedOffset: number;
  /** Registers that are saved; bit n is register n. */
  readonly saved: number;
}

/** Slots up to this size come first; see select.ts for who relies on it. */
export const NEAR_SLOT_BYTES = 1024;
export const STACK_ALIGNMENT = 16;

/** Whether the function's slots are accessed at a constant distance from sp: those that need no alignment beyond the stack's. */
export function slotsAreNear(slots: MachineFunction["slots"]): boolean {
  return slots.reduce((sum, slot) => sum + slot.bytes + STACK_ALIGNMENT, 0) <= NEAR_SLOT_BYTES;
}

export function frameOf(code: MachineFunction): Frame {
  const saved = code.written & (SAVED | (1 << RA));
  const slots: number[] = new Array(code.slots.length).fill(0);
  let end = code.outgoingBytes;
  const place = (near: boolean): void => {
    for (const [index, slot] of code.slots.entries()) {
      if ((slotsAreNear(code.slots) && slot.alignment <= STACK_ALIGNMENT) !== near) continue;
      const alignment = Math.min(Math.max(slot.alignment, 4), STACK_ALIGNMENT);
      end = (end + alignment - 1) & -alignment;
      slots[index] = end;
      end += slot.bytes + Math.max(0, slot.alignment - STACK_ALIGNMENT);
    }
  };
  place(true);
  end = (end + 3) & ~3;
  const spills = end;
  const savedOffset = spills + 4 * code.spills;
  end = savedOffset;
  for (let rest = saved; rest !== 0; rest &= rest - 1) end += 4;
  place(false);
  const bytes = (end + STACK_ALIGNMENT - 1) & -STACK_ALIGNMENT;
  return { bytes, slots, spills, savedOffset, saved };
}

/** The registers that a caller of the function finds changed, which may be fewer than those that the calling convention lets it change. */
export function clobbersOf(code: MachineFunction): number {
  const { bytes } = frameOf(code);
  const scratch = fitsImmediate(-bytes) && fitsImmediate(bytes) ? 0 : 1 << T0;
  return (code.written & CALL_CLOBBERS) | (1 << RA) | scratch;
}
