/** Every scenario of scenarios/ holds, and what it recorded replays; a scenario with a mistake is refused where the mistake is. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { guestNumbers } from "../../replay/guest-numbers.ts";
import { replay } from "../../replay/player.ts";
import { parseRecording } from "../../replay/recording.ts";
import { parseScenario } from "../../replay/scenario.ts";
import { ScenarioError } from "../../replay/scenario-file.ts";
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
      "  - when: { reached: startDevice, in: disk }",
      "    fault: { kill: memory }",
    ]);
    expect(injected.map(({ number, service }) => [number, service])).to.deep.equal([
      [1, "disk"],
      [2, "memory"],
    ]);
  });
});

describe("a scenario with a mistake", () => {
  /** A good one, but for what `wrong` puts in its place; `s:LINE:COLUMN` below counts in this. */
  const scenario = (wrong: { step?: string; when?: string; fault?: string; expect?: string; more?: string }): string =>
    [
      "name: x",
      "steps:",
      `  - ${wrong.step ?? "run: ls"}`,
      "inject:",
      `  - when: ${wrong.when ?? "{ cycle: 5 }"}`,
      `    fault: ${wrong.fault ?? "{ kill: disk }"}`,
      "expect:",
      `  - ${wrong.expect ?? "screen: a"}`,
      wrong.more ?? "",
    ].join("\n");
  const mistakes: [string, string, string][] = [
    ["is empty", "", "s: the file is empty"],
    ["is no YAML", "a: [1", "s:1:6: Flow sequence"],
    ["refers to what is not there", "name: *x", "s: Unresolved alias"],
    ["says a thing twice", scenario({ more: "name: y" }), "s:9:1: Map keys must be unique"],
    ["lacks its expectations", "name: x\nsteps:\n  - run: ls", "s:1:1: expect: it is missing"],
    ["has a key too many", scenario({ more: "frob: 1" }), 's:9:1: scenario: there is no key "frob" here'],
    [
      "has a step of no kind",
      scenario({ step: "rnu: ls" }),
      "s:3:5: steps.0: one of run, type, wait, pause is expected",
    ],
    ["has a step that is no step", scenario({ step: "ls" }), "s:3:5: steps.0: expected object"],
    ["has a number for a text", scenario({ step: "run: 5" }), "s:3:10: steps.0.run: expected string"],
    ["has a negative number", scenario({ step: "pause: -4" }), "s:3:12: steps.0.pause: Too small"],
    ["has a huge number", scenario({ when: "{ cycle: 1e30 }" }), "s:5:20: inject.0.when.cycle: Too big"],
    [
      "has a wrong key in a step",
      scenario({ step: "{ wait: a, withn: 5 }" }),
      's:3:16: steps.0: there is no key "withn" here',
    ],
    [
      "has a moment of no kind",
      scenario({ when: "{ cycel: 5 }" }),
      "s:5:13: inject.0.when: one of cycle, step, message, starts, reached is expected",
    ],
    [
      "has a wrong key in a moment",
      scenario({ when: "{ message: { form: mfs } }" }),
      's:5:24: inject.0.when.message: there is no key "form" here',
    ],
    [
      "lacks half of a fault",
      scenario({ fault: "{ register: 1, of: disk }" }),
      "s:6:12: inject.0.fault.value: it is missing",
    ],
    ["names a service that does not exist", scenario({ fault: "{ kill: diks }" }), "s:6:20: inject.0.fault.kill: "],
    ["names one among others", scenario({ fault: "{ kill: [tty, diks] }" }), "s:6:26: inject.0.fault.kill.1: "],
    ["expects half of a thing", scenario({ expect: "recovery: disk" }), "s:8:5: expect.0.at_most: it is missing"],
  ];
  for (const [what, text, message] of mistakes) {
    it(`is refused where it ${what}`, () => {
      expect(() => parseScenario(text, "s")).to.throw(ScenarioError, message);
    });
  }

  it("is refused where it names a message type or a place that does not exist", async () => {
    const image = await systemImage();
    const run = (wrong: Parameters<typeof scenario>[0]) => () =>
      runScenario(parseScenario(scenario(wrong), "s"), image, guestNumbers());
    const type = 's:5:30: there is no message type "BlockCall.Frob"';
    expect(run({ when: "{ message: { type: BlockCall.Frob } }" })).to.throw(ScenarioError, type);
    expect(run({ when: "{ reached: no, in: disk }" })).to.throw(ScenarioError, 's:5:22: there is no "no" in disk');
    expect(run({ fault: "{ data: no+4, of: disk, value: 1 }" })).to.throw(ScenarioError, "s:6:20: there is no");
    expect(run({ fault: '{ code: "a.ts:1", of: tty, value: 1 }' })).to.throw(ScenarioError, "s:6:20: there is no");
  });
});
