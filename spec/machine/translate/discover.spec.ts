/** Which instructions the translator takes to belong together. */
import { expect } from "chai";
import type { Region } from "../../../machine/translate/discover.ts";
import { type Assembler, addressIn, ORIGIN } from "../assembler.ts";
import { discovered } from "./discovered.ts";

/** How the first block ends, if its jump has led to these labels. */
function endOfFirst(write: (a: Assembler) => void, labels: readonly string[]): string {
  const targets = labels.map((label) => addressIn(write, label) | 0);
  return discovered(write, { targetsOf: () => targets }).blocks[0]!.end.kind;
}

function stepsOf({ blocks }: Region): number {
  return blocks.reduce((sum, { steps }) => sum + steps.length, 0);
}

/** Straight on for so many instructions, then either way to another. */
function longProgram(a: Assembler, lengthSteps: number): void {
  for (let step = 0; step < lengthSteps; step++) a.i("addi", "a0", "a0", 1);
  a.branch("beq", "a0", "a1", "far");
  a.label("near");
  a.i("addi", "a0", "a0", 2);
  a.label("far");
  a.finish();
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

  it("goes on in another region where it becomes too long, and leaves to the interpreter only what that must do", () => {
    const tooLong = discovered((a) => longProgram(a, 4000), {});
    expect(stepsOf(tooLong)).to.be.below(4000);
    expect(tooLong.blocks.map(({ end }) => end.kind)).not.to.include("leave");

    const breaks = (a: Assembler) => {
      a.i("addi", "a0", "a0", 1);
      a.ebreak();
    };
    expect(discovered(breaks, {}).blocks[0]!.end).to.deep.equal({ kind: "leave", at: (ORIGIN + 4) | 0 });
  });

  it("goes on in another region at instructions that were not executed yet", () => {
    const near = addressIn((a) => longProgram(a, 3), "near") | 0;
    const { blocks } = discovered((a) => longProgram(a, 3), { isWanted: (pc) => pc < near });
    expect(blocks).to.have.lengthOf(1);
    expect(blocks[0]!.end).to.deep.include({ kind: "branch", target: near });
  });

  it("does not translate again what can be entered already", () => {
    const far = addressIn((a) => longProgram(a, 3), "far") | 0;
    const has = (isTranslated: boolean) =>
      discovered((a) => longProgram(a, 3), { isTranslated: (pc) => isTranslated && pc === far }).indexByPc.has(far);
    expect(has(false)).to.equal(true);
    expect(has(true)).to.equal(false);
  });
});
