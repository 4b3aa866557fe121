/** Translated code of M-mode, which finds places in RAM without looking them up. */
import { expect } from "chai";
import { RAM_DEFAULT_BYTES } from "../../../machine/board/memory-map.ts";
import { Csr, Mode, Pte, Status } from "../../../machine/isa/registers.ts";
import type { Machine } from "../../../machine/machine.ts";
import { type Assembler, ORIGIN, REGISTERS } from "../assembler.ts";
import { machineWith, runToEnd, wordAt } from "../bench-top.ts";
import { satpOf, setCsr, Tables } from "../user-mode.ts";
import { runAlike } from "./alike.ts";

const PAGE_BYTES = 4096;
const DATA = ORIGIN + 0x10_0000;
const FRAME = ORIGIN + 0x20_0000;
const TURNS = 300;
const MODIFIED_TURNS = 40;
const SLICES = [97, 1_000_003];
const LOAD_ACCESS_FAULT = 5;
const STORE_ACCESS_FAULT = 7;

/** Entry 0, naturally aligned and locked, is the page of `DATA`, and forbids everything. */
const LOCKED_PAGE = 0x98;
const LOCKED_ADDRESS = (DATA >>> 2) | (PAGE_BYTES / 8 - 1);

/**
 * Calls `body` many times, and again after `between`. What traps is skipped, and counted in s1; a5 has the last cause,
 * a6 its value.
 */
function twice(a: Assembler, body: () => void, between: () => void): void {
  a.la("t0", "skip");
  a.csrw(Csr.mtvec, "t0");
  a.li("s2", 2);
  a.label("round");
  a.li("s0", TURNS);
  a.label("again");
  a.jal("ra", "body");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "again");
  between();
  a.i("addi", "s2", "s2", -1);
  a.branch("bne", "s2", "zero", "round");
  a.finish();
  a.label("body");
  body();
  a.jalr("zero", 0, "ra");
  a.align(4);
  a.label("skip");
  a.csrr("a7", Csr.mepc);
  a.i("addi", "a7", "a7", 4);
  a.csrw(Csr.mepc, "a7");
  a.csrr("a5", Csr.mcause);
  a.csrr("a6", Csr.mtval);
  a.i("addi", "s1", "s1", 1);
  a.mret();
}

function register(machine: Machine, name: (typeof REGISTERS)[number]): number {
  return machine.hart.readRegister(REGISTERS.indexOf(name));
}

describe("accesses of M-mode", () => {
  for (const slice of SLICES) {
    for (const [what, cause] of [
      ["load", LOAD_ACCESS_FAULT],
      ["store", STORE_ACCESS_FAULT],
    ] as const) {
      it(`are forbidden by a locked entry of PMP from the next on: ${what}, in slices of ${slice} cycles`, () => {
        const machine = runAlike((a) => {
          a.li("a1", DATA);
          const access = () => (what === "load" ? a.load("lw", "a0", 8, "a1") : a.store("sw", "s0", 8, "a1"));
          twice(a, access, () => {
            setCsr(a, Csr.pmpaddr0, LOCKED_ADDRESS);
            setCsr(a, Csr.pmpcfg0, LOCKED_PAGE);
          });
        }, slice);
        expect(register(machine, "s1")).to.equal(TURNS);
        expect(register(machine, "a5")).to.equal(cause);
        expect(register(machine, "a6")).to.equal(DATA + 8);
      });
    }

    it(`go elsewhere with MPRV, in the same code, and come back, in slices of ${slice} cycles`, () => {
      const machine = runAlike(
        (a) => {
          a.li("s3", Status.Mprv | (Mode.Supervisor << Status.MppShift));
          setCsr(a, Csr.pmpaddr0, -1);
          setCsr(a, Csr.pmpcfg0, 0x1f);
          setCsr(a, Csr.satp, satpOf());
          a.li("a1", DATA);
          const body = () => {
            a.load("lw", "a0", 0, "a1");
            a.r("add", "a2", "a2", "a0");
            a.store("sw", "a2", 4, "a1");
            a.csr("csrrs", "zero", Csr.mstatus, "s3");
            a.li("s4", MODIFIED_TURNS);
            a.label("modified");
            a.load("lw", "a0", 0, "a1");
            a.r("add", "a2", "a2", "a0");
            a.store("sw", "a2", 4, "a1");
            a.i("addi", "s4", "s4", -1);
            a.branch("bne", "s4", "zero", "modified");
            a.csr("csrrc", "zero", Csr.mstatus, "s3");
          };
          twice(a, body, () => {});
        },
        slice,
        (each) => {
          new Tables(each).map(DATA, FRAME, Pte.Read | Pte.Write | Pte.Accessed | Pte.Dirty);
          each.writePhysical(DATA, Uint8Array.of(1));
          each.writePhysical(FRAME, Uint8Array.of(3));
        },
      );
      const perTurn = 1 + MODIFIED_TURNS * 3;
      expect(wordAt(machine, DATA + 4)).to.equal((2 * TURNS - 1) * perTurn + 1);
      expect(wordAt(machine, FRAME + 4)).to.equal(2 * TURNS * perTurn);
    });

    for (const [how, stepBytes] of [
      ["together", 4],
      ["misaligned", 5],
    ] as const) {
      it(`end where RAM does, ${how}, in slices of ${slice} cycles`, () => {
        const machine = runAlike((a) => {
          a.li("a1", ORIGIN + RAM_DEFAULT_BYTES - stepBytes * TURNS);
          const body = () => {
            a.load("lw", "a2", 0, "a1");
            a.load("lh", "a3", 6, "a1");
            a.load("lbu", "a4", 1, "a1");
            a.r("or", "s3", "a1", "a1"); // another base
            a.store("sh", "a2", 2, "s3");
            a.store("sb", "a3", 0, "s3");
            a.i("addi", "a1", "a1", stepBytes);
          };
          twice(a, body, () => {});
        }, slice);
        expect(register(machine, "s1")).to.be.greaterThan(5 * TURNS);
      });
    }

    it(`are heard of where they change code, in slices of ${slice} cycles`, () => {
      const machine = runAlike((a) => {
        a.li("s1", 0x0010_8093); // addi ra, ra, 1
        a.la("a1", "patched");
        a.li("s0", TURNS);
        a.label("again");
        a.li("ra", 0);
        a.store("sw", "s1", 400, "a1");
        a.store("sw", "s1", 0, "a1");
        a.nop();
        a.label("patched");
        a.nop();
        a.r("add", "a0", "a0", "ra");
        a.i("xori", "s1", "s1", 0x80);
        a.i("addi", "s0", "s0", -1);
        a.branch("bne", "s0", "zero", "again");
        a.finish();
      }, slice);
      expect(register(machine, "a0")).to.equal(TURNS / 2);
    });
  }

  it("do not leave translated code where a page is read for the first time: not once for 400", () => {
    const exits = [600, 1000].map((pages) => {
      const { machine } = runToEnd(machineWith((a) => reading(a, pages), { engine: "translator", translateAfter: 4 }));
      const { translatorEntries, interpreterEntries } = machine.statistics;
      return translatorEntries + interpreterEntries;
    });
    expect(exits[1]).to.equal(exits[0]);
  });
});

function reading(a: Assembler, pages: number): void {
  a.li("s0", pages);
  a.li("s1", DATA);
  a.li("s2", PAGE_BYTES);
  a.label("read");
  a.load("lw", "a0", 0, "s1");
  a.r("add", "a1", "a1", "a0");
  a.r("add", "s1", "s1", "s2");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "read");
  a.finish();
}
