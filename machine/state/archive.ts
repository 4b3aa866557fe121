/**
 * One description of a component's state, used to save it, to restore it, and to hash it.
 *
 * A component passes each field through the archive and keeps what comes back: `this.head = archive.number(this.head)`.
 * An archive that saves returns what it was given; one that restores returns what was saved. So no field can be saved
 * and forgotten on the way back.
 */
import { assert } from "../error.ts";

export interface Archive {
  /** Any number, exactly; infinities included. */
  number(value: number): number;
  boolean(value: boolean): boolean;
  /** An array of numbers whose length may vary. */
  numbers(values: readonly number[]): number[];
  /** A typed array of fixed length, exchanged in place. */
  words(values: Int32Array | Uint8Array): void;
  /** A text of any length. */
  text(value: string): string;
}

export interface Archived {
  /** Passes every field of the state through the archive, always in the same order. */
  exchange(archive: Archive): void;
}

export class Saver implements Archive {
  #values: number[] = [];

  number(value: number): number {
    this.#values.push(value);
    return value;
  }

  boolean(value: boolean): boolean {
    this.number(value ? 1 : 0);
    return value;
  }

  numbers(values: readonly number[]): number[] {
    this.number(values.length);
    for (const value of values) this.number(value);
    return values.slice();
  }

  words(values: Int32Array | Uint8Array): void {
    for (const value of values) this.number(value);
  }

  text(value: string): string {
    this.numbers(Array.from(value, (character) => character.codePointAt(0)!));
    return value;
  }

  /** What was saved, as doubles: exact for every value of the machine. */
  get saved(): Float64Array {
    return Float64Array.from(this.#values);
  }
}

export class Loader implements Archive {
  readonly #values: Float64Array;
  #position = 0;

  constructor(saved: Float64Array) {
    this.#values = saved;
  }

  number(): number {
    assert(this.#position < this.#values.length, "snapshot too short");
    return this.#values[this.#position++]!;
  }

  boolean(): boolean {
    return this.number() !== 0;
  }

  numbers(): number[] {
    const values = new Array<number>(this.number());
    for (let index = 0; index < values.length; index++) values[index] = this.number();
    return values;
  }

  words(values: Int32Array | Uint8Array): void {
    for (let i = 0; i < values.length; i++) values[i] = this.number();
  }

  text(): string {
    return Array.from(this.numbers(), (point) => String.fromCodePoint(point)).join("");
  }
}
