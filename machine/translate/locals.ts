/** The locals of a region's function: parameters, scratch, and one for each guest register in use. */
import { Type } from "./encode.ts";
import { forEachRegister } from "./registers.ts";

export const enum Local {
  /** Which entry; 0 once it has been reached. */
  Entry = 0,
  Budget = 1,
  /** Calls that may still be nested. */
  Depth = 2,
  /** Where the hart stands, on the way out. */
  Pc = 3,
  Address = 4,
  /** An entry of the translation cache, then a place in memory. */
  Slot = 5,
  Value = 6,
  /** From here: pages that were looked up already, places of groups, then registers. */
  First = 7,
}

const PARAMETERS = 3;
const NAMES = ["entry", "budget", "depth", "pc", "address", "slot", "value"];

export class Locals {
  /** Behind the parameters. */
  readonly types: readonly Type[];
  readonly #byRegister = new Map<number, number>();
  readonly #keptPages: number;
  readonly #places: number;

  constructor(registers: number, keptPages: number, places: number) {
    this.#keptPages = keptPages;
    this.#places = places;
    const firstRegister = Local.First + 2 * keptPages + places;
    forEachRegister(registers, (register) => this.#byRegister.set(register, firstRegister + this.#byRegister.size));
    this.types = new Array<Type>(firstRegister - PARAMETERS + this.#byRegister.size).fill(Type.I32);
  }

  /** By number, for people: what each is for. `registerNames` are those of x0 to x31. */
  names(registerNames: readonly string[]): string[] {
    const names = [...NAMES];
    for (let slot = 0; slot < this.#keptPages; slot++) names.push(`page${slot}`, `delta${slot}`);
    for (let slot = 0; slot < this.#places; slot++) names.push(`place${slot}`);
    for (const register of this.#byRegister.keys()) names.push(registerNames[register]!);
    return names;
  }

  of(register: number): number {
    return this.#byRegister.get(register)!;
  }

  /** The address of a page that is kept. */
  page(slot: number): number {
    return Local.First + 2 * slot;
  }

  /** Where in RAM a group of accesses begins. */
  place(slot: number): number {
    return Local.First + 2 * this.#keptPages + slot;
  }

  /** What to add to an address in a page that is kept, for the place in RAM. */
  pageDelta(slot: number): number {
    return Local.First + 2 * slot + 1;
  }
}
