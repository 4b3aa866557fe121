/** What lies in RAM when the hart starts: executables of every shape, firmware, kernels, an initial file system. */
import { expect } from "chai";
import { Base } from "../../machine/board/memory-map.ts";
import { Mode } from "../../machine/isa/registers.ts";
import { Machine, type MachineConfiguration, MachineError } from "../../machine/machine.ts";
import { assemble, ORIGIN } from "./assembler.ts";
import { wordAt } from "./bench-top.ts";
import { type ElfContents, elfFile } from "./elf-file.ts";

const CODE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const KERNEL_ADDRESS = ORIGIN + 0x40_0000;
const [A0, A1, A2] = [10, 11, 12];

function elf(contents: Partial<ElfContents> = {}): Uint8Array {
  return elfFile({ address: ORIGIN, bytes: CODE, memoryBytes: CODE.length, symbols: [], ...contents });
}

const machineWithRam = (configuration: MachineConfiguration = {}) =>
  new Machine({ ramBytes: 16 << 20, ...configuration });

function refusal(load: (machine: Machine) => void): string {
  try {
    load(machineWithRam());
  } catch (error) {
    if (error instanceof MachineError) return error.message;
    throw error;
  }
  return "";
}

describe("an executable", () => {
  it("starts at its entry, with the hart's number in a0 and the device tree in a1", () => {
    const machine = machineWithRam();
    machine.loadElf(elf({ entry: ORIGIN + 4 }));
    expect(machine.hart.readPc()).to.equal(ORIGIN + 4);
    expect([A0, A2].map((register) => machine.hart.readRegister(register))).to.deep.equal([0, 0]);
    expect(wordAt(machine, machine.hart.readRegister(A1))).to.equal(0xedfe_0dd0);
  });

  it("may give its entry as a virtual address of a segment that is loaded elsewhere", () => {
    const machine = machineWithRam();
    machine.loadElf(elf({ virtualAddress: 0xc000_0000, entry: 0xc000_0004 }));
    expect(machine.hart.readPc()).to.equal(ORIGIN + 4);
  });

  it("without an entry starts at the start of RAM", () => {
    const machine = machineWithRam();
    machine.loadElf(elf({ address: ORIGIN + 0x1000, entry: 0 }));
    expect(machine.hart.readPc()).to.equal(ORIGIN);
  });

  it("is refused where nothing is loaded at its entry, or not in RAM, in one clear line", () => {
    expect(refusal((machine) => machine.loadElf(elf({ entry: 0x9000_0000 })))).to.equal(
      "entry at 0x90000000: nothing is loaded there",
    );
    expect(refusal((machine) => machine.loadElf(elf({ address: 0x7fff_fffc })))).to.equal(
      "entry at 0x7ffffffc: nothing is loaded there",
    );
  });

  it("may have segments of no bytes anywhere", () => {
    const machine = machineWithRam();
    machine.loadElf(elf({ address: 0x100, bytes: new Uint8Array(0), memoryBytes: 0, entry: 0 }));
    expect(machine.hart.readPc()).to.equal(ORIGIN);
  });

  it("that is position-independent and linked for address 0 is put at the start of RAM, its symbols too", () => {
    const machine = machineWithRam();
    const symbols = [{ name: "tohost", address: 0x104, sizeBytes: 8, kind: "object" }] as const;
    const loaded = machine.loadElf(elf({ address: 0x100, entry: 0x104, isPositionIndependent: true, symbols }));
    expect(machine.readPhysical(ORIGIN + 0x100, CODE.length)).to.deep.equal(CODE);
    expect(loaded.symbols[0]!.address).to.equal(ORIGIN + 0x104);
    expect(machine.hart.readPc()).to.equal(ORIGIN + 0x104);
  });

  it("takes the place of the one before, and is there again after a reset", () => {
    const machine = machineWithRam();
    machine.loadElf(elf());
    machine.loadElf(elf({ address: ORIGIN + 4, bytes: CODE.toReversed() }));
    machine.writePhysical(ORIGIN + 4, new Uint8Array(8));
    machine.hart.writePc(0);
    machine.reboot();
    expect(machine.readPhysical(ORIGIN + 4, 8)).to.deep.equal(CODE.toReversed());
    expect(machine.hart.readPc()).to.equal(ORIGIN + 4);
  });
});

describe("firmware and a kernel", () => {
  /** Goes on in S-mode where a2's words say. */
  const firmware = assemble((a) => {
    a.li("t0", 0xffff_ffff);
    a.csrw(0x3b0, "t0");
    a.csr("csrrwi", "zero", 0x3a0, 0x1f);
    a.load("lw", "t0", 8, "a2");
    a.csrw(0x341, "t0");
    a.load("lw", "t0", 12, "a2");
    a.shift("slli", "t0", "t0", 11);
    a.csrw(0x300, "t0");
    a.mret();
  });
  /** Says in which mode it runs, as far as it can: satp is a supervisor's to read. */
  const kernel = assemble((a) => {
    a.csrr("s0", 0x180);
    a.i("addi", "s1", "zero", 7);
    a.finish();
  });

  for (const [what, image, address] of [
    ["bytes, which are put 4 MiB above RAM's start", kernel, KERNEL_ADDRESS],
    [
      "an ELF file",
      elf({ address: ORIGIN + 0x20_0000, bytes: kernel, memoryBytes: kernel.length }),
      ORIGIN + 0x20_0000,
    ],
  ] as const) {
    it(`are loaded, and firmware learns from a2 where the kernel is: ${what}`, () => {
      const machine = machineWithRam();
      expect(machine.loadFirmware(firmware)).to.equal(null);
      machine.loadKernel(image);
      const information = machine.hart.readRegister(A2);
      expect([0, 4, 8, 12, 16, 20].map((offset) => wordAt(machine, information + offset))).to.deep.equal([
        ...[0x4942_534f, 2, address, Mode.Supervisor, 0, 0],
      ]);
      expect(machine.run(10_000).kind).to.equal("finished");
      expect(machine.hart.readRegister(9)).to.equal(7);
      expect(machine.hart.readMode()).to.equal(Mode.Supervisor);
    });
  }

  it("may not overlap", () => {
    const message = refusal((machine) => {
      machine.loadFirmware(new Uint8Array(0x40_0004));
      machine.loadKernel(kernel);
    });
    expect(message).to.equal(`segment at 0x80400000, ${kernel.length} bytes: overlaps what is loaded at 0x80000000`);
  });
});

describe("an initial file system", () => {
  it("lies in the middle of RAM, again after a reset", () => {
    const initialDisk = Uint8Array.of(9, 8, 7);
    const machine = machineWithRam({ initialDisk });
    machine.loadElf(elf());
    for (const start of [() => {}, () => machine.reboot()]) {
      start();
      expect(machine.readPhysical(Base.Ram + (8 << 20), 3)).to.deep.equal(initialDisk);
      machine.writePhysical(Base.Ram + (8 << 20), new Uint8Array(3));
    }
  });

  it("that does not fit is refused in one clear line", () => {
    expect(() => machineWithRam({ initialDisk: new Uint8Array(9 << 20) })).to.throw(
      MachineError,
      /^segment at 0x80800000, 9437184 bytes: not in RAM$/,
    );
  });
});
