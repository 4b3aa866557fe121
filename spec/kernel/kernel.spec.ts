/**
 * The kernel's behaviour, checked from inside: each director (spec/kernel/guest) works processes through the kernel's traps and calls, and
 * reports a line for each check; here each line becomes a test. The same images run on QEMU.
 */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { buildImages, type Run, runOnMachine, runOnQemu } from "./harness.ts";

const directors: Record<string, string> = {
  rules: "message passing",
  space: "address spaces, copies and grants",
  signals: "signals, faults, fork and exec",
  devices: "interrupts and DMA",
  time: "time and turns",
};
/** States of a peer, times operations, times what both find. */
const MATRIX_CHECKS = 132;

describe("kernel", function () {
  this.timeout(120_000);
  let images: Map<string, Uint8Array>;
  before(() => {
    images = buildImages([...Object.keys(directors), "matrix"]);
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

  it("all of it on QEMU too", function () {
    for (const [director, image] of images) {
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
