import { expect } from "chai";
import { executeOnQemu, executeWith } from "../test-disk.ts";

const SECOND = 1e8;
const programs = { processes: "spec/servers/pm/guest/processes.ts" };

/** The cases are those of spec/servers/pm/guest/processes.ts. */
describe("processes", function () {
  this.timeout(240_000);

  it("begin, end, get signals, crash and use memory as programs expect", async () => {
    const { output, status } = await executeWith(programs, "processes");
    expectAllOk(output);
    expect(status).to.equal(0);
  });

  it("do so on QEMU as well", async function () {
    const outcome = await executeOnQemu(programs, "processes");
    if (outcome === null) return this.skip();
    expectAllOk(outcome.output);
    expect(outcome.status).to.equal(0);
  });

  it("that resist are killed a second after the others were asked to end", async () => {
    const { output, status, cycles } = await executeWith(programs, "processes resist & sleep 0.1; poweroff");
    expect(output).to.equal("");
    expect(status).to.equal(0);
    expect(cycles).to.be.within(1.1 * SECOND, 1.4 * SECOND);
  });

  it("cannot begin without a terminal: the system stops with status 1", async () => {
    const { status } = await executeWith({}, "true", ["/dev/tty"]);
    expect(status).to.equal(1);
  });
});

/** Each case prints a line; one that fails says how it ended. */
function expectAllOk(output: string): void {
  const lines = output.split("\n").filter((line) => line !== "");
  expect(lines.filter((line) => !line.startsWith("ok "))).to.deep.equal([]);
  expect(lines.length).to.equal(42);
}
