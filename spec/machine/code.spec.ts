/**
 * Instructions that change: the decoded copies that the interpreter keeps are never stale (and fence.i is not even
 * needed).
 */
import { expect } from "chai";
import { Csr, Mode, Pte } from "../../machine/isa/registers.ts";
import { assemble, ORIGIN } from "./assembler.ts";
import { machineWith, runCode, runToEnd } from "./bench-top.ts";
import { enterKeepingStatus, openProtection, satpOf, setCsr, Tables } from "./user-mode.ts";

/** The word of `addi a0, a0, n`. */
function addWord(n: number): number {
  return new DataView(assemble((a) => a.i("addi", "a0", "a0", n)).buffer).getInt32(0, true);
}

describe("changing code", () => {
  it("a store to the next instruction takes effect at once", () => {
    const { x } = runCode((a) => {
      a.la("t0", "patched");
      a.li("t1", addWord(5));
      a.store("sw", "t1", 0, "t0");
      a.label("patched");
      a.i("addi", "a0", "a0", 1);
      a.finish();
    });
    expect(x("a0")).to.equal(5);
  });

  it("a loop that rewrites its own instruction each time runs every version of it", () => {
    const { x } = runCode((a) => {
      a.la("t0", "patched");
      a.li("t1", addWord(1));
      a.li("t2", 1 << 20); // one more in the immediate
      a.li("t3", 200);
      a.label("again");
      a.label("patched");
      a.i("addi", "a0", "a0", 0);
      a.store("sw", "t1", 0, "t0");
      a.r("add", "t1", "t1", "t2");
      a.i("addi", "t3", "t3", -1);
      a.branch("bne", "t3", "zero", "again");
      a.finish();
    });
    expect(x("a0")).to.equal((199 * 200) / 2);
  });

  it("single bytes and halves of an instruction count as well", () => {
    const { x } = runCode((a) => {
      a.la("t0", "patched");
      a.li("t1", addWord(7) >>> 16);
      a.label("patched");
      a.i("addi", "a0", "a0", 1);
      a.store("sh", "t1", 2, "t0");
      a.i("addi", "t3", "t3", 1);
      a.i("slti", "t4", "t3", 2);
      a.branch("bne", "t4", "zero", "patched");
      a.finish();
    });
    expect(x("a0")).to.equal(1 + 7);
  });

  it("an AMO changes an instruction too", () => {
    const { x } = runCode((a) => {
      a.la("t0", "first");
      a.li("t1", addWord(3));
      a.label("again");
      a.label("first");
      a.i("addi", "a0", "a0", 1);
      a.i("addi", "a2", "a2", 1);
      a.amo("amoswap", "t2", "t1", "t0"); // the second time over, it adds 3
      a.i("addi", "t3", "t3", 1);
      a.i("slti", "t4", "t3", 2);
      a.branch("bne", "t4", "zero", "again");
      a.finish();
    });
    expect([x("a0"), x("a2")]).to.deep.equal([4, 2]);
  });

  it("code and data on one page, with many stores, work", () => {
    const { x } = runCode((a) => {
      a.la("t0", "data");
      a.li("t1", 1000);
      a.label("again");
      a.load("lw", "a0", 0, "t0");
      a.i("addi", "a0", "a0", 3);
      a.store("sw", "a0", 0, "t0");
      a.i("addi", "t1", "t1", -1);
      a.branch("bne", "t1", "zero", "again");
      a.finish();
      a.label("data");
      a.word(0);
    });
    expect(x("a0")).to.equal(3000);
  });

  it("a write from outside changes code that has run already", () => {
    const machine = machineWith((a) => {
      a.label("again");
      a.i("addi", "a0", "a0", 1);
      a.j("again");
    });
    machine.run(1000);
    const before = machine.hart.readRegister(10);
    machine.writePhysical(
      ORIGIN,
      assemble((a) => a.finish()),
    );
    machine.hart.writePc(ORIGIN);
    expect(machine.run(2000)).to.deep.equal({ kind: "finished", status: 0 });
    expect(machine.hart.readRegister(10)).to.equal(before);
  });

  it("a page that gets back what it once held runs that, not what it was patched to in between", () => {
    const adding = (n: number) =>
      assemble((a) => {
        a.i("addi", "a0", "a0", n);
        a.finish();
      });
    const machine = machineWith((a) => a.finish());
    const run = (bytes: Uint8Array) => {
      machine.writePhysical(ORIGIN, bytes);
      machine.restore({ ...machine.snapshot(), state: start.state });
      runToEnd(machine);
      return machine.hart.readRegister(10);
    };
    const start = machine.snapshot();
    expect(run(adding(1))).to.equal(1);
    expect(run(adding(5).subarray(0, 4)), "a patch that is decoded").to.equal(5);
    expect(run(adding(1)), "all of it again").to.equal(1);
    expect(run(adding(5)), "and again").to.equal(5);
  });

  it("the same page run through two virtual addresses, and remapped to another, is right in each", () => {
    const first = ORIGIN + 0x40_0000;
    const machine = machineWith((a) => {
      a.la("t0", "trap");
      a.csrw(Csr.mtvec, "t0");
      openProtection(a);
      setCsr(a, Csr.satp, satpOf());
      a.li("s0", 0);
      a.label("next");
      enterKeepingStatus(a, Mode.User, 0x4000_0000);
      a.align(4);
      a.label("trap");
      a.i("addi", "s0", "s0", 1);
      a.i("addi", "t1", "zero", 2);
      a.branch("beq", "s0", "t1", "end");
      // Map the page to the other frame, and go again.
      a.li("t0", 0x8030_1000);
      a.li("t1", (((first + 0x1000) >>> 12) << 10) | Pte.Valid | Pte.Execute | Pte.Read | Pte.User);
      a.store("sw", "t1", 0, "t0");
      a.j("next");
      a.label("end");
      a.finish();
    });
    const tables = new Tables(machine);
    tables.map(0x4000_0000, first, Pte.Execute | Pte.Read | Pte.User);
    tables.map(0x4000_1000, first, Pte.Execute | Pte.Read | Pte.User);
    // Adds the page's own virtual address, and runs itself at the next page too, unless it is there already.
    machine.writePhysical(
      first,
      assemble((a) => {
        a.auipc("t0", 0);
        a.r("add", "a0", "a0", "t0");
        a.shift("slli", "t1", "t0", 19);
        a.branch("blt", "t1", "zero", "done");
        a.li("t2", 0x1000);
        a.r("add", "t0", "t0", "t2");
        a.jalr("zero", 0, "t0");
        a.label("done");
        a.ecall();
      }),
    );
    machine.writePhysical(
      first + 0x1000,
      assemble((a) => {
        a.i("addi", "a2", "a2", 1);
        a.ecall();
      }),
    );
    const { x } = runToEnd(machine);
    expect(x("a0")).to.equal(0x8000_1000);
    expect(x("a2")).to.equal(1);
  });

  it("more pages of code than are kept at once still run", () => {
    const pages = 1100;
    const machine = machineWith((a) => a.j(4096), { ramBytes: 16 << 20 });
    for (let page = 1; page <= pages; page++) {
      machine.writePhysical(
        ORIGIN + page * 4096,
        assemble((a) => {
          a.i("addi", "a0", "a0", 1);
          if (page < pages) a.j(4092);
          else a.finish();
        }),
      );
    }
    expect(runToEnd(machine).x("a0")).to.equal(pages);
  });
});
