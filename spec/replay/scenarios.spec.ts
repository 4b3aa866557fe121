/** Every scenario of scenarios/ holds, and what it recorded replays; a scenario with a mistake is refused where the mistake is. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { guestNumbers } from "../../replay/guest-numbers.ts";
import { replay } from "../../replay/player.ts";
import { parseRecording } from "../../replay/recording.ts";
import { parseScenario, ScenarioError } from "../../replay/scenario.ts";
import { runScenario } from "../../replay/scenario-run.ts";
import { ROOT } from "../../system/build.ts";
import { systemImage } from "../harness.ts";

const FOLDER = join(ROOT, "scenarios");

describe("the scenarios", () => {
  for (const file of readdirSync(FOLDER)) {
    const scenario = parseScenario(readFileSync(join(FOLDER, file), "utf8"), file);
    it(`${file}: ${scenario.name}`, async () => {
      let recorded = "";
      const record = (text: string): void => {
        recorded += text;
      };
      const image = await systemImage();
      const report = runScenario(scenario, image, guestNumbers(), { record });
      expect(report.checks.filter(({ passed }) => !passed)).to.deep.equal([]);
      expect(replay(parseRecording(recorded, file), image).difference).to.equal(null);
    });
  }
});

describe("a place that an injection waits for", () => {
  /** Each key goes through this function of the terminal driver. */
  const scenario = (inject: string[]): string =>
    [
      "name: x",
      "steps:",
      "  - run: echo one",
      "  - pause: 30000000",
      "  - run: echo two",
      "  - pause: 30000000",
      "  - run: echo three",
      "inject:",
      ...inject,
      "expect:",
      "  - screen: x",
    ].join("\n");
  const run = async (inject: string[]) =>
    runScenario(parseScenario(scenario(inject), "s"), await systemImage(), guestNumbers());

  it("is found again in each successor", async () => {
    const { injected, deaths } = await run([
      "  - when: { reached: receiveKey, in: tty }",
      "    fault: { kill: tty }",
      "    every: true",
    ]);
    // The first key of a line kills the driver; the rest of the line is in the FIFO, and its first key kills the successor; and so on.
    expect(injected.length).to.be.greaterThan(3);
    expect(new Set(injected.map(({ place }) => place)).size).to.equal(1);
    expect(deaths).to.have.lengthOf(injected.length);
  });

  it("is counted through all of them", async () => {
    const { injected } = await run([
      "  - when: { step: 1 }",
      "    fault: { kill: tty }",
      "  - when: { reached: receiveKey, in: tty, number: 12 }",
      "    fault: { kill: tty }",
    ]);
    expect(injected.map(({ number }) => number)).to.deep.equal([1, 2]);
  });

  it("may lie in several services at once", async () => {
    const { injected } = await run([
      "  - when: { reached: receiveKey, in: tty }",
      "    fault: { kill: disk }",
      "  - when: { reached: receiveRequest, in: disk }",
      "    fault: { kill: memory }",
    ]);
    expect(injected.map(({ number, service }) => [number, service])).to.deep.equal([
      [1, "disk"],
      [2, "memory"],
    ]);
  });
});

describe("a scenario with a mistake", () => {
  const good = ["name: x", "steps:", "  - run: ls", "expect:", "  - screen: a"];
  const mistakes: [string, string[], string][] = [
    ["is empty", [], "s: the file is empty"],
    ["is no YAML", ["a: [1"], "s:1:"],
    ["lacks its expectations", good.slice(0, 3), "expect:"],
    ["has an unknown key", [...good, "frob: 1"], 's:1:1: scenario: Unrecognized key: "frob"'],
    ["has an unknown step", ["name: x", "steps:", "  - frob: 1", "expect:", "  - screen: a"], "s:3:5: steps.0:"],
    [
      "names a service that does not exist",
      [...good, "inject:", "  - when: { cycle: 5 }", "    fault: { kill: diks }"],
      "s:8:20: inject.0.fault.kill:",
    ],
  ];
  for (const [what, lines, message] of mistakes) {
    it(`is refused when it ${what}`, () => {
      expect(() => parseScenario(lines.join("\n"), "s")).to.throw(ScenarioError, message);
    });
  }

  it("is refused when it names a message type or a place that does not exist", async () => {
    const image = await systemImage();
    const wrong = (when: string): (() => unknown) => {
      const text = [...good, "inject:", `  - when: ${when}`, "    fault: { kill: disk }"].join("\n");
      return () => runScenario(parseScenario(text, "s"), image, guestNumbers());
    };
    expect(wrong("{ message: { type: BlockCall.Frob } }")).to.throw(ScenarioError, 'no message type "BlockCall.Frob"');
    expect(wrong("{ reached: nowhere, in: disk }")).to.throw(ScenarioError, 'there is no "nowhere" in disk');
  });
});
