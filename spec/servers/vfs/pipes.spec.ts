/** Pipes, and every other wait in VFS: guest/pipes.ts shares them between processes, kills and interrupts those that wait. */
import { expect } from "chai";
import { execute } from "../../harness.ts";
import { runWith } from "./guest-programs.ts";

describe("pipes", () => {
  it("keep records whole, lose nothing, and let nobody wait for the dead", async () => {
    const { output, status } = await runWith({ pipes: "spec/servers/vfs/guest/pipes.ts" }, "pipes && pipes");
    expect(output).to.equal("");
    expect(status).to.equal(0);
  });

  it("carry a megabyte through a row of programs", async () => {
    const { output } = await execute("seq 150000 | cat | cat | cat | cksum; seq 150000 | cksum");
    const [through, direct] = output.trim().split("\n");
    expect(through).to.equal(direct);
    expect(Number(through!.split(" ")[1])).to.be.greaterThan(900_000);
  });
});
