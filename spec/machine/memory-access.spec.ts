/** Loads and stores of all widths: extension, alignment, page boundaries, devices, and addresses where nobody is. */
import { expect } from "chai";
import { Cause } from "../../machine/isa/registers.ts";
import { ALL_LOADS, ALL_STORES, type Load, ORIGIN, type Store } from "./assembler.ts";
import { machineWith, runCode, runToEnd, wordAt } from "./bench-top.ts";
import { catchTraps, trapsOf } from "./trap-log.ts";

const DATA = ORIGIN + 0x10_0000;
const PATTERN = 0x8182_8384;
const LOADED: Record<Load, number> = {
  lb: 0xffff_ff84,
  lh: 0xffff_8384,
  lw: PATTERN,
  lbu: 0x84,
  lhu: 0x8384,
};
const STORED: Record<Store, number> = { sb: 0xaaaa_aa84, sh: 0xaaaa_8384, sw: PATTERN };

describe("memory access", () => {
  for (const name of ALL_LOADS) {
    it(`${name} extends what it reads to a word, at every alignment and across pages`, () => {
      for (const address of [DATA, DATA + 1, DATA + 2, DATA + 3, DATA + 0xffd, DATA + 0xffe, DATA + 0xfff]) {
        const machine = machineWith((a) => {
          a.li("a0", address);
          a.load(name, "a1", 0, "a0");
          a.load(name, "a2", 0, "a0"); // now on the fast path, if it ever is
          a.finish();
        });
        machine.writePhysical(address, Uint8Array.of(0x84, 0x83, 0x82, 0x81));
        const { x } = runToEnd(machine);
        expect(x("a1")).to.equal(LOADED[name]);
        expect(x("a2")).to.equal(LOADED[name]);
      }
    });
  }

  for (const name of ALL_STORES) {
    it(`${name} writes its bytes and no others, at every alignment and across pages`, () => {
      for (const address of [DATA, DATA + 1, DATA + 2, DATA + 3, DATA + 0xffd, DATA + 0xffe, DATA + 0xfff]) {
        const machine = machineWith((a) => {
          a.li("a0", address);
          a.li("a1", PATTERN);
          a.store(name, "a1", 0, "a0");
          a.store(name, "a1", 8, "a0");
          a.finish();
        });
        machine.writePhysical(address - 4, new Uint8Array(24).fill(0xaa));
        runToEnd(machine);
        expect(wordAt(machine, address)).to.equal(STORED[name]);
        expect(wordAt(machine, address + 8)).to.equal(STORED[name]);
        expect(wordAt(machine, address - 4)).to.equal(0xaaaa_aaaa);
        expect(wordAt(machine, address + 4)).to.equal(0xaaaa_aaaa);
      }
    });
  }

  it("negative offsets and addresses that wrap around are 32-bit sums", () => {
    const { x } = runCode((a) => {
      a.li("a0", DATA + 8);
      a.li("a1", 77);
      a.store("sw", "a1", -8, "a0");
      a.li("a0", DATA);
      a.load("lw", "a2", 0, "a0");
      a.finish();
    });
    expect(x("a2")).to.equal(77);
  });

  it("an address where nobody is raises an access fault with that address", () => {
    for (const address of [0, 0x20_0000, 0x7fff_fffc, 0x8080_0000, 0xffff_fffc]) {
      const machine = machineWith((a) => {
        catchTraps(a);
        a.li("a0", address);
        a.load("lw", "a1", 0, "a0");
        a.store("sw", "a1", 0, "a0");
        a.finish();
      });
      runToEnd(machine);
      expect(trapsOf(machine).map(({ cause, value }) => ({ cause, value }))).to.deep.equal([
        { cause: Cause.LoadAccess, value: address },
        { cause: Cause.StoreAccess, value: address },
      ]);
    }
  });

  it("an access half inside RAM faults in the half that is not", () => {
    const end = ORIGIN + (8 << 20);
    const machine = machineWith((a) => {
      catchTraps(a);
      a.li("a0", end - 2);
      a.load("lw", "a1", 0, "a0");
      a.store("sw", "a1", 0, "a0");
      a.finish();
    });
    runToEnd(machine);
    expect(trapsOf(machine).map(({ value }) => value)).to.deep.equal([end, end]);
    expect(machine.readPhysical(end - 2, 2)).to.deep.equal(Uint8Array.of(0, 0));
  });

  it("a misaligned access to a device raises an address-misaligned exception", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      a.li("a0", 0x0200_4001);
      a.load("lw", "a1", 0, "a0");
      a.store("sw", "a1", 0, "a0");
      a.finish();
    });
    runToEnd(machine);
    expect(trapsOf(machine).map(({ cause }) => cause)).to.deep.equal([Cause.LoadMisaligned, Cause.StoreMisaligned]);
  });

  it("a width that a device does not have raises an access fault", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      a.li("a0", 0x0200_4000);
      a.load("lb", "a1", 0, "a0");
      a.li("a0", 0x0c00_0000);
      a.store("sh", "a1", 0, "a0");
      a.finish();
    });
    runToEnd(machine);
    expect(trapsOf(machine).map(({ cause }) => cause)).to.deep.equal([Cause.LoadAccess, Cause.StoreAccess]);
  });

  it("misaligned accesses cost more, and by the documented amount", () => {
    const cyclesOf = (address: number) => {
      const { machine } = runCode((a) => {
        a.li("a0", address);
        a.load("lw", "a1", 0, "a0");
        a.finish();
      });
      return machine.cycle;
    };
    expect(cyclesOf(DATA + 1) - cyclesOf(DATA)).to.equal(4);
  });
});
