/**
 * Page tables that change all the time, in more address spaces than translations are kept for: what U-mode then finds,
 * by a model, and in both engines.
 */
import { expect } from "chai";
import fc from "fast-check";
import { Cause, Csr, Pte } from "../../../machine/isa/registers.ts";
import type { Engine, Machine } from "../../../machine/machine.ts";
import { type Assembler, assemble, ORIGIN } from "../assembler.ts";
import { machineWith, runToEnd, wordAt } from "../bench-top.ts";
import { entry, openProtection, satpOf } from "../user-mode.ts";

/** More than there are sets of translations. */
const SPACES = 36;
const LEAF_TABLES = 4;
const PAGES = 3;
const FRAMES = 6;
const VIRTUAL = 0x4000_0000;
/** The page behind those is the code of U-mode, in every space. */
const CODE = VIRTUAL + PAGES * 0x1000;
const ROOTS = ORIGIN + 0x10_0000;
const LEAVES = ORIGIN + 0x18_0000;
const FRAMES_BASE = ORIGIN + 0x20_0000;
const CODE_FRAME = ORIGIN + 0x28_0000;
const RECORDS = ORIGIN + 0x30_0000;
const RECORD_BYTES = 32;
/** Entries of a leaf table that nobody uses. */
const UNUSED_ENTRY = 512;
const VALID = Pte.Valid | Pte.Read | Pte.User;
/** An entry at first: its frame would be RAM. */
const UNMAPPED = entry(FRAMES_BASE, 0);
const SEED = 20_261_127;

type Change = "store" | "byte" | "swap";
type Step =
  /** An entry of a leaf table ← a frame, valid or not; or only its valid bit changes, by a store of a byte. */
  | { kind: "map"; by: Change; table: number; page: number; frame: number; isValid: boolean; isWritable: boolean }
  | { kind: "point"; space: number; table: number; isValid: boolean }
  /** Many entries of a leaf table that were invalid are written, and stay so. */
  | { kind: "fill"; table: number; entries: number }
  | { kind: "load"; space: number; page: number }
  | { kind: "store"; space: number; page: number; value: number };

/** What the guest's loop does, a record each. */
const enum Action {
  Store = 0,
  Byte = 1,
  Swap = 2,
  Load = 3,
  UserStore = 4,
}

interface Found {
  readonly cause: number;
  readonly value: number;
}

/** Sv32, as far as it is used here. */
class Model {
  readonly #frames = Array.from({ length: FRAMES }, (_, frame) => 1000 + frame);
  readonly #leaves = Array.from({ length: LEAF_TABLES }, () => new Array<number>(PAGES).fill(UNMAPPED));
  readonly #roots = Array.from({ length: SPACES }, (_, space) => space % LEAF_TABLES);

  change(step: Step): void {
    if (step.kind === "point") this.#roots[step.space] = step.isValid ? step.table : -1;
    if (step.kind === "map") {
      const leaf = this.#leaves[step.table]!;
      const before = leaf[step.page]!;
      const after = mapped(step);
      leaf[step.page] = step.by === "byte" ? (before & ~0xff) | (after & 0xff) : after;
    }
  }

