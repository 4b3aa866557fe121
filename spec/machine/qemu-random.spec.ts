/**
 * Random programs in M-, S- and U-mode, with paging, protection, delegation, interrupts and traps: the same registers,
 * traps and memory as on QEMU, of both engines in turn.
 *
 * `RENIX_SEED=n` repeats a run, `RENIX_RUNS=n` makes it n images long (of 250 programs each). A program that differs is
 * made as small as it can be before it is shown.
 */
import { expect } from "chai";
import { Cause, Csr } from "../../machine/isa/registers.ts";
import { type Engine, Machine } from "../../machine/machine.ts";
import { ORIGIN } from "./assembler.ts";
import { isQemuInstalled, runOnQemu, TWO_HARTS } from "./qemu.ts";
import { Random } from "./random.ts";
import { parseReports, REPORTED_CSRS, type Report, type Trap, USER_ALIAS } from "./random-layout.ts";
import { imageOf, type RandomTest, randomTests } from "./random-program.ts";

const IMAGES = Number(process.env.RENIX_RUNS ?? 8);
const TESTS_PER_IMAGE = 250;
const RAM_MEBIBYTES = 16;
/** Between one test's report and the next one's: forty instructions, and a few traps for each. */
const SILENCE_CYCLES = 5_000_000;

describe("random programs against QEMU", () => {
  before(function () {
    if (!isQemuInstalled()) this.skip();
  });

  for (let index = 0; index < IMAGES; index++) {
    const seed = Number(process.env.RENIX_SEED ?? Math.floor(Math.random() * 2 ** 31)) + index;
    const engine = seed % 2 === 0 ? "interpreter" : "translator";
    it(`agree with the ${engine} in ${TESTS_PER_IMAGE} programs (RENIX_SEED=${seed})`, function () {
      this.timeout(300_000);
      const tests = randomTests(new Random(seed), TESTS_PER_IMAGE);
      const first = firstDifference(tests, engine);
      if (first === null) return;
      const smallest = shrink(first, engine);
      const { ours, theirs } = run([smallest], engine);
      expect(ours, JSON.stringify(smallest)).to.deep.equal(theirs);
      expect.fail(`differs only among the others: ${JSON.stringify(first)}`);
    });
  }
});

/** The first test that does not do the same on both. */
function firstDifference(all: readonly RandomTest[], engine: Engine): RandomTest | null {
  const { tests, ours, theirs } = run(all, engine);
  expect(theirs.length, "reports of QEMU").to.equal(tests.length);
  return tests.find((_, test) => JSON.stringify(theirs[test]) !== JSON.stringify(ours[test])) ?? null;
}

/** The same test with as few steps as still make a difference: without ever smaller runs of them. */
function shrink(test: RandomTest, engine: Engine): RandomTest {
  let { steps } = test;
  if (firstDifference([test], engine) === null) return test;
  for (let size = steps.length >> 1; size > 0; size >>= 1) {
    for (let start = 0; start < steps.length; ) {
      const fewer = steps.filter((_, index) => index < start || index >= start + size);
      if (firstDifference([{ ...test, steps: fewer }], engine) !== null) steps = fewer;
      else start += size;
    }
  }
  return { ...test, steps };
}

interface Outcome {
  readonly tests: readonly RandomTest[];
  readonly ours: readonly Report[];
  readonly theirs: readonly Report[];
}

/** Without the tests that never end: there, one trap leads to the next. */
function run(tests: readonly RandomTest[], engine: Engine): Outcome {
  const image = imageOf(tests);
  const { reports: ours, isEnded } = runOurs(image, engine);
  if (!isEnded) return run(tests.toSpliced(ours.length, 1), engine);
  const theirs = parseReports(runOnQemu(image, RAM_MEBIBYTES, TWO_HARTS).output);
  return { tests, ours, theirs: theirs.map((report) => corrected(report, image)) };
}

/** QEMU 7.2 takes an AMO's access fault for a load's; the specification, for a store's (Privileged, table 3.6). */
function corrected(report: Report, image: Uint8Array): Report {
  const correct = (trap: Trap): Trap => {
    const isMistaken = trap.cause === Cause.LoadAccess && isAtomicWrite(image, trap.epc);
    return isMistaken ? { ...trap, cause: Cause.StoreAccess } : trap;
  };
  const supervisorTraps = report.supervisorTraps.map(correct);
  const last = supervisorTraps.at(-1);
  const cause = REPORTED_CSRS.indexOf(Csr.scause);
  const isLast = last?.cause === Cause.StoreAccess && report.csrs[cause] === Cause.LoadAccess;
  return {
    ...report,
    machineTraps: report.machineTraps.map(correct),
    supervisorTraps,
    csrs: isLast ? report.csrs.with(cause, Cause.StoreAccess) : report.csrs,
  };
}

function isAtomicWrite(image: Uint8Array, epc: number): boolean {
  const offset = epc - (epc >= USER_ALIAS ? USER_ALIAS : ORIGIN);
  const word = new DataView(image.buffer, image.byteOffset).getUint32(offset, true);
  const isAtomic = (word & 0x7f) === 0x2f;
  const isLoadReserved = word >>> 27 === 2;
  return isAtomic && !isLoadReserved;
}

/** The reports up to the end, or to a test that has none to give. */
function runOurs(image: Uint8Array, engine: Engine): { reports: Report[]; isEnded: boolean } {
  const machine = new Machine({ ramBytes: RAM_MEBIBYTES << 20, engine, translateAfter: 0 });
  const output: number[] = [];
  machine.onOutput((byte) => output.push(byte));
  machine.writePhysical(ORIGIN, image);
  for (let sent = -1; sent < output.length; ) {
    sent = output.length;
    const isEnded = machine.run(machine.cycle + SILENCE_CYCLES).kind === "finished";
    if (isEnded) return { reports: parseReports(Uint8Array.from(output.slice(0, output.length & ~3))), isEnded };
  }
  return { reports: parseReports(Uint8Array.from(output)), isEnded: false };
}
