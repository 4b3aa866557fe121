/**
 * Random stores to page tables, through pages that these tables map themselves: the next access goes where a walk would
 * lead, without any fence.
 *
 * The judge is the machine itself, forked every few cycles: a fork begins without kept translations, so it walks.
 * `RENIX_SEED=n` repeats a run.
 */
import { expect } from "chai";
import { Csr, Mode, Pte, Status } from "../../machine/isa/registers.ts";
import { type Engine, Machine } from "../../machine/machine.ts";
import { type Assembler, assemble, ORIGIN } from "./assembler.ts";
import { Random } from "./random.ts";
import { catchTraps } from "./trap-log.ts";
import { enterKeepingStatus, entry, openProtection, ROOT_TABLE, satpOf, setCsr } from "./user-mode.ts";

const PROGRAMS = 6;
const STEPS = 24;
const ROUNDS = 12;
const PAGE_BYTES = 0x1000;
const REGION_BYTES = 0x40_0000;
/** Two regions, each with a leaf table, of which the first pages are used. */
const REGIONS = [0x4000_0000, 0x4040_0000] as const;
const LEAVES = [ROOT_TABLE + PAGE_BYTES, ROOT_TABLE + 2 * PAGE_BYTES] as const;
const PAGES = 8;
const FRAMES = [3, 4, 5].map((page) => ROOT_TABLE + page * PAGE_BYTES);
const EVERYTHING = Pte.Valid | Pte.Read | Pte.Write | Pte.Accessed | Pte.Dirty;
/** A fork takes milliseconds, and some programs go on for long. */
const LIMIT_CYCLES = 6_000;

type Step = (a: Assembler, random: Random) => void;

/** Any page of the two regions: data, a table, or no page at all. */
function someAddress(random: Random): number {
  return random.pick(REGIONS) + random.integer(PAGES) * PAGE_BYTES + 4 * random.integer(16);
}

function someEntry(random: Random): number {
  const rare = (flag: number) => (random.chance(0.1) ? 0 : flag);
  const often = (flag: number) => (random.chance(0.4) ? 0 : flag);
  const flags = rare(Pte.Valid) | rare(Pte.Read) | rare(Pte.Write) | often(Pte.Accessed) | often(Pte.Dirty);
  return entry(random.pick([...FRAMES, ...LEAVES, ROOT_TABLE]), flags);
}

const access: Step = (a, random) => {
  a.li("t0", someAddress(random));
  switch (random.integer(4)) {
    case 0:
      a.store("sw", "a0", 0x100, "t0"); // behind the entries that map anything
      break;
    case 1:
      a.amo("amoadd", "t1", "a0", "t0");
      break;
    default:
      a.load("lw", "t1", random.pick([0, 0, 2]), "t0");
      a.r("add", "a0", "a0", "t1");
  }
};

/** An entry of a leaf table, where the table lies or where it may be mapped. */
const remap: Step = (a, random) => {
  a.li("t0", random.pick([...LEAVES, ...REGIONS]) + 4 * random.integer(PAGES));
  a.li("t1", someEntry(random));
  if (random.chance(0.2)) a.amo("amoswap", "t2", "t1", "t0");
  else a.store("sw", "t1", 0, "t0");
};

/** A region's entry in the root: one leaf table or the other, or a page of 4 MiB. */
const relink: Step = (a, random) => {
  a.li("t0", random.pick([ROOT_TABLE, REGIONS[0] + PAGE_BYTES]) + (random.pick(REGIONS) >>> 22) * 4);
  a.li("t1", random.pick([...LEAVES.map((leaf) => entry(leaf, Pte.Valid)), entry(ORIGIN, EVERYTHING)]));
  a.store("sw", "t1", 0, "t0");
};

/** The first region, as it was: its leaf table, and behind that the root. */
const repair: Step = (a) => {
  for (const [address, word] of [
    [LEAVES[0], entry(LEAVES[0], EVERYTHING)],
    [LEAVES[0] + 4, entry(ROOT_TABLE, EVERYTHING)],
    [ROOT_TABLE + (REGIONS[0] >>> 22) * 4, entry(LEAVES[0], Pte.Valid)],
  ] as const) {
    a.li("t0", address);
    a.li("t1", word);
    a.store("sw", "t1", 0, "t0");
  }
};

/** The page through which the leaf table is stored to is the page whose entry changes. */
const remapSelf: Step = (a, random) => {
  repair(a, random);
  a.li("t0", REGIONS[0]);
  a.li("t1", someEntry(random));
  a.store("sw", "t1", 0, "t0");
  a.load("lw", "t1", 4, "t0");
  a.r("add", "a0", "a0", "t1");
};

const STEP_KINDS: readonly Step[] = [remapSelf, access, access, access, access, remap, remap, remap, relink, repair];

function program(random: Random): Uint8Array {
  return assemble((a) => {
    catchTraps(a);
    openProtection(a);
    setCsr(a, Csr.satp, satpOf());
    setCsr(a, Csr.mstatus, random.chance(0.5) ? Status.Sum : 0);
    a.li("s0", ROUNDS);
    enterKeepingStatus(a, Mode.Supervisor, "round");
    a.label("round");
    for (let step = 0; step < STEPS; step++) random.pick(STEP_KINDS)(a, random);
    a.i("addi", "s0", "s0", -1);
    a.branch("beq", "s0", "zero", "end");
    a.j("round");
    a.label("end");
    a.finish();
  });
}

function machineWith(image: Uint8Array, engine: Engine): Machine {
  const machine = new Machine({ ramBytes: REGION_BYTES, engine, translateAfter: 1 });
  const write = (address: number, word: number) => {
    machine.writePhysical(address, new Uint8Array(Uint32Array.of(word).buffer));
  };
  machine.writePhysical(ORIGIN, image);
  write(ROOT_TABLE, entry(0, EVERYTHING)); // where the finisher is
  write(ROOT_TABLE + (ORIGIN >>> 22) * 4, entry(ORIGIN, EVERYTHING | Pte.Execute));
  REGIONS.forEach((region, index) => {
    write(ROOT_TABLE + (region >>> 22) * 4, entry(LEAVES[index]!, Pte.Valid));
    const frames = [LEAVES[index]!, ROOT_TABLE, ...FRAMES, ...FRAMES];
    frames.forEach((frame, page) => {
      write(LEAVES[index]! + 4 * page, entry(frame, EVERYTHING));
    });
  });
  return machine;
}

describe("page tables that map themselves", () => {
  const seed = Number(process.env.RENIX_SEED ?? Math.floor(Math.random() * 2 ** 31));

  for (let index = 0; index < PROGRAMS; index++) {
    it(`change what they map at once (RENIX_SEED=${seed}, program ${index})`, () => {
      const random = new Random(seed + index);
      const image = program(random);
      let walking = machineWith(image, "interpreter");
      const machines = (["interpreter", "translator"] as const).map((engine) => machineWith(image, engine));
      for (let isOver = false; !isOver && walking.cycle < LIMIT_CYCLES; ) {
        walking = walking.fork();
        isOver = walking.run(walking.cycle + 5 + random.integer(50)).kind !== "cycle";
      }
      for (const machine of machines) {
        machine.run(walking.cycle);
        expect(machine.hash(), machine.configuration.engine).to.equal(walking.hash());
      }
    });
  }
});
