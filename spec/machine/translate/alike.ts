/** Runs the same code on both engines, in slices, and compares everything at the end of each. */
import { expect } from "chai";
import { Csr } from "../../../machine/isa/registers.ts";
import type { Machine } from "../../../machine/machine.ts";
import type { Assembler } from "../assembler.ts";
import { machineWith } from "../bench-top.ts";

const MOST_SLICES = 2000;

/** The translating machine, at its end. `prepare` puts into each what the code needs besides. */
export function runAlike(
  write: (a: Assembler) => void,
  sliceCycles: number,
  prepare: (machine: Machine) => void = () => {},
): Machine {
  const [translator, interpreter] = (["translator", "interpreter"] as const).map((engine) => {
    const machine = machineWith(write, { engine, translateAfter: 1 });
    prepare(machine);
    return machine;
  });
  for (let slice = 0; slice < MOST_SLICES; slice++) {
    const stops = [translator!, interpreter!].map((machine) => machine.run(machine.cycle + sliceCycles));
    expect(stops[0]).to.deep.equal(stops[1]);
    expect(translator!.cycle).to.equal(interpreter!.cycle);
    expect(translator!.hash()).to.equal(interpreter!.hash(), `after cycle ${interpreter!.cycle}`);
    if (stops[0]!.kind !== "cycle") return translator!;
  }
  throw new Error("still running");
}

/** A handler at "trapped": leaves cause and address in a5 and a6, and ends. */
export function endTrapped(a: Assembler): void {
  a.align(4);
  a.label("trapped");
  a.csrr("a5", Csr.mcause);
  a.csrr("a6", Csr.mtval);
  a.finish();
}
