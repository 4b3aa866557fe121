/**
 * Two engines side by side: the machine with its translator, and another that interprets, which must do the same.
 *
 * Registers and counts are compared every few thousand cycles, the whole state whenever a run ends. Where they differ,
 * both go back to where the run began and approach, until the first cycle is found after which they do. Begin with
 * `run`.
 */
import { MachineError } from "./error.ts";
import type { Machine, OutsideEvent, Snapshot, Stop } from "./machine.ts";

/** Between comparisons of registers. */
const INTERVAL_CYCLES = 20_000;

/** What the comparison needs of a machine besides its public face. */
export interface Runnable {
  readonly machine: Machine;
  /** Runs with its own engine alone. */
  runAlone(untilCycle: number): Stop;
  /** The marked instruction before which it stands and over which it will step, if any: no snapshot holds that. */
  mark: number | null;
}

/** Where a run began. */
interface Beginning {
  readonly snapshot: Snapshot;
  readonly mark: number | null;
}

export class Lockstep {
  /** The one that interprets. */
  readonly #reference: Runnable;
  readonly #subject: Runnable;
  /** The subject was changed from outside, and the reference not. */
  #isStale = true;

  constructor(subject: Runnable, reference: Runnable) {
    this.#subject = subject;
    this.#reference = reference;
  }

  get reference(): Machine {
    return this.#reference.machine;
  }

  /** The subject was changed: the reference takes its state over before both run again. */
  changed(): void {
    this.#isStale = true;
  }

  /** The subject was told of an event: so is the reference, unless it takes the whole state over anyway. */
  post(event: OutsideEvent): void {
    if (!this.#isStale) this.reference.post(event);
  }

  /** Runs both. Throws a MachineError, one line with cycle and pc, where they part. */
  run(untilCycle: number): Stop {
    const beginCycle = this.#subject.machine.cycle;
    const begin = { snapshot: this.#subject.machine.snapshot(), mark: this.#subject.mark };
    if (this.#isStale) goBack(this.#reference, begin);
    this.#isStale = false;
    for (;;) {
      const from = this.#subject.machine.cycle;
      const [stop, difference] = this.#runBoth(Math.min(untilCycle, from + INTERVAL_CYCLES));
      const isOver = stop.kind !== "cycle" || this.#subject.machine.cycle >= untilCycle;
      if (difference !== null) throw this.#failure(begin, from, this.#subject.machine.cycle, difference);
      const hidden = isOver ? this.#wholeDifference() : null;
      if (hidden !== null) throw this.#failure(begin, beginCycle, this.#subject.machine.cycle, hidden);
      if (isOver) return stop;
    }
  }

  #runBoth(untilCycle: number): [Stop, string | null] {
    const expected = this.#reference.runAlone(untilCycle);
    const stop = this.#subject.runAlone(untilCycle);
    const difference =
      JSON.stringify(stop) === JSON.stringify(expected)
        ? this.#difference()
        : `stop ${JSON.stringify(stop)} instead of ${JSON.stringify(expected)}`;
    return [stop, difference];
  }

  /** What differs between the registers and counts; null if nothing does. */
  #difference(): string | null {
    const [found, expected] = [facts(this.#subject.machine), facts(this.#reference.machine)];
    const name = Object.keys(expected).find((key) => found[key] !== expected[key]);
    return name === undefined ? null : `${name} is ${shown(found[name])} instead of ${shown(expected[name])}`;
  }

  #wholeDifference(): string | null {
    return this.#subject.machine.hash() === this.#reference.machine.hash() ? null : "the states' hashes differ";
  }

  /** Narrows down where they part, between two cycles of which only the later one differs. */
  #failure(begin: Beginning, from: number, to: number, difference: string): MachineError {
    let [equal, different, what] = [from, to, difference];
    while (different - equal > 1) {
      const middle = Math.floor((equal + different) / 2);
      goBack(this.#subject, begin);
      goBack(this.#reference, begin);
      const [, found] = this.#runBoth(middle);
      if (found === null && this.#wholeDifference() === null) equal = middle;
      else [different, what] = [middle, found ?? "the states' hashes differ"];
    }
    goBack(this.#reference, begin);
    this.#reference.runAlone(equal);
    const pc = shown(this.#reference.machine.hart.readPc());
    return new MachineError(`engines differ after cycle ${equal}, where pc is ${pc}: ${what}`);
  }
}

function goBack(runnable: Runnable, { snapshot, mark }: Beginning): void {
  runnable.machine.restore(snapshot);
  runnable.mark = mark;
}

function facts(machine: Machine): Record<string, number> {
  const registers = Array.from({ length: 32 }, (_, register) => [`x${register}`, machine.hart.readRegister(register)]);
  return {
    cycle: machine.cycle,
    instructions: machine.instructions,
    pc: machine.hart.readPc(),
    ...Object.fromEntries(registers),
  };
}

function shown(value: number | undefined): string {
  return `0x${value?.toString(16)}`;
}
