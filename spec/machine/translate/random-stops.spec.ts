/**
 * Stops on purpose, at random: breakpoints, watches, snapshots and slices of any size, in lock-step; and in the end the
 * same state as of a machine that nobody has stopped.
 *
 * `RENIX_SEED=n` repeats a run, `RENIX_RUNS=n` makes it n programs long.
 */
import { expect } from "chai";
import { type Breakpoint, Machine, type Snapshot, type Stop } from "../../../machine/machine.ts";
import { ORIGIN } from "../assembler.ts";
import { Random } from "../random.ts";
import { DATA, DATA_PAGES, ISLAND_PAGES, ISLANDS, LEAF_TABLE, USER_ALIAS, ZONE_ISLANDS } from "../random-layout.ts";
import { randomImage } from "../random-program.ts";

const PROGRAMS = Number(process.env.RENIX_RUNS ?? 4);
const TESTS_PER_IMAGE = 6;
const RAM_BYTES = 8 << 20;
/** Far beyond the end of programs that end. */
const PATIENCE_CYCLES = 50_000_000;
/** Short and long slices alike. */
const SLICES_CYCLES = [1, 7, 100, 3000, 50_000, 400_000];
const TRANSLATE_AFTER = [0, 1, 2, 30];
const MOST_SNAPSHOTS = 4;
const SATP_OF_ZERO = 0;

/** Where a program stands now and then, which is where a breakpoint is worth setting. */
type Places = number[];

class Visitor {
  readonly machine: Machine;
  readonly #random: Random;
  readonly #image: Uint8Array;
  readonly #snapshots: Snapshot[] = [];
  readonly #places: Places = [];
  /** How often it stopped by a breakpoint or a watch. */
  stops = 0;

  constructor(image: Uint8Array, random: Random) {
    this.#image = image;
    this.#random = random;
    this.machine = new Machine({
      ramBytes: RAM_BYTES,
      engine: "lockstep",
      translateAfter: random.pick(TRANSLATE_AFTER),
    });
    this.machine.writePhysical(ORIGIN, image);
  }

  /** Runs to the program's end, disturbing it all the way. */
  run(): Stop {
    for (;;) {
      this.#disturb();
      const stop = this.machine.run(this.machine.cycle + this.#random.pick(SLICES_CYCLES));
      if (stop.kind === "finished") return stop;
      if (stop.kind !== "cycle") this.stops++;
      this.#places.push(this.machine.hart.readPc());
    }
  }

  #disturb(): void {
    const { machine } = this;
    const random = this.#random;
    if (random.chance(0.3)) machine.addBreakpoint(this.#breakpoint());
    if (random.chance(0.1)) machine.watch(this.#watched());
    if (random.chance(0.1)) machine.clearBreakpoints();
    if (random.chance(0.05)) machine.clearWatches();
    if (random.chance(0.1) && this.#snapshots.length < MOST_SNAPSHOTS) this.#snapshots.push(machine.snapshot());
    if (random.chance(0.02) && this.#snapshots.length > 0) machine.restore(random.pick(this.#snapshots));
  }

  #breakpoint(): Breakpoint {
    const random = this.#random;
    const pc = this.#places.length > 0 ? random.pick(this.#places) : ORIGIN;
    const near = (pc + 2 * random.integer(8)) >>> 0;
    const satp = random.chance(0.8) ? this.machine.hart.readCsr(0x180)! : SATP_OF_ZERO;
    if (near >= ZONE_ISLANDS || random.chance(0.2)) return { virtual: near, satp };
    const physical = near >= USER_ALIAS ? near - USER_ALIAS + ORIGIN : near;
    return {
      physical: physical < ORIGIN + this.#image.length ? physical : ISLANDS + 2 * random.integer(2048 * ISLAND_PAGES),
    };
  }

  #watched(): number {
    const random = this.#random;
    const [start, sizeBytes] = random.pick([
      [DATA, 4096 * (DATA_PAGES + ISLAND_PAGES)],
      [LEAF_TABLE, 64],
    ] as const);
    return start + 4 * random.integer(sizeBytes / 4);
  }
}

/**
 * A program, and a machine that has run it. Now and then one destroys its own trap handler and never ends: not that.
 */
function endingProgram(random: Random): { image: Uint8Array; undisturbed: Machine; end: Stop } {
  for (;;) {
    const image = randomImage(random, TESTS_PER_IMAGE);
    const undisturbed = new Machine({ ramBytes: RAM_BYTES, engine: "interpreter" });
    undisturbed.writePhysical(ORIGIN, image);
    const end = undisturbed.run(PATIENCE_CYCLES);
    if (end.kind === "finished") return { image, undisturbed, end };
  }
}

describe("stops at random", () => {
  let stops = 0;

  for (let index = 0; index < PROGRAMS; index++) {
    const seed = Number(process.env.RENIX_SEED ?? Math.floor(Math.random() * 2 ** 31)) + index;
    it(`change nothing, and both engines make them alike (RENIX_SEED=${seed})`, function () {
      this.timeout(300_000);
      const random = new Random(seed);
      const { image, undisturbed, end } = endingProgram(random);
      const visitor = new Visitor(image, random);
      expect(visitor.run()).to.deep.equal(end);
      stops += visitor.stops;
      expect(visitor.machine.cycle).to.equal(undisturbed.cycle);
      expect(visitor.machine.hash()).to.equal(undisturbed.hash());
    });
  }

  it("are made", () => {
    expect(stops).to.be.above(0);
  });
});
