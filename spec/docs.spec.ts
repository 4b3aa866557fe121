/** The book's tables say what the code says, and its links lead somewhere. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { DeviceDelay, EventCost, InstructionCost } from "../machine/cost.ts";
import { ROOT } from "../system/build.ts";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

describe("the book", () => {
  it("has the cost table of the code", () => {
    const rows = [...read("docs/costs.md").matchAll(/^\| `(\w+)` \| (\d+) \|$/gm)].map(([, name, cycles]) => [
      name,
      Number(cycles),
    ]);
    const costs = [InstructionCost, EventCost, DeviceDelay].flatMap((table) => Object.entries(table));
    expect(rows).to.deep.equal(costs);
  });

  it("links only to what is there", () => {
    const pages = ["README.md", ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`)];
    for (const page of pages) {
      for (const [, target] of read(page).matchAll(/\]\(([^)#:]+)\)/g)) {
        expect(existsSync(join(ROOT, dirname(page), target!)), `${page}: ${target}`).to.equal(true);
      }
    }
  });

  it("names only files that are there", () => {
    for (const name of readdirSync(join(ROOT, "docs"))) {
      for (const [, path] of read(`docs/${name}`).matchAll(
        /`((?:kernel|servers|drivers|reincarnation|lib|programs|system|machine|compiler|replay|bin|spec|scenarios)\/[\w./-]+\.(?:ts|yaml))`/g,
      )) {
        expect(existsSync(join(ROOT, path!)), `docs/${name}: ${path}`).to.equal(true);
      }
    }
  });
});
