/**
 * Random programs in M-, S- and U-mode, with paging, delegation and traps: the same registers, traps and memory as on
 * QEMU.
 */
import { expect } from "chai";
import { Machine } from "../../machine/machine.ts";
import { ORIGIN } from "./assembler.ts";
import { isQemuInstalled, runOnQemu } from "./qemu.ts";
import { Random } from "./random-body.ts";
import { parseReports, randomImage } from "./random-program.ts";

const IMAGES = 4;
const TESTS_PER_IMAGE = 250;
const RAM_MEBIBYTES = 16;
const TWO_HARTS = ["-smp", "2"];
/** Sending takes most of it: a thousand cycles for a byte. */
const LIMIT_CYCLES = 10_000_000_000;

describe("random programs against QEMU", () => {
  before(function () {
    if (!isQemuInstalled()) this.skip();
  });

  for (let index = 0; index < IMAGES; index++) {
    const seed = Number(process.env.RENIX_SEED ?? Math.floor(Math.random() * 2 ** 31)) + index;
    it(`agree in ${TESTS_PER_IMAGE} programs (RENIX_SEED=${seed})`, () => {
      const image = randomImage(new Random(seed), TESTS_PER_IMAGE);
      const ours = parseReports(runOurs(image));
      const theirs = parseReports(runOnQemu(image, RAM_MEBIBYTES, TWO_HARTS).output);
      expect(theirs.length).to.equal(TESTS_PER_IMAGE);
      for (const [test, report] of theirs.entries()) expect(ours[test], `program ${test}`).to.deep.equal(report);
      expect(ours.length).to.equal(TESTS_PER_IMAGE);
    });
  }
});

function runOurs(image: Uint8Array): Uint8Array {
  const machine = new Machine({ ramBytes: RAM_MEBIBYTES << 20 });
  const output: number[] = [];
  machine.onOutput((byte) => output.push(byte));
  machine.writePhysical(ORIGIN, image);
  const stop = machine.run(LIMIT_CYCLES);
  expect(stop.kind).to.equal("finished");
  return Uint8Array.from(output);
}
