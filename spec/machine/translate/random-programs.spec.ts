/**
 * The translator against the interpreter: random programs, stopped again and again, in the same state each time.
 */
import { expect } from "chai";
import { Machine, type MachineConfiguration } from "../../../machine/machine.ts";
import { ORIGIN } from "../assembler.ts";
import { Random } from "../random.ts";
import { randomImage } from "../random-program.ts";

const TESTS_PER_IMAGE = 12;
/** Primes, so that stops fall everywhere. */
const SLICES = [997, 10_007, 100_003];

function stateOf(machine: Machine): object {
  return {
    cycle: machine.cycle,
    instructions: machine.instructions,
    pc: machine.hart.readPc().toString(16),
    hash: machine.hash(),
  };
}

function machineWithImage(image: Uint8Array, configuration: MachineConfiguration): Machine {
  const machine = new Machine({ ramBytes: 8 << 20, ...configuration });
  machine.writePhysical(ORIGIN, image);
  return machine;
}

/** Runs an image on both engines, slice by slice, and compares them; gives back the translating machine. */
function compare(image: Uint8Array, slice: number, configuration: MachineConfiguration = {}): Machine {
  const reference = machineWithImage(image, { engine: "interpreter" });
  // Everything that is ever jumped to is translated.
  const translated = machineWithImage(image, { engine: "translator", translateAfter: 0, ...configuration });
  for (;;) {
    const stop = reference.run(reference.cycle + slice);
    expect(translated.run(translated.cycle + slice)).to.deep.equal(stop);
    expect(stateOf(translated)).to.deep.equal(stateOf(reference));
    if (stop.kind !== "cycle") return translated;
  }
}

describe("translated code", () => {
  for (const [index, slice] of SLICES.entries()) {
    const seed = 7001 + index;
    it(`does what the interpreter does, in slices of ${slice} cycles (seed ${seed})`, () => {
      compare(randomImage(new Random(seed), TESTS_PER_IMAGE), slice);
    });
  }

  it("is dropped and made anew where there is no room for more, and does the same (seed 7004)", () => {
    const image = randomImage(new Random(7004), TESTS_PER_IMAGE);
    const { statistics } = compare(image, 10_007, { mostTranslatedBytes: 70_000 });
    expect(statistics.drops).to.be.greaterThan(3);
    expect(statistics.moduleBytes).to.be.greaterThan(3 * 70_000);
  });
});
