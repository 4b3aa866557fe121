/** Which trap is taken where several could be (Privileged Specification, 3.1.9, and table 3.7). */
import { expect } from "chai";
import { Cause, Csr, Interrupt, Mode, Pte, Status } from "../../machine/isa/registers.ts";
import { type Assembler, ORIGIN } from "./assembler.ts";
import { machineWith, runToEnd } from "./bench-top.ts";
import { catchTraps, type LoggedTrap, trapsOf } from "./trap-log.ts";
import { enterKeepingStatus, openProtection, satpOf, setCsr, Tables } from "./user-mode.ts";

const PAGE = 0x4000_0000;
const FRAME = ORIGIN + 0x40_0000;
const NOWHERE = 0x9000_0000;
const ILLEGAL = 0;
const INTERRUPT = 0x8000_0000;
const NA4 = 2 << 3;
const OPEN = 0x1f;
const ENOUGH_CYCLES = 5000;

/**
 * What U-mode's code traps with, where `PAGE` is mapped with these flags, and PMP forbids the first word of its frame.
 */
function trapsInPage(flags: number, write: (a: Assembler) => void): [cause: number, value: number][] {
  const machine = machineWith((a) => {
    catchTraps(a);
    setCsr(a, Csr.pmpaddr0, FRAME >>> 2);
    setCsr(a, Csr.pmpaddr0 + 1, 0xffff_ffff);
    setCsr(a, Csr.pmpcfg0, NA4 | (OPEN << 8));
    setCsr(a, Csr.satp, satpOf());
    a.li("a0", PAGE);
    enterKeepingStatus(a, Mode.User, "here");
    a.label("here");
    write(a);
    a.finish();
  });
  const tables = new Tables(machine);
  const own = Pte.Read | Pte.Write | Pte.Execute | Pte.User | Pte.Accessed | Pte.Dirty;
  tables.mapSuper(ORIGIN, ORIGIN, own);
  tables.mapSuper(0, 0, own);
  tables.map(PAGE, FRAME, flags | Pte.User);
  tables.map(PAGE + 0x1000, NOWHERE, own);
  machine.writePhysical(FRAME + 8, new Uint8Array(Uint32Array.of(0x0010_0073).buffer)); // ebreak
  machine.run(ENOUGH_CYCLES); // what cannot be fetched is tried again and again
  return trapsOf(machine).map(({ cause, value }) => [cause, value]);
}

/** The traps of M-mode's code. */
function trapsOfCode(write: (a: Assembler) => void): LoggedTrap[] {
  const machine = machineWith((a) => {
    catchTraps(a);
    openProtection(a);
    write(a);
    a.finish();
  });
  runToEnd(machine);
  return trapsOf(machine);
}

