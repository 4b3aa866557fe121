import { expect } from "chai";
import { bootArchive, compileServices } from "../test-archive.ts";

describe("DS", function () {
  this.timeout(120_000);

  it("keeps names, tells subscribers once of each change, and keeps state across a service's death", () => {
    const outcome = bootArchive(
      compileServices({
        rs: "spec/servers/ds/guest/publisher.ts",
        vm: "servers/vm/main.ts",
        ds: "servers/ds/main.ts",
        keeper: "spec/servers/ds/guest/keeper.ts",
      }),
    );
    expect(outcome.console).to.equal("");
    expect(outcome.status).to.equal(0);
  });
});
