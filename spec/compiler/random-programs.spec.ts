/**
 * Random IR programs: what the interpreter computes, the machine code computes, optimised or not; a trap names the same reason and line.
 */
import { expect } from "chai";
import type { Module } from "../../compiler/ir.ts";
import { Interpreter, Trap } from "./ir-interpreter.ts";
import { randomModule, textOf } from "./random-ir.ts";
import { lineTableOf, run } from "./run-machine-code.ts";

const PROGRAMS = 150;
/** Another seed every day finds more; a failure prints it. */
const FIRST_SEED = Number(process.env.SEED ?? 20_260_101);

type Result = { results: number[] } | { reason: number; line: number };

function interpreted(module: Module): Result {
  try {
    return { results: new Interpreter([module]).call("test:main") };
  } catch (error) {
    if (error instanceof Trap) return { reason: error.reason, line: error.position.line };
    throw error;
  }
}

function compiled(module: Module, optimise: boolean): Result {
  const outcome = run([module], optimise);
  if (outcome.trap === null) return { results: [...outcome.results] };
  const check = lineTableOf(outcome).checkAt(outcome.trap.pc);
  if (check === null) throw new Error(`trap ${outcome.trap.cause} at ${outcome.trap.pc.toString(16)} is no check`);
  return { reason: check.reason, line: check.line };
}

describe("machine code of random programs", () => {
  for (const optimise of [false, true]) {
    it(`computes what the IR says, ${optimise ? "optimised" : "not optimised"} (seeds from ${FIRST_SEED})`, () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + PROGRAMS; seed++) {
        const module = randomModule(seed, 10 + (seed % 60));
        const expected = interpreted(module);
        let actual: Result;
        try {
          actual = compiled(module, optimise);
        } catch (error) {
          throw new Error(`seed ${seed}: ${error}\n${textOf(module)}`);
        }
        expect(actual, `seed ${seed}`).to.deep.equal(expected);
      }
    });
  }
});
