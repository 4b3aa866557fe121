/** Physical memory protection (Privileged Specification, section 3.7): matching, rights, priority, locking. */
import { expect } from "chai";
import { Pmp, PmpBit } from "../../machine/hart/pmp.ts";
import { Cause, Csr, Mode, Pte } from "../../machine/isa/registers.ts";
import { type Assembler, assemble, ORIGIN } from "./assembler.ts";
import { machineWith, runToEnd } from "./bench-top.ts";
import { compressed } from "./compressed-assembler.ts";
import { catchTraps, trapsOf } from "./trap-log.ts";
import { enter, openProtection, satpOf, setCsr, Tables } from "./user-mode.ts";

const Read = PmpBit.Read;
const Write = PmpBit.Write;
const Execute = PmpBit.Execute;
const TOR = 1 << 3;
const NA4 = 2 << 3;
const NAPOT = 3 << 3;
const LOCKED = 0x80;
const BASE = 0x8010_0000;

/** Entries as address (in bytes; for NAPOT already encoded) and configuration. */
function pmpWith(...entries: [address: number, configuration: number][]): Pmp {
  const pmp = new Pmp();
  for (const [index, [address]] of entries.entries()) pmp.writeAddress(index, address / 4);
  for (let register = 0; register < 4; register++) {
    const bytes = [0, 1, 2, 3].map((byte) => entries[register * 4 + byte]?.[1] ?? 0);
    pmp.writeConfiguration(register, bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24));
  }
  return pmp;
}

/** The address register's value, times four, of a naturally aligned power-of-two region. */
function napot(base: number, sizeBytes: number): number {
  return base + sizeBytes / 2 - 4;
}

