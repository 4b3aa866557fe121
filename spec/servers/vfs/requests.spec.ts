/** VFS as programs see it: a guest program (guest/demands.ts) asks for everything, sensible or not, and says what came out otherwise. */
import { expect } from "chai";
import { readMinixFs } from "../../../system/minix-fs/reader.ts";
import { runWith } from "./guest-programs.ts";

describe("VFS", () => {
  it("answers every request as it should, those that make no sense included, and leaves the disk clean", async () => {
    const { output, status, disk } = await runWith(
      { demands: "spec/servers/vfs/guest/demands.ts" },
      "demands && demands",
    );
    expect(output).to.equal("");
    expect(status).to.equal(0);
    readMinixFs(disk);
  });
});