describe("of several traps", () => {
  it("an interrupt comes before the exception of the instruction that is next", () => {
    const traps = trapsOfCode((a) => {
      setCsr(a, Csr.mie, 1 << Interrupt.SupervisorSoftware);
      a.csr("csrrsi", "zero", Csr.mstatus, Status.Mie);
      a.csr("csrrsi", "zero", Csr.mip, 1 << Interrupt.SupervisorSoftware);
      a.word(ILLEGAL);
    });
    const [first, second] = traps.map(({ epc }) => epc);
    expect(traps.map(({ cause }) => cause)).to.deep.equal([
      INTERRUPT + Interrupt.SupervisorSoftware,
      Cause.IllegalInstruction,
    ]);
    expect(first).to.equal(second);
  });

  it("an interrupt for M-mode comes before those delegated, whatever their priorities", () => {
    const both = (1 << Interrupt.SupervisorExternal) | (1 << Interrupt.SupervisorTimer);
    const machine = machineWith((a) => {
      catchTraps(a);
      openProtection(a);
      a.la("t0", "supervisor");
      a.csrw(Csr.stvec, "t0");
      setCsr(a, Csr.mideleg, 1 << Interrupt.SupervisorExternal);
      setCsr(a, Csr.mie, both);
      setCsr(a, Csr.mip, both);
      enterKeepingStatus(a, Mode.User, "here");
      a.label("here");
      a.nop();
      a.align(4);
      a.label("supervisor");
      a.csrr("s0", Csr.scause);
      a.finish();
    });
    const { x } = runToEnd(machine);
    expect(trapsOf(machine).map(({ cause }) => cause)).to.deep.equal([INTERRUPT + Interrupt.SupervisorTimer]);
    expect(x("s0")).to.equal(INTERRUPT + Interrupt.SupervisorExternal);
  });

  it("what cannot be fetched is not looked at: neither decoded, nor a breakpoint", () => {
    const run = (a: Assembler) => a.jalr("ra", 8, "a0");
    expect(trapsInPage(Pte.Execute, run)[0]).to.deep.equal([Cause.Breakpoint, PAGE + 8]);
    expect(trapsInPage(Pte.Read, run)[0]).to.deep.equal([Cause.FetchPage, PAGE + 8]);
  });

  it("the page's rights come before the protection of its frame", () => {
    const access = (a: Assembler) => {
      a.load("lw", "a1", 0, "a0");
      a.store("sw", "a1", 0, "a0");
      a.amo("amoadd", "a1", "a2", "a0");
    };
    expect(trapsInPage(Pte.Read | Pte.Write, access)).to.deep.equal([
      [Cause.LoadAccess, PAGE],
      [Cause.StoreAccess, PAGE],
      [Cause.StoreAccess, PAGE],
    ]);
    expect(trapsInPage(Pte.Execute, access)).to.deep.equal([
      [Cause.LoadPage, PAGE],
      [Cause.StorePage, PAGE],
      [Cause.StorePage, PAGE],
    ]);
  });

  it("an atomic's misalignment comes before the fault of its page, for which another access has no need of it", () => {
    const traps = trapsInPage(Pte.Execute, (a) => {
      a.i("addi", "a0", "a0", 2);
      a.amo("amoswap", "a1", "a2", "a0");
      a.lr("a1", "a0");
      a.sc("a1", "a2", "a0");
      a.load("lw", "a1", 0, "a0");
    });
    expect(traps).to.deep.equal([
      [Cause.StoreMisaligned, PAGE + 2],
      [Cause.LoadMisaligned, PAGE + 2],
      [Cause.StoreMisaligned, PAGE + 2],
      [Cause.LoadPage, PAGE + 2],
    ]);
  });

  it("of two pages that both fault, the first is reported", () => {
    const across = (a: Assembler) => {
      a.li("a1", 0xffe);
      a.r("add", "a0", "a0", "a1");
      a.load("lw", "a1", 0, "a0");
    };
    expect(trapsInPage(Pte.Execute, across)).to.deep.equal([[Cause.LoadPage, PAGE + 0xffe]]);
    expect(trapsInPage(Pte.Read, across)).to.deep.equal([[Cause.LoadAccess, PAGE + 0x1000]]);
  });

  it("an instruction that traps has read and written nothing", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      a.li("a1", 5);
      a.li("a3", 6);
      a.csr("csrrw", "a1", Csr.mhartid, "a2"); // read-only
      a.li("a0", NOWHERE);
      a.amo("amoswap", "a3", "a2", "a0");
      a.jalr("ra", 0, "a0"); // this one does not trap: its target does
      a.finish();
    });
    machine.run(ENOUGH_CYCLES);
    expect(
      trapsOf(machine)
        .slice(0, 3)
        .map(({ cause }) => cause),
    ).to.deep.equal([...[Cause.IllegalInstruction, Cause.StoreAccess, Cause.FetchAccess]]);
    expect(trapsOf(machine)[2]!.epc).to.equal(NOWHERE);
    expect([machine.hart.readRegister(11), machine.hart.readRegister(13)]).to.deep.equal([5, 6]);
    expect(machine.hart.readRegister(1)).to.be.above(ORIGIN);
  });
});
