/**
 * The one door: everything that comes from outside the machine is an event with the cycle at which it takes effect.
 *
 * Events are plain data, so that a recording can hold them line by line. An edit is what a fault injector does to the
 * machine: guests cannot tell it from a defect. The queue is part of the machine's state.
 */
import { PLIC_SOURCES } from "./board/plic.ts";
import type { BlockDirection } from "./device/block.ts";
import { MachineError } from "./error.ts";
import type { Archive, Archived } from "./state/archive.ts";

/** A change to the machine's state, made between two instructions. */
export type Edit =
  /** x1 to x31 ← value (32 bits) */
  | { readonly kind: "register"; readonly register: number; readonly value: number }
  /** pc ← value, even */
  | { readonly kind: "pc"; readonly value: number }
  /** the aligned word at a bus address in RAM ← value */
  | { readonly kind: "memory"; readonly address: number; readonly value: number }
  /** The next interrupt of a PLIC source gets lost: from its line's next rise until it falls, nobody sees it. */
  | { readonly kind: "lose-interrupt"; readonly line: number }
  /** A PLIC source becomes pending once, although no device asked. */
  | { readonly kind: "raise-interrupt"; readonly line: number }
  /** The next `count` disk requests in this direction end with an I/O error. */
  | { readonly kind: "disk-error"; readonly direction: BlockDirection; readonly count: number };

export type OutsideEvent =
  /** Somebody types: UTF-8 of `text`, or `bytes` as they are. */
  | { readonly at: number; readonly type: "input"; readonly text: string }
  | { readonly at: number; readonly type: "input"; readonly bytes: readonly number[] }
  | { readonly at: number; readonly type: "inject"; readonly edit: Edit };

/** Events not due yet, by cycle and then in the order they were posted. */
export class OutsideQueue implements Archived {
  #events: OutsideEvent[] = [];

  /** The cycle of the next event; Infinity if there is none. */
  get nextCycle(): number {
    return this.#events[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  add(event: OutsideEvent): void {
    checkEvent(event);
    const after = this.#events.findIndex((other) => other.at > event.at);
    this.#events.splice(after < 0 ? this.#events.length : after, 0, event);
  }

  /** Takes out the next event if it is due. */
  take(cycle: number): OutsideEvent | undefined {
    return this.nextCycle <= cycle ? this.#events.shift() : undefined;
  }

  exchange(archive: Archive): void {
    this.#events = JSON.parse(archive.text(JSON.stringify(this.#events))) as OutsideEvent[];
  }
}

/** The bytes that an input event types. */
export function inputBytes(event: OutsideEvent & { type: "input" }): readonly number[] {
  return "text" in event ? utf8(event.text) : event.bytes;
}

/** UTF-8; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0)!;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x1_0000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return bytes;
}

function checkEvent(event: OutsideEvent): void {
  check(Number.isSafeInteger(event.at) && event.at >= 0, `event at cycle ${event.at}`);
  if (event.type === "input") {
    check(
      inputBytes(event).every((byte) => isInteger(byte, 0, 255)),
      "input that is not bytes",
    );
  } else {
    checkEdit(event.edit);
  }
}

function checkEdit(edit: Edit): void {
  switch (edit.kind) {
    case "register":
      check(isInteger(edit.register, 1, 31) && isWord(edit.value), `edit of register ${edit.register}`);
      break;
    case "pc":
      check(isWord(edit.value) && edit.value % 2 === 0, `edit of pc to ${edit.value}`);
      break;
    case "memory":
      check(isWord(edit.address) && edit.address % 4 === 0 && isWord(edit.value), `edit of memory at ${edit.address}`);
      break;
    case "lose-interrupt":
    case "raise-interrupt":
      check(isInteger(edit.line, 1, PLIC_SOURCES), `edit of interrupt line ${edit.line}`);
      break;
    case "disk-error":
      check(isInteger(edit.count, 1, 1_000_000), `edit of ${edit.count} disk requests`);
      break;
  }
}

function check(condition: boolean, what: string): void {
  if (!condition) throw new MachineError(`impossible ${what}`);
}

function isInteger(value: number, lowest: number, highest: number): boolean {
  return Number.isInteger(value) && value >= lowest && value <= highest;
}

function isWord(value: number): boolean {
  return isInteger(value, 0, 0xffff_ffff);
}
