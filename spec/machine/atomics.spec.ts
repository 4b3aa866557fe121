/** LR, SC and the AMOs (Unprivileged Specification, chapter 8). */
import { expect } from "chai";
import { Cause } from "../../machine/isa/registers.ts";
import { ALL_ATOMICS, type Atomic, ORIGIN } from "./assembler.ts";
import { machineWith, runCode, runToEnd, wordAt } from "./bench-top.ts";
import { catchTraps, trapsOf } from "./trap-log.ts";

const DATA = ORIGIN + 0x10_0000;
const signed = (value: number) => value | 0;

const MEANINGS: Record<Atomic, (memory: number, operand: number) => number> = {
  amoadd: (memory, operand) => memory + operand,
  amoswap: (_memory, operand) => operand,
  amoxor: (memory, operand) => memory ^ operand,
  amoor: (memory, operand) => memory | operand,
  amoand: (memory, operand) => memory & operand,
  amomin: (memory, operand) => Math.min(signed(memory), signed(operand)),
  amomax: (memory, operand) => Math.max(signed(memory), signed(operand)),
  amominu: (memory, operand) => Math.min(memory, operand),
  amomaxu: (memory, operand) => Math.max(memory, operand),
};
const OPERANDS = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1234_5678];

describe("atomics", () => {
  for (const name of ALL_ATOMICS) {
    it(`${name} gives the old word and stores the new one`, () => {
      for (const memory of OPERANDS) {
        for (const operand of OPERANDS) {
          const { x, machine } = runCode((a) => {
            a.li("a0", DATA);
            a.li("a1", memory);
            a.store("sw", "a1", 0, "a0");
            a.li("a2", operand);
            a.amo(name, "a3", "a2", "a0");
            a.finish();
          });
          expect(x("a3")).to.equal(memory);
          expect(wordAt(machine, DATA)).to.equal(MEANINGS[name](memory, operand) >>> 0);
        }
      }
    });
  }

  it("an AMO whose destination is its source or its base still uses the old operands", () => {
    const { x, machine } = runCode((a) => {
      a.li("a0", DATA);
      a.li("a1", 5);
      a.store("sw", "a1", 0, "a0");
      a.amo("amoadd", "a1", "a1", "a0");
      a.amo("amoadd", "a0", "a1", "a0");
      a.finish();
    });
    expect([x("a1"), x("a0"), wordAt(machine, DATA)]).to.deep.equal([5, 10, 15]);
  });

  it("SC succeeds after LR and then no more", () => {
    const { x, machine } = runCode((a) => {
      a.li("a0", DATA);
      a.li("a1", 7);
      a.lr("a2", "a0");
      a.sc("a3", "a1", "a0");
      a.sc("a4", "a2", "a0");
      a.finish();
    });
    expect([x("a2"), x("a3"), x("a4"), wordAt(machine, DATA)]).to.deep.equal([0, 0, 1, 7]);
  });

  it("SC without LR, or to another address, fails, stores nothing, and ends the reservation", () => {
    const { x, machine } = runCode((a) => {
      a.li("a0", DATA);
      a.i("addi", "a5", "a0", 4);
      a.li("a1", 7);
      a.sc("a2", "a1", "a0");
      a.lr("zero", "a0");
      a.sc("a3", "a1", "a5");
      a.sc("a4", "a1", "a0");
      a.finish();
    });
    expect([x("a2"), x("a3"), x("a4")]).to.deep.equal([1, 1, 1]);
    expect([wordAt(machine, DATA), wordAt(machine, DATA + 4)]).to.deep.equal([0, 0]);
  });

  it("SC fails where the word has changed since LR", () => {
    const { x, machine } = runCode((a) => {
      a.li("a0", DATA);
      a.li("a1", 7);
      a.lr("zero", "a0");
      a.store("sw", "a1", 0, "a0");
      a.sc("a2", "a0", "a0");
      a.finish();
    });
    expect(x("a2")).to.equal(1);
    expect(wordAt(machine, DATA)).to.equal(7);
  });

  it("a write from outside the hart ends a reservation, even of the same value", () => {
    const machine = machineWith((a) => {
      a.li("a0", DATA);
      a.lr("zero", "a0");
      a.label("here");
      a.sc("a2", "a0", "a0");
      a.finish();
    });
    machine.addBreakpoint({ physical: ORIGIN + 12 });
    expect(machine.run(1000).kind).to.equal("breakpoint");
    machine.writePhysical(DATA, new Uint8Array(4));
    machine.clearBreakpoints();
    expect(runToEnd(machine).x("a2")).to.equal(1);
  });

  it("a return from a trap ends a reservation", () => {
    const { x } = runCode((a) => {
      catchTraps(a);
      a.li("a0", DATA);
      a.lr("zero", "a0");
      a.ecall();
      a.sc("a2", "a0", "a0");
      a.finish();
    });
    expect(x("a2")).to.equal(1);
  });

  it("misaligned atomics trap, although misaligned loads and stores do not", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      a.li("a0", DATA + 2);
      a.lr("a1", "a0");
      a.sc("a1", "a1", "a0");
      a.amo("amoadd", "a1", "a1", "a0");
      a.finish();
    });
    runToEnd(machine);
    const causes = trapsOf(machine).map(({ cause }) => cause);
    expect(causes).to.deep.equal([Cause.LoadMisaligned, Cause.StoreMisaligned, Cause.StoreMisaligned]);
    expect(trapsOf(machine).every(({ value }) => value === DATA + 2)).to.equal(true);
  });

  it("atomics outside RAM raise access faults", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      a.li("a0", 0x0200_4000);
      a.lr("a1", "a0");
      a.amo("amoswap", "a1", "a1", "a0");
      a.finish();
    });
    runToEnd(machine);
    expect(trapsOf(machine).map(({ cause }) => cause)).to.deep.equal([Cause.LoadAccess, Cause.StoreAccess]);
  });
});
