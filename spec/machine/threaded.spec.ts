/**
 * The interpreter of a machine that translates, instruction by instruction beside the reference: every row of the
 * instruction set, with random operands, in lock-step. Nothing is translated here; programs of some length are in
 * translate/.
 *
 * `RENIX_SEED=n` repeats a run.
 */
import { expect } from "chai";
import { COMPRESSIBLE } from "../../machine/isa/compressed.ts";
import { decode } from "../../machine/isa/decode.ts";
import { INSTRUCTIONS } from "../../machine/isa/instructions.ts";
import { Csr, Interrupt } from "../../machine/isa/registers.ts";
import { Machine, type Snapshot } from "../../machine/machine.ts";
import { ORIGIN } from "./assembler.ts";
import { Random } from "./random.ts";

const TRIALS = 10;
/**
 * Of an instruction that has only trapped so far: few numbers are those of a register, few addresses good for an
 * atomic.
 */
const MOST_TRIALS = 1000;
const HALF_WORDS = 0x1_0000;
const RAM_BYTES = 1 << 20;
/** Instructions stand before and behind an address that is no multiple of 4, and across the end of a page. */
const PLACES = [0x1000, 0x1002, 0x1ffc, 0x1ffe].map((offset) => ORIGIN + offset);
const DATA = ORIGIN + 0x8000;
const DATA_BYTES = 0x2000;
const NEVER = 60_000;

class Trials {
  readonly machine = new Machine({ ramBytes: RAM_BYTES, engine: "lockstep", translateAfter: NEVER });
  readonly #random: Random;
  readonly #start: Snapshot;

  constructor(seed: number) {
    this.#random = new Random(seed);
    // `wfi` finds something to wake up for.
    this.machine.hart.writeCsr(Csr.mie, 1 << Interrupt.SupervisorSoftware);
    this.machine.hart.writeCsr(Csr.mip, 1 << Interrupt.SupervisorSoftware);
    const data = Uint8Array.from({ length: DATA_BYTES }, () => this.#random.word());
    this.machine.writePhysical(DATA, data);
    this.#start = this.machine.snapshot();
  }

  /**
   * Runs an instruction with random operands, several times; whether it has ever completed. Throws a MachineError where
   * the engines part.
   */
  run(randomEncoding: (random: Random) => number): boolean {
    let hasCompleted = false;
    for (let trial = 0; trial < (hasCompleted ? TRIALS : MOST_TRIALS); trial++) {
      this.#runOnce(randomEncoding(this.#random));
      hasCompleted ||= this.machine.instructions === 1;
    }
    return hasCompleted;
  }

  #runOnce(word: number): void {
    const { machine } = this;
    const random = this.#random;
    machine.restore(this.#start);
    const pc = random.pick(PLACES);
    machine.writePhysical(pc, new Uint8Array(Int32Array.of(word).buffer));
    machine.hart.writePc(pc);
    for (let register = 1; register < 32; register++) {
      const address = DATA + random.integer(DATA_BYTES);
      machine.hart.writeRegister(register, random.pick([random.word(), address, address & ~3]));
    }
    machine.run(machine.cycle + 1);
  }
}

describe("threaded code", () => {
  const seed = Number(process.env.RENIX_SEED ?? 1 + Math.floor(Math.random() * 0x7fff_fffe));

  it(`does what the reference does, in four bytes (RENIX_SEED=${seed})`, () => {
    const trials = new Trials(seed);
    const trapping = INSTRUCTIONS.filter(({ encoding }) => !trials.run((random) => filledIn(encoding, random)));
    expect(trapping.map(({ name }) => name)).to.deep.equal(["ecall", "ebreak"]);
    expect(trials.machine.statistics.regions).to.equal(0);
  });

  it(`does what the reference does, in two bytes (RENIX_SEED=${seed})`, () => {
    const trials = new Trials(seed);
    const halfWords = new Map(COMPRESSIBLE.map((row) => [row, [] as number[]]));
    for (let half = 0; half < HALF_WORDS; half++) {
      const decoded = decode(half);
      if (decoded?.lengthBytes === 2) halfWords.get(decoded.instruction)!.push(half);
    }
    const trapping = COMPRESSIBLE.filter((row) => !trials.run((random) => random.pick(halfWords.get(row)!)));
    expect(trapping.map((row) => INSTRUCTIONS[row]!.name)).to.deep.equal(["ebreak"]);
  });
});

/** An encoding with random bits for operands. */
function filledIn(encoding: string, random: Random): number {
  const bits = encoding.replaceAll(" ", "").replaceAll(".", () => String(random.integer(2)));
  return Number.parseInt(bits, 2) | 0;
}
