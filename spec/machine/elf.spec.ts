/** Reading ELF files: what they hold, and one clear line for each way in which they can be damaged. */
import { expect } from "chai";
import { readElf, symbolAddress } from "../../machine/elf.ts";
import { Machine, MachineError } from "../../machine/machine.ts";
import { elfFile } from "./elf-file.ts";

const CODE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const SYMBOLS = [
  { name: "main", address: 0x8000_0000, sizeBytes: 8, kind: "function" },
  { name: "tohost", address: 0x8000_1000, sizeBytes: 4, kind: "object" },
] as const;
const file = () => elfFile({ address: 0x8000_0000, bytes: CODE, memoryBytes: 16, symbols: SYMBOLS });

/** The file with one 32-bit (or, by `width`, smaller) field replaced. */
function damaged(offset: number, value: number, width: 1 | 2 | 4 = 4): Uint8Array {
  const image = file();
  const view = new DataView(image.buffer);
  if (width === 1) view.setUint8(offset, value);
  else if (width === 2) view.setUint16(offset, value, true);
  else view.setUint32(offset, value, true);
  return image;
}

describe("ELF files", () => {
  it("give their entry, segments and symbols", () => {
    const elf = readElf(file());
    expect(elf.entry).to.equal(0x8000_0000);
    expect(elf.segments).to.deep.equal([
      { address: 0x8000_0000, virtualAddress: 0x8000_0000, bytes: CODE, memoryBytes: 16 },
    ]);
    expect(elf.symbols).to.deep.equal(SYMBOLS);
    expect(symbolAddress(elf, "tohost")).to.equal(0x8000_1000);
    expect(symbolAddress(elf, "nobody")).to.equal(undefined);
  });

  it("are loaded into RAM, and what exceeds the file is cleared", () => {
    const machine = new Machine({ ramBytes: 1 << 20 });
    machine.writePhysical(0x8000_0000, new Uint8Array(32).fill(0xff));
    machine.loadElf(file());
    expect(machine.readPhysical(0x8000_0000, 20)).to.deep.equal(
      Uint8Array.of(...CODE, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff),
    );
  });

  it("may begin with headers below RAM, which are left out", () => {
    const machine = new Machine({ ramBytes: 1 << 20 });
    machine.loadElf(elfFile({ address: 0x7fff_fffc, bytes: CODE, memoryBytes: 8, entry: 0x8000_0000, symbols: [] }));
    expect(machine.readPhysical(0x8000_0000, 4)).to.deep.equal(CODE.subarray(4));
  });

  it("may be position-independent, as firmware is that moves itself", () => {
    const TYPE = 16;
    expect(readElf(damaged(TYPE, 3, 2)).segments).to.have.length(1);
  });

  it("may lie anywhere in a larger buffer", () => {
    const image = file();
    const larger = new Uint8Array(image.length + 3);
    larger.set(image, 3);
    expect(readElf(larger.subarray(3)).symbols).to.deep.equal(SYMBOLS);
  });

  for (const [what, image, message] of [
    ["an empty file", new Uint8Array(0), "not an ELF file"],
    ["a text", new TextEncoder().encode("#!/bin/sh\n".repeat(20)), "not an ELF file"],
    ["a 64-bit file", damaged(4, 2, 1), "not a 32-bit little-endian ELF file"],
    ["a big-endian file", damaged(5, 2, 1), "not a 32-bit little-endian ELF file"],
    ["a file for another machine", damaged(18, 62, 2), "not an ELF file for RISC-V"],
    ["an object file", damaged(16, 1, 2), "not an executable ELF file"],
    [
      "a segment that ends beyond the file",
      damaged(52 + 16, 0x10_0000),
      "damaged ELF file: a segment exceeds the file",
    ],
    [
      "a segment that starts beyond the file",
      damaged(52 + 4, 0xffff_0000),
      "damaged ELF file: a segment exceeds the file",
    ],
    ["a program table beyond the file", damaged(28, 0xffff_fff0), "damaged ELF file: a table exceeds the file"],
    ["a section table beyond the file", damaged(32, 0xffff_fff0), "damaged ELF file: a table exceeds the file"],
  ] as const) {
    it(`of ${what}: one clear line`, () => {
      expect(() => readElf(image)).to.throw(MachineError, new RegExp(`^${message}$`));
    });
  }

  it("that do not fit into RAM: one clear line", () => {
    const image = elfFile({ address: 0x9000_0000, bytes: CODE, memoryBytes: 16, symbols: [] });
    expect(() => new Machine().loadElf(image)).to.throw(MachineError, /^segment at 0x90000000, 16 bytes: not in RAM$/);
  });

  it("cut off anywhere never give anything but that", () => {
    const image = file();
    for (let length = 0; length < image.length; length++) {
      try {
        readElf(image.subarray(0, length));
      } catch (error) {
        expect(error).to.be.instanceOf(MachineError);
      }
    }
  });
});
