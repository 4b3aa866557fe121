/** The book's tables say what the code says, and its links lead somewhere. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { DeviceDelay, EventCost, InstructionCost } from "../machine/cost.ts";
import { ROOT } from "../system/build.ts";
import { bootedSystem } from "./harness.ts";

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

  it("shows a program that is there as it is", () => {
    const [, program] = /```ts\n([\s\S]*?)```/.exec(read("docs/extending.md"))!;
    expect(program).to.equal(read("programs/rev.ts"));
  });

  it("begins with a session that takes place as printed, but for numbers and calls", async function () {
    this.timeout(300_000); // the first to want the image may have to build it
    const [, session] = /```\nWelcome to Renix\.\n[^#]*([\s\S]*?)# poweroff\n```/.exec(read("README.md"))!;
    const system = await bootedSystem();
    let seen = "";
    for (const [, command] of session!.matchAll(/^# (.*)$/gm)) seen += `# ${command}\n${system.run(command!)}`;
    // What is inlined where is the compiler's business.
    const plain = (text: string) =>
      text
        .replace(/^ {2}#.*$/gm, "#")
        .replace(/\d+/g, "N")
        .replace(/ +/g, " ");
    expect(plain(seen)).to.equal(plain(session!));
    const [sum, copied] = [...seen.matchAll(/^(\d+ \d+) \/(bin\/sh|copy)$/gm)].map(([, numbers]) => numbers);
    expect(sum).to.equal(copied);
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
        if (path!.includes("NAME")) continue; // a place for one of your own
        expect(existsSync(join(ROOT, path!)), `docs/${name}: ${path}`).to.equal(true);
      }
    }
  });
});
