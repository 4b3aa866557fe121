import { expect } from "chai";
import { executeWith } from "../test-disk.ts";

/** Cases of spec/servers/pm/guest/processes.ts, in its order. */
describe("processes", function () {
  this.timeout(240_000);

  it("begin, end, get signals, crash and use memory as programs expect", async () => {
    const { output, status } = await executeWith({ processes: "spec/servers/pm/guest/processes.ts" }, "processes");
    const lines = output.split("\n").filter((line) => line !== "");
    expect(lines.filter((line) => !line.startsWith("ok "))).to.deep.equal([]);
    expect(lines.length).to.equal(40);
    expect(status).to.equal(0);
  });
});
