/** `npm run bench` as other programs call it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import type { Figure } from "../../bench/figure.ts";
import { ROOT } from "../../system/build.ts";

function bench(...args: string[]): { stdout: string; stderr: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(ROOT, "dist", "bench", "main.js"), ...args], {
    encoding: "utf8",
  });
  return { stdout, stderr, status };
}

describe("npm run bench", () => {
  it("gives its figures as JSON: name, value, unit, and the goal with whether it is met", () => {
    const { stdout, stderr, status } = bench("compiler", "--json");
    expect({ stderr, status }).to.deep.equal({ stderr: "", status: 0 });
    const figures = JSON.parse(stdout) as Figure[];
    expect(figures).to.have.length.above(8);
    for (const figure of figures) {
      expect(figure).to.have.all.keys("name", "value", "unit", "goal", "met");
      expect(figure.name).to.be.a("string").that.is.not.empty;
      expect(figure.value).to.be.a("number").that.is.finite;
      expect(figure.unit).to.be.a("string").that.is.not.empty;
      expect(figure.met === null).to.equal(figure.goal === null);
    }
    expect(new Set(figures.map(({ name }) => name)).size).to.equal(figures.length);
  });

  it("says in one line what it does not know", () => {
    for (const [args, message] of [
      [["nosuch"], /^bench: there is no group "nosuch"; there are .+\n$/],
      [["--nosuch"], /^bench: unknown option '--nosuch'\n$/],
      [["machine", "--engine", "steam"], /^bench: option '--engine <engine>' argument 'steam' is invalid.*\n$/],
    ] as const) {
      const { stdout, stderr, status } = bench(...args);
      expect({ stdout, status }, args.join(" ")).to.deep.equal({ stdout: "", status: 2 });
      expect(stderr).to.match(message);
    }
  });
});
