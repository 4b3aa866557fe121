/** Which instructions the translator takes to belong together. */
import { expect } from "chai";
import { discover } from "../../../machine/translate/discover.ts";
import { type Assembler, addressIn, assemble, ORIGIN } from "../assembler.ts";

/** How the first block ends, if its jump has led to these labels. */
function endOfFirst(write: (a: Assembler) => void, labels: readonly string[]): string {
  const halves = new Uint16Array(assemble(write).buffer);
  const targets = labels.map((label) => addressIn(write, label) | 0);
  const region = discover(ORIGIN | 0, {
    half: (pc) => halves[((pc >>> 0) - ORIGIN) >> 1] ?? null,
    hasRun: () => true,
    targetsOf: () => targets,
  });
  return region!.blocks[0]!.end.kind;
}

function jumpThroughT0(a: Assembler): void {
  a.jalr("zero", 0, "t0");
  a.jal("t0", "case");
  a.label("behind");
  a.nop();
  a.label("case");
  a.nop();
  a.finish();
}

describe("the translator's discovery", () => {
  it("takes a jump through t0 for a return if it has led behind calls only", () => {
    expect(endOfFirst(jumpThroughT0, [])).to.equal("return");
    expect(endOfFirst(jumpThroughT0, ["behind"])).to.equal("return");
    expect(endOfFirst(jumpThroughT0, ["behind", "case"])).to.equal("indirectJump");
    expect(endOfFirst(jumpThroughT0, ["case"])).to.equal("indirectJump");
  });
});
