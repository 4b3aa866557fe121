/**
 * The bus: which device answers at an address.
 *
 * RAM is not here; the hart and DMA reach it directly. An address where nobody answers, or a width that a device does
 * not have, is `NO_ANSWER`, which the hart turns into an access fault.
 */
import type { Width } from "./isa/meaning.ts";
import type { Archived } from "./state/archive.ts";

export const NO_ANSWER = -1;

/** What reading a register does. */
export const enum Reading {
  /** Perhaps something: what devices say, and when they do something by themselves, may be otherwise afterwards. */
  Changes,
  /** Nothing; but later it may say something else. */
  Looks,
  /** Nothing, and it says the same until a device is written to, read with effect, or does something by itself. */
  Steady,
}

export interface Device extends Archived {
  /** Reads a register: an unsigned number of that width, or `NO_ANSWER`. `offset` is a multiple of the width. */
  read(offset: number, width: Width): number;
  /** What it would do to read that now; where a device does not say, it may change something. */
  effectOfReading?(offset: number): Reading;
  /** Writes a register with the low bits of `value`; false if nothing answers. */
  write(offset: number, width: Width, value: number): boolean;
  /** The cycle at which the device will next do something by itself; Infinity if never. */
  readonly nextEventCycle: number;
  /** Does what is due at `cycle`. */
  advance(cycle: number): void;
  /** Back to the state at power-on. */
  reset(): void;
}

/** The present, for devices that must know when they are accessed. */
export interface Clock {
  readonly cycle: number;
}

/** A wire from a device to whoever takes interrupts. */
export type Wire = (level: boolean) => void;

interface Place {
  readonly start: number;
  readonly end: number;
  readonly device: Device;
}

export class Bus {
  /** Told when a device has changed, or may have. */
  onChange: () => void = () => {};
  /** What the last read has done. */
  lastReading = Reading.Changes;
  /** When a device will next do something may have changed. */
  #hasChanged = true;
  readonly #places: Place[] = [];

  attach(start: number, sizeBytes: number, device: Device): void {
    this.#places.push({ start, end: start + sizeBytes, device });
  }

  /** In the order in which they were attached. */
  get devices(): Device[] {
    return this.#places.map((place) => place.device);
  }

  /** Whether a device lies there at all. */
  isOccupied(address: number): boolean {
    return this.#find(address, 1) !== undefined;
  }

  /** Devices have changed, or may have. */
  change(): void {
    this.#hasChanged = true;
    this.onChange();
  }

  /** Whether they may have since the last time that somebody asked. */
  takeChange(): boolean {
    const hasChanged = this.#hasChanged;
    this.#hasChanged = false;
    return hasChanged;
  }

  read(address: number, width: Width): number {
    const place = this.#find(address, width);
    if (place === undefined) return NO_ANSWER;
    const offset = address - place.start;
    this.lastReading = place.device.effectOfReading?.(offset) ?? Reading.Changes;
    if (this.lastReading === Reading.Changes) this.change();
    return place.device.read(offset, width);
  }

  write(address: number, width: Width, value: number): boolean {
    this.change();
    const place = this.#find(address, width);
    return place?.device.write(address - place.start, width, value) ?? false;
  }

  #find(address: number, width: Width): Place | undefined {
    return this.#places.find((place) => address >= place.start && address + width <= place.end);
  }
}