  access(step: Step & { kind: "load" | "store" }): Found {
    const table = this.#roots[step.space]!;
    if (table < 0) return { cause: Cause.FetchPage, value: 0 };
    const found = this.#leaves[table]![step.page]!;
    const isStore = step.kind === "store";
    if (!(found & Pte.Valid) || (isStore && !(found & Pte.Write))) {
      return { cause: isStore ? Cause.StorePage : Cause.LoadPage, value: 0 };
    }
    const frame = (found >>> Pte.FrameShift) - (FRAMES_BASE >>> 12);
    if (step.kind === "load") return { cause: Cause.CallFromUser, value: this.#frames[frame]! };
    this.#frames[frame] = step.value;
    return { cause: Cause.CallFromUser, value: 0 };
  }
}

function mapped({ frame, isValid, isWritable }: Step & { kind: "map" }): number {
  const flags = VALID | (isWritable ? Pte.Write : 0);
  return entry(FRAMES_BASE + frame * 0x1000, isValid ? flags : flags & ~Pte.Valid);
}

/**
 * The guest: does one record after the other, and notes in it with which trap U-mode came back, and what it had in a1.
 */
function program(a: Assembler, end: number): void {
  openProtection(a);
  a.la("t0", "trap");
  a.csrw(Csr.mtvec, "t0");
  a.csrw(Csr.mstatus, "zero");
  a.li("s0", RECORDS);
  a.li("s1", end);
  a.li("s2", Action.Byte);
  a.li("s3", Action.Swap);
  a.label("next");
  a.branch("beq", "s0", "s1", "end");
  a.load("lw", "t0", 0, "s0");
  a.load("lw", "a0", 4, "s0");
  a.load("lw", "a2", 8, "s0");
  a.load("lw", "t1", 12, "s0");
  a.branch("beq", "t0", "s2", "byte");
  a.branch("beq", "t0", "s3", "swap");
  a.branch("bne", "t0", "zero", "user");
  a.store("sw", "a2", 0, "a0");
  a.j("done");
  a.label("byte");
  a.store("sb", "a2", 0, "a0");
  a.j("done");
  a.label("swap");
  a.amo("amoswap", "zero", "a2", "a0");
  a.label("done");
  a.i("addi", "s0", "s0", RECORD_BYTES);
  a.j("next");
  a.label("user");
  a.load("lw", "t2", 16, "s0");
  a.csrw(Csr.satp, "t1");
  a.csrw(Csr.mepc, "t2");
  a.li("a1", 0);
  a.mret();
  a.align(4);
  a.label("trap");
  a.csrr("t0", Csr.mcause);
  a.store("sw", "t0", 20, "s0");
  a.store("sw", "a1", 24, "s0");
  a.j("done");
  a.label("end");
  a.finish();
}

const userCode = assemble((a) => {
  a.load("lw", "a1", 0, "a0");
  a.ecall();
  a.store("sw", "a2", 0, "a0");
  a.ecall();
}, CODE);

const leafEntry = (table: number, index: number) => LEAVES + table * 0x1000 + index * 4;
const rootOf = (space: number) => ROOTS + space * 0x1000;
const rootEntry = (space: number) => rootOf(space) + (VIRTUAL >>> 22) * 4;

function recordsOf(step: Step): number[][] {
  switch (step.kind) {
    case "map": {
      const action = step.by === "byte" ? Action.Byte : step.by === "swap" ? Action.Swap : Action.Store;
      return [[action, leafEntry(step.table, step.page), mapped(step)]];
    }
    case "point":
      return [[Action.Store, rootEntry(step.space), step.isValid ? entry(leafEntry(step.table, 0), Pte.Valid) : 0]];
    case "fill":
      return Array.from({ length: step.entries }, (_, index) => [
        Action.Store,
        leafEntry(step.table, UNUSED_ENTRY + index),
        0,
      ]);
    case "load":
      return [[Action.Load, VIRTUAL + step.page * 0x1000, 0, satpOf(rootOf(step.space), step.space), CODE]];
    case "store":
      return [
        [Action.UserStore, VIRTUAL + step.page * 0x1000, step.value, satpOf(rootOf(step.space), step.space), CODE + 8],
      ];
  }
}

function run(steps: readonly Step[], engine: Engine): { machine: Machine; found: Found[] } {
  const records = steps.flatMap(recordsOf);
  const machine = machineWith((a) => program(a, RECORDS + records.length * RECORD_BYTES), {
    engine,
    translateAfter: 0,
  });
  const words = new Uint32Array((records.length * RECORD_BYTES) / 4);
  for (const [index, record] of records.entries()) words.set(record, (index * RECORD_BYTES) / 4);
  machine.writePhysical(RECORDS, new Uint8Array(words.buffer));
  machine.writePhysical(CODE_FRAME, userCode);
  const write = (address: number, word: number) =>
    machine.writePhysical(address, new Uint8Array(Uint32Array.of(word).buffer));
  for (let frame = 0; frame < FRAMES; frame++) write(FRAMES_BASE + frame * 0x1000, 1000 + frame);
  for (let table = 0; table < LEAF_TABLES; table++) {
    for (let page = 0; page < PAGES; page++) write(leafEntry(table, page), UNMAPPED);
    write(leafEntry(table, PAGES), entry(CODE_FRAME, VALID | Pte.Execute));
  }
  for (let space = 0; space < SPACES; space++)
    write(rootEntry(space), entry(leafEntry(space % LEAF_TABLES, 0), Pte.Valid));
  runToEnd(machine);
  const found = records.flatMap(([action], index) => {
    const at = RECORDS + index * RECORD_BYTES;
    return action! >= Action.Load ? [{ cause: wordAt(machine, at + 20), value: wordAt(machine, at + 24) }] : [];
  });
  return { machine, found };
}

const below = (limit: number) => fc.nat({ max: limit - 1 });
const mostly = fc.nat({ max: 3 }).map((number) => number > 0);
/** Some come back again and again. */
const anySpace = fc.oneof({ weight: 3, arbitrary: below(2) }, { weight: 1, arbitrary: below(SPACES) });
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("map" as const),
      by: fc.constantFrom<Change>("store", "byte", "swap"),
      table: below(LEAF_TABLES),
      page: below(PAGES),
      frame: below(FRAMES),
      isValid: mostly,
      isWritable: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("point" as const),
      space: anySpace,
      table: below(LEAF_TABLES),
      isValid: mostly,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("fill" as const),
      table: below(LEAF_TABLES),
      entries: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("load" as const), space: anySpace, page: below(PAGES) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("store" as const),
      space: anySpace,
      page: below(PAGES),
      value: below(1000),
    }),
  },
);

describe("page tables that change", () => {
  it(`mean at once what stands in them, however they were written (seed ${SEED})`, () => {
    const property = fc.property(fc.array(stepArbitrary, { minLength: 50, maxLength: 400 }), (steps) => {
      const model = new Model();
      const expected: Found[] = [];
      for (const step of steps) {
        if (step.kind === "load" || step.kind === "store") expected.push(model.access(step));
        else model.change(step);
      }
      const translated = run(steps, "translator");
      expect(translated.found).to.deep.equal(expected);
      expect(translated.machine.hash()).to.equal(run(steps, "interpreter").machine.hash());
    });
    fc.assert(property, { seed: SEED, numRuns: 40 });
  });
});
