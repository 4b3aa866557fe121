/**
 * The kernel's behaviour, checked from inside: each director (spec/kernel/guest) works processes through the kernel's traps and calls, and
 * reports a line for each check; here each line becomes a test. The same images run on QEMU.
 */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { readElf } from "../../machine/elf.ts";
import { buildImages, type Run, runOnMachine, runOnQemu } from "./harness.ts";

const directors: Record<string, string> = {
  rules: "message passing",
  space: "address spaces, copies and grants",
  signals: "signals, faults, fork and exec",
  devices: "interrupts and DMA",
  about: "what the kernel tells",
  time: "time and turns",
};
/** Time enough for the kernel to have started its first processes. */
const BOOTED_CYCLES = 1_000_000;
/** States of a peer, times operations, times what both find. */
const MATRIX_CHECKS = 152;

describe("kernel", function () {
  this.timeout(120_000);
  let images: Map<string, Uint8Array>;
  before(() => {
    images = buildImages([...Object.keys(directors), "matrix", "vital", "echo"]);
  });

  for (const [director, title] of Object.entries(directors)) {
    describe(title, () => {
      let run: Run;
      before(() => {
        run = runOnMachine(images.get(director)!);
      });
      for (const name of checksIn(director)) {
        it(name, () => {
          const lines = run.lines.filter((line) => line === `ok ${name} ` || line.startsWith(`not ok ${name} :`));
          expect(lines).to.deep.equal([`ok ${name} `]);
        });
      }
      it("runs to its end", () => {
        expect(run.status, run.lines.slice(-12).join("\n")).to.equal(0);
      });
    });
  }

  it("message passing, every state of a peer by every operation", () => {
    const { lines, status } = runOnMachine(images.get("matrix")!);
    expect(lines.filter((line) => line.startsWith("not ok"))).to.deep.equal([]);
    expect(lines.filter((line) => line.startsWith("ok"))).to.have.length(MATRIX_CHECKS);
    expect(status).to.equal(0);
  });

  it("the death of RS is the system's, and says where in the program it was", () => {
    const { lines, status } = runOnMachine(images.get("vital")!);
    expect(status).to.equal(1);
    const first = lines.indexOf("rs is dead, and the system with it: failed check");
    expect(lines[first + 1]).to.include("assertion failed");
    expect(lines[first + 2]).to.match(/vital\.ts:descend \(spec\/kernel\/guest\/vital\.ts:12\)/);
    expect(lines[first + 3]).to.match(/vital\.ts:descend \(spec\/kernel\/guest\/vital\.ts:11\)/);
    expect(lines.slice(first).join()).to.include("vital.ts:main");
  });

  it("a bug of the kernel's own is a panic that says where in the kernel it was", () => {
    const image = images.get("rules")!;
    const call = readElf(image).symbols.find(({ name }) => name === "kernel/calls/clear.ts:clearCall")!;
    const { lines, status } = runOnMachine(image, BOOTED_CYCLES, (machine) =>
      machine.writePhysical(call.address, new Uint8Array(4)),
    );
    const panic = lines.findIndex((line) => line.startsWith("kernel panic: illegal instruction"));
    expect(status).to.equal(1);
    expect(lines[panic + 1]).to.match(/kernel\/calls\/clear\.ts:clearCall \(kernel\/calls\/clear\.ts:\d+\)/);
    expect(lines.slice(panic).join()).to.include("kernel/trap.ts:trap");
  });

  it("a request and its answer, between two address spaces, cost at most 400 instructions, client and server included", () => {
    const { lines, status } = runOnMachine(images.get("echo")!);
    expect(status).to.equal(0);
    const [, instructions] = /^(\d+) instructions$/.exec(lines.find((line) => line.endsWith("instructions"))!)!;
    expect(Number(instructions)).to.be.at.most(400);
  });

  it("all of it on QEMU too", function () {
    for (const director of [...Object.keys(directors), "matrix"]) {
      const image = images.get(director)!;
      const run = runOnQemu(image);
      if (run === null) return this.skip();
      expect(
        run.lines.filter((line) => line.startsWith("not ok")),
        director,
      ).to.deep.equal([]);
      expect(run.status, `${director}: ${run.lines.slice(-12).join("\n")}`).to.equal(0);
    }
  });
});

/** The names of a director's checks, in its source. */
function checksIn(director: string): string[] {
  const source = readFileSync(`spec/kernel/guest/${director}.ts`, "utf8");
  return [...source.matchAll(/\b(?:check|claim)\(\s*"([^"]+)"/g)].map(([, name]) => name!);
}
