/** Translated code that goes from mode to mode. */
import { expect } from "chai";
import { Csr, Interrupt, Mode, Pte, Status } from "../../../machine/isa/registers.ts";
import type { Engine } from "../../../machine/machine.ts";
import { type Assembler, ORIGIN } from "../assembler.ts";
import { machineWith, type Outcome, runToEnd } from "../bench-top.ts";
import { openProtection, satpOf, setCsr, Tables } from "../user-mode.ts";

const PAGE = ORIGIN + 0x40_0000;
const FRAME = ORIGIN + 0x40_1000;
const TURNS = 40;
const SOFTWARE = 1 << Interrupt.SupervisorSoftware;
const FLAGS = Pte.Read | Pte.Write | Pte.Execute | Pte.User | Pte.Accessed | Pte.Dirty;

/** M-mode calls a function that returns to its caller in U-mode, where `PAGE` is another frame. */
function returnInUserMode(a: Assembler): void {
  openProtection(a);
  a.la("t0", "turn");
  a.csrw(Csr.mtvec, "t0");
  setCsr(a, Csr.satp, satpOf());
  a.li("s0", TURNS);
  a.li("s1", PAGE);
  a.align(4);
  a.label("turn");
  a.branch("beq", "s0", "zero", "end");
  a.i("addi", "s0", "s0", -1);
  a.load("lw", "a2", 0, "s1");
  a.r("add", "a3", "a3", "a2");
  a.jal("ra", "returnAsUser");
  a.load("lw", "a1", 0, "s1");
  a.r("add", "a0", "a0", "a1");
  a.ecall();
  a.label("returnAsUser");
  a.csrw(Csr.mepc, "ra");
  a.mret();
  a.label("end");
  a.finish();
}

function outcomeOf(engine: Engine): Outcome {
  const machine = machineWith(returnInUserMode, { engine, translateAfter: 1 });
  const tables = new Tables(machine);
  tables.map(ORIGIN, ORIGIN, FLAGS);
  tables.map(PAGE, FRAME, FLAGS);
  machine.writePhysical(PAGE, Uint8Array.of(100));
  machine.writePhysical(FRAME, Uint8Array.of(1));
  return runToEnd(machine);
}

describe("translated code that goes from mode to mode", () => {
  it("has the rights and the memory of its mode, even if it returns in another to where it was called", () => {
    const [translated, interpreted] = [outcomeOf("translator"), outcomeOf("interpreter")];
    expect([translated.x("a0"), translated.x("a3")]).to.deep.equal([TURNS, TURNS * 100]);
    expect(translated.machine.hash()).to.equal(interpreted.machine.hash());
  });
});

interface Return {
  readonly from: Mode;
  /** Bits of mstatus besides MPP. */
  readonly status: number;
  /** A software interrupt of S-mode is pending, for M-mode or, delegated, for S-mode. */
  readonly interrupt: "none" | "machine" | "supervisor";
}

/**
 * Again and again: to a mode by `mret`, there both fences and `sret`, and back by whatever traps first. a0 sums it up.
 */
function returnFromSupervisor(a: Assembler, { from, status, interrupt }: Return): void {
  openProtection(a);
  a.la("t0", "trap");
  a.csrw(Csr.mtvec, "t0");
  a.la("t0", "supervisorTrap");
  a.csrw(Csr.stvec, "t0");
  if (interrupt !== "none") {
    setCsr(a, Csr.mideleg, interrupt === "supervisor" ? SOFTWARE : 0);
    setCsr(a, Csr.mie, SOFTWARE);
    setCsr(a, Csr.mip, SOFTWARE);
  }
  a.li("s0", TURNS);
  a.j("turn");
  a.align(4);
  a.label("trap");
  for (const number of [Csr.mcause, Csr.mepc, Csr.mstatus]) sumUp(a, number);
  a.label("turn");
  a.branch("beq", "s0", "zero", "end");
  a.i("addi", "s0", "s0", -1);
  a.la("t0", "landed");
  a.csrw(Csr.sepc, "t0");
  a.la("t0", "there");
  a.csrw(Csr.mepc, "t0");
  setCsr(a, Csr.mstatus, status | (from << Status.MppShift));
  a.mret();
  a.label("there");
  a.sfenceVma();
  a.fenceI();
  a.sret();
  a.label("landed");
  a.ecall();
  a.align(4);
  a.label("supervisorTrap");
  for (const number of [Csr.scause, Csr.sepc, Csr.sstatus]) sumUp(a, number);
  a.ecall();
  a.label("end");
  a.finish();
}

function sumUp(a: Assembler, number: number): void {
  a.csrr("t0", number);
  a.shift("slli", "t1", "a0", 5);
  a.r("sub", "a0", "t1", "a0");
  a.r("add", "a0", "a0", "t0");
}

describe("translated sret, sfence.vma and fence.i", () => {
  for (const from of [Mode.User, Mode.Supervisor, Mode.Machine]) {
    it(`do in mode ${from} what the interpreter's do: traps, status, interrupts that become due`, () => {
      for (const special of [0, Status.Tsr, Status.Tvm, Status.Mprv]) {
        for (const previous of [0, Status.Spp, Status.Spie, Status.Spp | Status.Spie]) {
          for (const interrupt of ["none", "machine", "supervisor"] as const) {
            const how = { from, status: special | previous, interrupt };
            const [translated, interpreted] = (["translator", "interpreter"] as const).map((engine) =>
              runToEnd(machineWith((a) => returnFromSupervisor(a, how), { engine, translateAfter: 1 })),
            );
            expect(translated!.machine.hash(), JSON.stringify(how)).to.equal(interpreted!.machine.hash());
          }
        }
      }
    });
  }
});
