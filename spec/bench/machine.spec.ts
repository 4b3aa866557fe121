/** The machine's benchmarks compute the same on our machine as on QEMU, in user mode, and notice when they do not. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { BENCHMARKS, buildImages, TRAPS, writeImages } from "../../bench/machine/programs.ts";
import { isQemuInstalled, QEMU_TCG } from "../../bench/machine/run.ts";
import { Machine } from "../../machine/machine.ts";

const all = [...BENCHMARKS, TRAPS].map((each) => ({ ...each, rounds: 2 }));

interface Run {
  readonly output: string;
  readonly status: number | null;
  /** That its last call came from user mode, and under Sv32. */
  readonly isTranslatedUser: boolean;
}

const MSTATUS = 0x300;
const MSTATUS_MPP = 3 << 11;
const SATP = 0x180;

function run(image: Uint8Array): Run {
  const machine = new Machine();
  let output = "";
  machine.onOutput((byte) => {
    output += String.fromCharCode(byte);
  });
  machine.loadElf(image);
  const stop = machine.run(Number.MAX_SAFE_INTEGER);
  const isUser = (machine.hart.readCsr(MSTATUS)! & MSTATUS_MPP) === 0;
  const isTranslated = machine.hart.readCsr(SATP)! >>> 31 === 1;
  return { output, status: stop.kind === "finished" ? stop.status : null, isTranslatedUser: isUser && isTranslated };
}

describe("the machine's benchmarks", () => {
  let results: Run[];

  before(() => {
    results = buildImages(all).map(run);
  });

  it("end with a result, having run in user mode", () => {
    results.forEach((result, index) => {
      expect(result, all[index].name).to.deep.include({ status: 0, isTranslatedUser: true });
      expect(result.output, all[index].name).to.match(/^result [0-9a-f]{8}\n$/);
    });
  });

  it("give QEMU's results", function () {
    if (!isQemuInstalled()) this.skip();
    const folder = mkdtempSync(join(tmpdir(), "renix-bench-"));
    try {
      writeImages(all, folder, "image").forEach((path, index) => {
        const [program, ...options] = QEMU_TCG.command;
        const { stdout, status } = spawnSync(program, [...options, path], { encoding: "latin1", input: "" });
        expect({ output: stdout.replaceAll("\r", ""), status }, all[index].name).to.deep.equal({
          output: results[index].output,
          status: 0,
        });
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
