/**
 * Translated code, and the threaded interpreter, against the reference: loops of everything, hot, missing, interrupted,
 * and changed under way. The host disturbs half of them: it goes back to snapshots, stops at breakpoints and watches,
 * types, and edits.
 *
 * `RENIX_SEED=n` repeats a run, `RENIX_RUNS=n` makes it n programs long.
 */
import { expect } from "chai";
import { type Edit, Machine, type Snapshot } from "../../../machine/machine.ts";
import { ORIGIN } from "../assembler.ts";
import { Random } from "../random.ts";
import { FIRST_REGION_TABLE, FRAME_PAGES, FRAMES, PAGES, pageOf, REGIONS } from "./random-loop-layout.ts";
import { type Loops, randomLoops } from "./random-loops.ts";

const PROGRAMS = Number(process.env.RENIX_RUNS ?? 8);
const FIRST_SEED = Number(process.env.RENIX_SEED ?? Math.floor(Math.random() * 2 ** 30));
const RAM_BYTES = 8 << 20;
const CYCLES = 400_000;
/** Stops by the host that a program goes through at most. */
const MOST_STOPS = 2000;
/** Never hot: all of it is threaded code. */
const NEVER = 60_000;
const TRANSLATE_AFTER = [0, 1, 1, 1, 2, 5, 20, 200, NEVER];
const SLICES_CYCLES = [[CYCLES], [99_991], [10_007], [997, 30_011, 17], [1, 7, 100, 3000, 50_000]];
const MOST_SNAPSHOTS = 3;
const MOST_TRANSLATED_BYTES = 100_000;

/** Two machines that must never differ. */
class Pair {
  readonly reference: Machine;
  readonly subject: Machine;
  readonly #random: Random;
  readonly #snapshots: { readonly ofReference: Snapshot; readonly ofSubject: Snapshot }[] = [];
  readonly #places = [ORIGIN];

  constructor(loops: Loops, random: Random) {
    this.#random = random;
    const translateAfter = random.pick(TRANSLATE_AFTER);
    const room = random.chance(0.1) ? { mostTranslatedBytes: MOST_TRANSLATED_BYTES } : {};
    [this.reference, this.subject] = (["interpreter", "translator"] as const).map((engine) => {
      const machine = new Machine({ ramBytes: RAM_BYTES, engine, translateAfter, ...room });
      machine.writePhysical(ORIGIN, loops.image);
      loops.prepare(machine);
      return machine;
    }) as [Machine, Machine];
  }

  run(): void {
    const random = this.#random;
    const slices = random.pick(SLICES_CYCLES);
    const isDisturbed = random.chance(0.5);
    for (let stops = 0; this.reference.cycle < CYCLES && stops < MOST_STOPS; stops++) {
      if (isDisturbed) this.#disturb();
      const until = Math.min(CYCLES, this.reference.cycle + random.pick(slices));
      const stop = this.reference.run(until);
      expect(this.subject.run(until)).to.deep.equal(stop);
      expect(stateOf(this.subject)).to.deep.equal(stateOf(this.reference));
      if (stop.kind === "finished" || stop.kind === "reset") return;
      this.#places.push(this.reference.hart.readPc());
    }
  }

  #both(action: (machine: Machine) => void): void {
    action(this.reference);
    action(this.subject);
  }

  #disturb(): void {
    const random = this.#random;
    if (random.chance(0.15) && this.#snapshots.length < MOST_SNAPSHOTS) this.#keepSnapshot();
    if (random.chance(0.05) && this.#snapshots.length > 0) this.#goBack();
    if (random.chance(0.1)) this.#addBreakpoint();
    if (random.chance(0.2)) this.#both((machine) => machine.clearBreakpoints());
    if (random.chance(0.1)) {
      const address = random.chance(0.5) ? this.#entryAddress() : this.#dataAddress();
      this.#both((machine) => machine.watch(address));
    }
    if (random.chance(0.2)) this.#both((machine) => machine.clearWatches());
    const at = this.reference.cycle + random.integer(20_000);
    if (random.chance(0.1)) this.#both((machine) => machine.post({ at, type: "input", bytes: [120, 121] }));
    if (random.chance(0.1)) {
      const edit = this.#edit();
      this.#both((machine) => machine.post({ at, type: "inject", edit }));
    }
  }

  #keepSnapshot(): void {
    this.#snapshots.push({ ofReference: this.reference.snapshot(), ofSubject: this.subject.snapshot() });
  }

  #goBack(): void {
    const { ofReference, ofSubject } = this.#random.pick(this.#snapshots);
    this.reference.restore(ofReference);
    this.subject.restore(ofSubject);
  }

  #addBreakpoint(): void {
    const random = this.#random;
    const pc = (random.pick(this.#places) + 2 * random.integer(8)) >>> 0;
    const satp = this.reference.hart.readCsr(0x180)!;
    const isPhysical = pc >= ORIGIN && pc < ORIGIN + RAM_BYTES && random.chance(0.5);
    this.#both((machine) => machine.addBreakpoint(isPhysical ? { physical: pc } : { virtual: pc, satp }));
  }

  #entryAddress(): number {
    return FIRST_REGION_TABLE + 0x1000 * this.#random.integer(REGIONS) + 4 * this.#random.integer(PAGES);
  }

  #dataAddress(): number {
    return FRAMES + 4 * this.#random.integer(1024 * FRAME_PAGES);
  }

  #edit(): Edit {
    const random = this.#random;
    const value = random.word() >>> 0;
    const frame = (FRAMES >>> 12) + random.integer(FRAME_PAGES);
    const pointer = pageOf(random.integer(REGIONS), random.integer(PAGES));
    return random.pick<Edit>([
      { kind: "memory", address: this.#entryAddress(), value: ((frame << 10) | (value & 0xff)) >>> 0 },
      { kind: "memory", address: this.#dataAddress(), value },
      { kind: "register", register: random.pick([10, 11]), value },
      { kind: "register", register: random.pick([18, 19]), value: pointer },
    ]);
  }
}

function stateOf(machine: Machine): object {
  const { cycle, instructions } = machine;
  return { cycle, instructions, pc: machine.hart.readPc().toString(16), hash: machine.hash() };
}

describe("random loops", () => {
  for (let index = 0; index < PROGRAMS; index++) {
    const seed = FIRST_SEED + index;
    it(`run alike on every engine (RENIX_SEED=${seed})`, function () {
      this.timeout(120_000);
      const random = new Random(seed);
      new Pair(randomLoops(random), random).run();
    });
  }
});