describe("PMP", () => {
  it("without a match permits M everything, and S and U nothing", () => {
    const pmp = new Pmp();
    expect(pmp.allows(BASE, 4, Read, Mode.Machine)).to.equal(true);
    expect(pmp.allows(BASE, 4, Read, Mode.Supervisor)).to.equal(false);
    expect(pmp.allows(BASE, 4, Read, Mode.User)).to.equal(false);
  });

  it("NA4 matches one word", () => {
    const pmp = pmpWith([BASE, NA4 | Read]);
    const at = (address: number, length = 4) => pmp.allows(address, length, Read, Mode.User);
    expect([at(BASE - 4), at(BASE), at(BASE + 4), at(BASE + 3, 1)]).to.deep.equal([false, true, false, true]);
  });

  for (const sizeBytes of [8, 16, 4096, 0x10_0000]) {
    it(`NAPOT matches ${sizeBytes} bytes`, () => {
      const pmp = pmpWith([napot(BASE, sizeBytes), NAPOT | Read]);
      const at = (address: number) => pmp.allows(address, 4, Read, Mode.User);
      expect([at(BASE - 4), at(BASE), at(BASE + sizeBytes - 4), at(BASE + sizeBytes)]).to.deep.equal([
        false,
        true,
        true,
        false,
      ]);
    });
  }

  it("NAPOT of all ones matches everything, beyond 32 bits too", () => {
    const pmp = new Pmp();
    pmp.writeAddress(0, 0xffff_ffff);
    pmp.writeConfiguration(0, NAPOT | Read);
    expect(pmp.allows(0, 4, Read, Mode.User)).to.equal(true);
    expect(pmp.allows(2 ** 34 - 4, 4, Read, Mode.User)).to.equal(true);
  });

  it("TOR matches from the previous address register, and nothing where the range is empty", () => {
    const pmp = pmpWith([BASE, 0], [BASE + 64, TOR | Read], [BASE, TOR | Write]);
    const at = (address: number) => pmp.allows(address, 4, Read, Mode.User);
    expect([at(BASE - 4), at(BASE), at(BASE + 60), at(BASE + 64)]).to.deep.equal([false, true, true, false]);
    expect(pmp.allows(BASE + 32, 4, Write, Mode.User)).to.equal(false);
    expect(pmpWith([BASE, TOR | Read]).allows(0, 4, Read, Mode.User)).to.equal(true);
  });

  it("the first match decides, even if a later one would permit", () => {
    const pmp = pmpWith([BASE, NA4], [napot(BASE, 4096), NAPOT | Read | Write]);
    expect(pmp.allows(BASE, 4, Read, Mode.User)).to.equal(false);
    expect(pmp.allows(BASE + 4, 4, Read, Mode.User)).to.equal(true);
    expect(pmp.allows(BASE + 4, 4, Execute, Mode.User)).to.equal(false);
  });

  it("an access that an entry matches in part fails", () => {
    const pmp = pmpWith([BASE, NA4 | Read | LOCKED], [napot(BASE, 4096), NAPOT | Read]);
    expect(pmp.allows(BASE + 2, 4, Read, Mode.User)).to.equal(false);
    expect(pmp.allows(BASE + 2, 4, Read, Mode.Machine)).to.equal(false);
  });

  it("M-mode is bound by locked entries only", () => {
    expect(pmpWith([BASE, NA4]).allows(BASE, 4, Write, Mode.Machine)).to.equal(true);
    expect(pmpWith([BASE, NA4 | LOCKED]).allows(BASE, 4, Write, Mode.Machine)).to.equal(false);
  });

  it("a locked entry, and the base of a locked range, cannot be written", () => {
    const pmp = pmpWith([BASE, 0], [BASE + 64, TOR | Read | LOCKED]);
    pmp.writeAddress(0, 1);
    pmp.writeAddress(1, 1);
    pmp.writeConfiguration(0, 0);
    expect(pmp.readAddress(0)).to.equal((BASE / 4) | 0);
    expect(pmp.readAddress(1)).to.equal(((BASE + 64) / 4) | 0);
    expect(pmp.readConfiguration(0)).to.equal((TOR | Read | LOCKED) << 8);
  });

  it("reserved bits read as zero, and W without R permits nothing; the other fields are taken", () => {
    const pmp = pmpWith([BASE, 0x60 | Read]);
    expect(pmp.readConfiguration(0)).to.equal(Read);
    pmp.writeConfiguration(0, NA4 | Write | Execute);
    expect(pmp.readConfiguration(0)).to.equal(NA4);
    pmp.writeConfiguration(0, NA4 | LOCKED | Write);
    pmp.writeConfiguration(0, Read);
    expect(pmp.readConfiguration(0)).to.equal(NA4 | LOCKED);
  });

  it("decides fetches, loads, stores and atomics in U-mode, word by word within a page", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      setCsr(a, Csr.pmpaddr0, BASE >>> 2);
      setCsr(a, Csr.pmpaddr0 + 1, (BASE + 4) >>> 2);
      setCsr(a, Csr.pmpaddr0 + 2, 0xffff_ffff);
      setCsr(a, Csr.pmpcfg0, NA4 | Read | ((NA4 | Read | Write) << 8) | ((NAPOT | Read | Write | Execute) << 16));
      a.li("a0", BASE);
      enter(a, Mode.User, "here");
      a.label("here");
      for (const offset of [0, 4, 8]) {
        a.load("lw", "a1", offset, "a0");
        a.store("sw", "a1", offset, "a0");
        a.jalr("ra", offset, "a0");
      }
      a.amo("amoadd", "a1", "a1", "a0");
      a.finish();
    });
    machine.writePhysical(BASE, new Uint8Array(Uint32Array.of(0x0000_8067, 0x0000_8067, 0x0000_8067).buffer));
    machine.run(2_000);
    const seen = trapsOf(machine)
      .slice(0, 2)
      .map(({ cause, value }) => [cause, value]);
    expect(seen).to.deep.equal([
      [Cause.StoreAccess, BASE],
      [Cause.FetchAccess, BASE],
    ]);
  });

  it("lets code run up to the very half-word, also within an instruction: tval is the half that may not run", () => {
    const end = BASE + 0x10;
    const trapOf = (write: (a: Assembler) => void) => {
      const machine = machineWith((a) => {
        a.la("t0", "trapped");
        a.csrw(Csr.mtvec, "t0");
        setCsr(a, Csr.pmpaddr0, end >>> 2);
        setCsr(a, Csr.pmpcfg0, TOR | Read | Write | Execute);
        enter(a, Mode.User, end - 2);
        a.align(4);
        a.label("trapped");
        a.finish();
      });
      machine.writePhysical(end - 2, assemble(write));
      runToEnd(machine);
      return [Csr.mcause, Csr.mepc, Csr.mtval].map((csr) => machine.hart.readCsr(csr));
    };
    const short = (a: Assembler) => a.half(compressed.nop());
    expect(trapOf(short)).to.deep.equal([Cause.FetchAccess, end, end]);
    expect(trapOf((a) => a.nop())).to.deep.equal([Cause.FetchAccess, end - 2, end]);
  });

  it("lets code run up to the very word where its permission ends", () => {
    const machine = machineWith((a) => {
      a.la("t0", "handler");
      a.csrw(Csr.mtvec, "t0");
      a.la("t0", "end");
      a.shift("srli", "t0", "t0", 2);
      a.csrw(Csr.pmpaddr0, "t0");
      setCsr(a, Csr.pmpcfg0, TOR | Read | Write | Execute);
      enter(a, Mode.User, "here");
      a.label("here");
      a.i("addi", "a0", "zero", 1);
      a.i("addi", "a0", "a0", 1);
      a.label("end");
      a.i("addi", "a0", "a0", 1);
      a.align(4);
      a.label("handler");
      a.csrr("a1", Csr.mcause);
      a.csrr("a2", Csr.mepc);
      a.la("a3", "end");
      a.finish();
    });
    const { x } = runToEnd(machine);
    expect([x("a0"), x("a1")]).to.deep.equal([2, Cause.FetchAccess]);
    expect(x("a2")).to.equal(x("a3"));
  });

  it("guards page tables as accesses of S-mode: an access fault of the original kind", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      setCsr(a, Csr.pmpaddr0, (0x8030_0000 + 0x800 - 4) >>> 2); // NAPOT, 4 KiB: the root table
      setCsr(a, Csr.pmpaddr0 + 1, 0xffff_ffff);
      setCsr(a, Csr.pmpcfg0, NAPOT | ((NAPOT | Read | Write | Execute) << 8));
      setCsr(a, Csr.satp, satpOf());
      setCsr(a, Csr.mstatus, 1 << 17);
      a.li("a0", 0x4000_0000);
      a.load("lw", "a1", 0, "a0");
      a.store("sw", "a1", 0, "a0");
      setCsr(a, Csr.mstatus, 0);
      a.finish();
    });
    new Tables(machine).map(0x4000_0000, ORIGIN, Pte.Read | Pte.Write | Pte.User);
    runToEnd(machine);
    expect(trapsOf(machine)[0]).to.deep.include({ cause: Cause.LoadAccess, value: 0x4000_0000 });
  });

  it("a changed entry is in force for the next instruction", () => {
    const machine = machineWith((a: Assembler) => {
      catchTraps(a);
      openProtection(a);
      setCsr(a, Csr.mstatus, 1 << 17); // loads as U
      a.li("a0", BASE);
      a.load("lw", "a1", 0, "a0");
      a.csrw(Csr.pmpcfg0, "zero");
      a.load("lw", "a1", 0, "a0");
      setCsr(a, Csr.mstatus, 0);
      a.finish();
    });
    runToEnd(machine);
    expect(trapsOf(machine).map(({ cause }) => cause)).to.deep.equal([Cause.LoadAccess]);
  });
});
