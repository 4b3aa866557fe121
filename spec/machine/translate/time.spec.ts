/** The timer's registers in translated code: every tick at its cycle, and only for whom they are enabled. */
import { expect } from "chai";
import { Clint } from "../../../machine/board/clint.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import { Csr, Mode } from "../../../machine/isa/registers.ts";
import type { Engine, Machine } from "../../../machine/machine.ts";
import type { Assembler } from "../assembler.ts";
import { machineWith } from "../bench-top.ts";
import { enterKeepingStatus, openProtection, setCsr } from "../user-mode.ts";

const ROUNDS = 400;
const ENABLED = 7;
/** Primes: ticks of ten cycles are cut everywhere. */
const SLICES = [97, 9973];

interface Setting {
  readonly mode: Mode;
  readonly machineEnable: number;
  readonly supervisorEnable: number;
}

/** Reads both words again and again while the low one overflows, at every distance from a tick; a0 sums them up. */
function readTime(a: Assembler, { mode, machineEnable, supervisorEnable }: Setting): void {
  openProtection(a);
  a.la("t0", "trap");
  a.csrw(Csr.mtvec, "t0");
  a.li("t1", Base.Clint + Clint.Time);
  a.li("t0", 5);
  a.store("sw", "t0", 4, "t1");
  a.li("t0", -60);
  a.store("sw", "t0", 0, "t1");
  setCsr(a, Csr.mcounteren, machineEnable);
  setCsr(a, Csr.scounteren, supervisorEnable);
  a.li("s0", ROUNDS);
  enterKeepingStatus(a, mode, "round");
  a.align(4);
  a.label("trap");
  a.csrr("t2", Csr.mepc);
  a.i("addi", "t2", "t2", 4);
  a.csrw(Csr.mepc, "t2");
  a.i("addi", "s1", "s1", 1);
  a.branch("beq", "s0", "zero", "end");
  a.mret();
  a.label("end");
  a.finish();
  a.align(4);
  a.label("round");
  for (const number of [Csr.time, Csr.timeh]) {
    a.csrr("t0", number);
    a.shift("slli", "t1", "a0", 5);
    a.r("sub", "a0", "t1", "a0");
    a.r("add", "a0", "a0", "t0");
  }
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "round");
  a.ecall();
}

function machineOf(setting: Setting, engine: Engine): Machine {
  return machineWith((a) => readTime(a, setting), { engine, translateAfter: 1 });
}

describe("time and timeh in translated code", () => {
  for (const mode of [Mode.User, Mode.Supervisor, Mode.Machine]) {
    for (const slice of SLICES) {
      it(`are the interpreter's, in mode ${mode}, slices of ${slice} cycles`, () => {
        for (const machineEnable of [0, ENABLED]) {
          for (const supervisorEnable of [0, ENABLED]) {
            const setting = { mode, machineEnable, supervisorEnable };
            const [translated, interpreted] = [machineOf(setting, "translator"), machineOf(setting, "interpreter")];
            for (;;) {
              const stop = translated.run(translated.cycle + slice);
              expect(interpreted.run(interpreted.cycle + slice)).to.deep.equal(stop);
              expect(translated.hart.readRegister(10)).to.equal(interpreted.hart.readRegister(10));
              if (stop.kind !== "cycle") break;
            }
            expect(translated.hash(), JSON.stringify(setting)).to.equal(interpreted.hash());
          }
        }
      });
    }
  }

  it("do not leave it", () => {
    const machine = machineOf({ mode: Mode.User, machineEnable: ENABLED, supervisorEnable: ENABLED }, "translator");
    while (machine.run(machine.cycle + 1_000_000).kind === "cycle");
    expect(machine.statistics.interpreterEntries).to.be.below(40);
  });
});
