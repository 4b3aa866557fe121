/**
 * The compact line table: at every single instruction of a run the backtrace is the true chain of callers.
 */
import { expect } from "chai";
import { generate } from "../../compiler/backend.ts";
import type { Module } from "../../compiler/ir.ts";
import { parseModule } from "../../compiler/ir-text.ts";
import { LineTable, lineTable } from "../../compiler/line-table.ts";
import { readElf, symbolAddress } from "../../machine/elf.ts";
import { Machine } from "../../machine/machine.ts";
import { randomModule } from "./random-ir.ts";
import { build, lineTableOf, run } from "./run-machine-code.ts";

const RA = 1;
const SP = 2;
const INSTRUCTION_LIMIT = 4000;
/** `addi sp, sp, …` but for the immediate. */
const ADD_TO_STACK_POINTER = 0x1_0113;

/** Runs step by step, keeping the chain of callers by watching calls and returns, and compares it with each backtrace. */
function checkEveryInstruction(modules: readonly Module[], optimise: boolean): number {
  const image = build(modules, optimise);
  const elf = readElf(image);
  const machine = new Machine({ ramBytes: 4 << 20 });
  machine.loadElf(image);
  const start = symbolAddress(elf, "lines_start")!;
  const table = new LineTable(machine.readPhysical(start, symbolAddress(elf, "lines_end")! - start));
  const entries = new Map([...table.functions()].map(({ symbol, address }) => [address, symbol]));
  const word = (address: number): number => new DataView(machine.readPhysical(address, 4).buffer).getUint32(0, true);
  const chain: { symbol: string; returnTo: number }[] = [{ symbol: "start:start", returnTo: 0 }];
  let steps = 0;
  for (; steps < INSTRUCTION_LIMIT; steps++) {
    const before = machine.hart.readPc();
    if (machine.run(machine.cycle + 1).kind === "finished") break;
    const pc = machine.hart.readPc();
    const entered = entries.get(pc);
    const top = chain.at(-1)!;
    if (pc === top.returnTo && pc !== before + 4) chain.pop();
    else if (entered !== undefined && machine.hart.readRegister(RA) === before + 4 && pc !== before + 4) {
      chain.push({ symbol: entered, returnTo: before + 4 });
    }
    if (table.functionAt(pc)!.startsWith("start:")) continue;
    const stack = { pc, sp: machine.hart.readRegister(SP), ra: machine.hart.readRegister(RA), word };
    const found = table.backtrace(stack).map((frame) => frame.function);
    const expected = chain.map(({ symbol }) => symbol).reverse();
    if (found.join(" ") !== expected.join(" ")) {
      throw new Error(`at ${pc.toString(16)}: backtrace ${found.join(" ")}, in truth ${expected.join(" ")}`);
    }
  }
  return steps;
}

describe("backtraces from the line table", () => {
  for (const optimise of [false, true]) {
    it(`are right at every instruction of random programs, ${optimise ? "" : "not "}optimised`, () => {
      let steps = 0;
      for (let seed = 1; seed <= 25; seed++) steps += checkEveryInstruction([randomModule(seed, 40)], optimise);
      expect(steps).to.be.greaterThan(5000);
    });
  }

  it("are right where a function makes its frame only on the way that calls", () => {
    const module = parseModule(`module test.ts
function test:decide (%0) 1 {
0:
  branch equal %0, 0 ? 1 : 2
1:
  return 7
2:
  %1 = subtract %0, 1
  %2 = call test:decide %1
  return %2
}
function test:main () 2 {
0:
  %0 = call test:decide 3
  return %0, 0
}
`);
    expect(checkEveryInstruction([module], true)).to.be.greaterThan(20);
    const elf = readElf(build([module], true));
    const first = symbolAddress(elf, "test:decide")!;
    const code = elf.segments.find(({ address, bytes }) => first >= address && first < address + bytes.length)!;
    const word = new DataView(code.bytes.buffer, code.bytes.byteOffset).getUint32(first - code.address, true);
    expect(word & 0xf_ffff, "makes its frame at once").to.not.equal(ADD_TO_STACK_POINTER);
  });

  it("begin at a failed check with its reason and line, and name the lines of the calls", () => {
    const module = parseModule(`module test.ts
function test:check (%0) 1 {
0:
  check lessUnsigned %0, 3 index
  return %0
}
function test:main () 2 {
0:
  %0 = call test:loop 0
  return %0, 0
}
function test:loop (%0) 1 {
0:
  %1 = call test:check %0
  %2 = add %0, 1
  %3 = call test:loop %2
  return %3
}
`);
    const outcome = run([module], false);
    const table = lineTableOf(outcome);
    const { trap, machine } = outcome;
    expect(table.checkAt(trap!.pc)).to.deep.equal({ reason: 1, file: "test.ts", line: 4 });
    expect(table.checkAt(trap!.pc + 4)?.line).to.not.equal(4);
    const word = (address: number): number => new DataView(machine.readPhysical(address, 4).buffer).getUint32(0, true);
    const frames = table.backtrace({ ...trap!, word });
    expect(frames.map(({ function: name, line }) => `${name} ${line}`)).to.deep.equal([
      "test:check 4",
      "test:loop 14",
      "test:loop 16",
      "test:loop 16",
      "test:loop 16",
      "test:main 9",
      "start:start 7",
    ]);
  });

  it("do not depend on where the code lies for their size", () => {
    const object = generate(randomModule(7), new Map(), { optimise: true });
    const code = object.sections.filter(({ kind }) => kind === "code");
    const at = (base: number): Uint8Array => {
      let address = base;
      return lineTable(
        code.map((section) => {
          const placed = { section, address };
          address += section.size;
          return placed;
        }),
      );
    };
    expect(at(0x8000_0000).length).to.equal(at(0x1_0000).length);
  });

  it("refuse what is no table", () => {
    expect(() => new LineTable(new Uint8Array(100))).to.throw(RangeError, "not a line table");
  });
});
