/**
 * The linker and its ELF files: what is linked, where it lies, what readelf says of it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { generate } from "../../compiler/backend.ts";
import { parseModule } from "../../compiler/ir-text.ts";
import { type Executable, LinkError, link } from "../../compiler/link.ts";
import { deserialize, serialize } from "../../compiler/object-codec.ts";
import { readElf, symbolAddress } from "../../machine/elf.ts";
import { run } from "./run-machine-code.ts";

const PROGRAM = parseModule(`module main.ts
routine main.ts:start {
  call {linker:initialize}
  call {linker:main}
}
function main.ts:helper (%0) 1 {
0:
  %1 = symbol main.ts:counter 0
  %2 = load4 %1 + 0
  %3 = add %2, %0
  store4 %1 + 0, %3
  return %3
}
function main.ts:main () 1 {
0:
  %0 = symbol main.ts:pointer 0
  %1 = load4 %0 + 0
  %2 = callIndirect %1, 5
  return %2
}
function main.ts:unused () 1 {
0:
  %0 = symbol main.ts:unusedData 0
  %1 = load4 %0 + 0
  return %1
}
function main.ts:initialize () 0 {
0:
  %0 = symbol main.ts:zeros 0
  store4 %0 + 128, 1
  return
}
data main.ts:counter 4 align 4 writable = 07 00 00 00
data main.ts:pointer 8 align 4 + main.ts:helper @ 0 + 0 + main.ts:zeros @ 4 + 16
data main.ts:zeros 300 align 64 writable
data main.ts:unusedData 4 align 4 writable = 01 02 03 04
`);

const EXECUTABLE: Executable = {
  name: "test",
  entry: "main.ts:main",
  start: "main.ts:start",
  base: 0x1_0000,
  kind: "user",
  initializers: ["main.ts:initialize"],
  blobs: [],
  linesInMemory: false,
};

const objectOf = () => generate(PROGRAM, new Map(), { optimise: true });
const linked = (changes: Partial<Executable> = {}): Uint8Array => link({ ...EXECUTABLE, ...changes }, [objectOf()]);

function tool(name: string, ...parameters: string[]): (image: Uint8Array) => string {
  return (image) => {
    const folder = mkdtempSync(join(tmpdir(), "renix-elf-"));
    try {
      const file = join(folder, "image.elf");
      writeFileSync(file, image);
      return execFileSync(name, [...parameters, file], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

describe("the linker", () => {
  it("takes what the start routine reaches and leaves the rest", () => {
    const names = readElf(linked()).symbols.map(({ name }) => name);
    expect(names).to.include.members(["main.ts:start", "main.ts:main", "main.ts:helper", "main.ts:counter"]);
    expect(names).not.to.include("main.ts:unused");
    expect(names).not.to.include("main.ts:unusedData");
  });

  it("puts the start routine first and every segment on a page of its own, with its own rights", () => {
    const image = linked();
    const elf = readElf(image);
    expect(symbolAddress(elf, "main.ts:start")).to.equal(0x1_0000);
    expect(elf.entry).to.equal(0x1_0000);
    const addresses = elf.segments.map(({ address }) => address);
    expect(addresses).to.deep.equal([...new Set(addresses.map((address) => address & -4096))]);
    const view = new DataView(image.buffer, image.byteOffset);
    const flags = elf.segments.map((_, index) => view.getUint32(52 + 32 * index + 24, true));
    expect(flags).to.deep.equal([5, 4, 6]); // R-X, R--, RW-
    expect(symbolAddress(elf, "main.ts:zeros")! % 64).to.equal(0);
    const data = elf.segments[2]!;
    expect(data.memoryBytes).to.be.greaterThan(data.bytes.length + 290);
    expect(symbolAddress(elf, "image_end")).to.equal((data.address + data.memoryBytes + 4095) & -4096);
  });

  it("resolves addresses in data", () => {
    const elf = readElf(linked());
    const place = symbolAddress(elf, "main.ts:pointer")!;
    const { bytes, address } = elf.segments.find(
      (each) => place >= each.address && place < each.address + each.memoryBytes,
    )!;
    const view = new DataView(bytes.buffer, bytes.byteOffset + place - address);
    expect(view.getUint32(0, true)).to.equal(symbolAddress(elf, "main.ts:helper"));
    expect(view.getUint32(4, true)).to.equal(symbolAddress(elf, "main.ts:zeros")! + 16);
  });

  it("carries blobs in segments of their own, behind the zeros", () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index & 0xff);
    const elf = readElf(linked({ blobs: [{ symbol: "archive", bytes }] }));
    const start = symbolAddress(elf, "archive_start")!;
    expect(start).to.equal(symbolAddress(elf, "image_end"));
    expect(symbolAddress(elf, "archive_end")).to.equal(start + 5000);
    const segment = elf.segments.find(({ address }) => address === start)!;
    expect(Buffer.from(segment.bytes).equals(Buffer.from(bytes))).to.equal(true);
  });

  it("names what nobody defines", () => {
    const broken = parseModule("module main.ts\nroutine main.ts:start {\n call {main.ts:missing}\n}\n");
    expect(() => link(EXECUTABLE, [generate(broken, new Map(), { optimise: true })])).to.throw(
      LinkError,
      "main.ts:start refers to main.ts:missing",
    );
    expect(() => linked({ start: "main.ts:absent" })).to.throw(LinkError, "no start routine main.ts:absent");
  });

  it("gives the same bytes for the same objects, read from the cache or not", () => {
    const object = objectOf();
    const again = deserialize(serialize(object))!;
    expect(again).to.deep.equal(object);
    expect(Buffer.from(link(EXECUTABLE, [again])).equals(Buffer.from(link(EXECUTABLE, [object])))).to.equal(true);
    expect(deserialize(new Uint8Array(40))).to.equal(null);
    expect(deserialize(serialize(object).subarray(0, 100))).to.equal(null);
  });

  it("runs initialisers before main", () => {
    const module = parseModule(`module test.ts
initializer test:initialize
data test:order 4 align 4 writable
function test:initialize () 0 {
0:
  %0 = symbol test:order 0
  store4 %0 + 0, 42
  return
}
function test:main () 2 {
0:
  %0 = symbol test:order 0
  %1 = load4 %0 + 0
  return %1, %1
}
`);
    expect(run([module], true).results).to.deep.equal([42, 42]);
  });

  it("writes files that readelf finds nothing wrong with", function () {
    const check = tool(
      "riscv64-unknown-elf-readelf",
      "-a",
      "-W",
      "--debug-dump=info,abbrev,rawline,decodedline,frames-interp,Ranges",
    );
    let output: string;
    try {
      output = check(linked({ linesInMemory: true, blobs: [{ symbol: "archive", bytes: new Uint8Array(10) }] }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return this.skip();
      throw error;
    }
    expect(output).not.to.match(/[Ww]arning|Error:|corrupt|<unknown/);
    expect(output).to.match(/FUNC +GLOBAL +DEFAULT +1 main\.ts:helper/);
    expect(output).to.match(/OBJECT +GLOBAL +DEFAULT +\d+ main\.ts:zeros/);
  });
});
