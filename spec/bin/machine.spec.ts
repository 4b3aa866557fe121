/** `renix machine`: what conformance suites and other people's systems need of it, on a command line. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Base } from "../../machine/board/memory-map.ts";
import { ROOT } from "../../system/build.ts";
import { type Assembler, addressIn, assemble, ORIGIN } from "../machine/assembler.ts";
import { elfFile } from "../machine/elf-file.ts";

const RENIX = join(ROOT, "dist", "bin", "renix.js");

describe("renix machine", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "renix-machine-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs code, whose labels are the executable's symbols. */
  function run(write: (a: Assembler) => void, labels: readonly string[], ...options: string[]) {
    const path = join(folder, "program.elf");
    const bytes = assemble(write);
    const symbols = labels.map((name) => {
      return { name, address: addressIn(write, name), sizeBytes: 4, kind: "object" as const };
    });
    writeFileSync(path, elfFile({ address: ORIGIN, bytes, memoryBytes: bytes.length, symbols }));
    const { stdout, stderr, status } = spawnSync(process.execPath, [RENIX, "machine", path, ...options], {
      encoding: "utf8",
      input: "",
    });
    return { stdout, stderr, status };
  }

  it("ends with the finisher's status, or with what is written to tohost", () => {
    expect(run((a) => a.finish(9), []).status).to.equal(9);
    const test = (value: number) => (a: Assembler) => {
      a.la("a0", "tohost");
      a.li("a1", value);
      a.store("sw", "a1", 0, "a0");
      a.j(0);
      a.label("tohost");
      a.word(0);
    };
    expect(run(test(1), ["tohost"]).status).to.equal(0);
    expect(run(test((17 << 1) | 1), ["tohost"]).status).to.equal(17);
  });

  it("says what was interpreted and what was translated, if asked to", () => {
    const loop = (a: Assembler) => {
      a.li("t0", 20_000);
      a.label("again");
      a.i("addi", "t0", "t0", -1);
      a.branch("bne", "t0", "zero", "again");
      a.finish();
    };
    const statistics = (engine: string) => run(loop, [], "--statistics", "--engine", engine).stderr;
    expect(statistics("interpreter")).to.match(/^40,00\d instructions, 100.00 % of them interpreted;.* 0 regions/);
    expect(statistics("translator")).to.match(
      /^40,00\d instructions, \d?\d\.\d\d % of them interpreted;.* translated: 1 regions of \d+ instructions/,
    );
  });

  it("writes a conformance test's signature, a word on each line", () => {
    const write = (a: Assembler) => {
      a.la("a0", "begin_signature");
      a.li("a1", 0xbeef);
      a.store("sw", "a1", 4, "a0");
      a.finish();
      a.label("begin_signature");
      a.word(0x0123_4567);
      a.word(0);
      a.label("end_signature");
    };
    const path = join(folder, "signature");
    expect(run(write, ["begin_signature", "end_signature"], "--signature", path).status).to.equal(0);
    expect(readFileSync(path, "utf8")).to.equal("01234567\n0000beef\n");
    const { stderr, status } = run(write, [], "--signature", path);
    expect(stderr).to.match(/no signature between begin_signature and end_signature\n$/);
    expect(status).to.equal(2);
  });

  it("starts over when the guest asks for a reset, as QEMU does", () => {
    const write = (a: Assembler) => {
      a.li("a0", ORIGIN + 0x1000); // keeps its contents
      a.load("lw", "a1", 0, "a0");
      a.i("addi", "a1", "a1", 1);
      a.store("sw", "a1", 0, "a0");
      a.i("addi", "t1", "zero", 3);
      a.branch("beq", "a1", "t1", "end");
      a.li("t0", Base.Finisher);
      a.li("t1", 0x7777);
      a.store("sw", "t1", 0, "t0");
      a.j(0);
      a.label("end");
      a.finish(3);
    };
    expect(run(write, []).status).to.equal(3);
  });

  it("has the disk in the slot it is told, behind a transport of the version it is told", () => {
    const disk = join(folder, "disk.img");
    writeFileSync(disk, new Uint8Array(512));
    const deviceAndVersion = (slot: number) => (a: Assembler) => {
      a.li("a0", Base.Virtio + slot * 0x1000);
      a.load("lw", "a1", 4, "a0");
      a.load("lw", "a2", 8, "a0");
      a.shift("slli", "a1", "a1", 4);
      a.r("add", "t0", "a1", "a2");
      a.shift("slli", "t0", "t0", 16);
      a.li("t1", 0x3333);
      a.r("or", "t1", "t1", "t0");
      a.li("t0", Base.Finisher);
      a.store("sw", "t1", 0, "t0");
    };
    expect(run(deviceAndVersion(7), [], "--disk", disk).status).to.equal(0x22);
    expect(run(deviceAndVersion(0), [], "--disk", disk).status).to.equal(0x20);
    expect(run(deviceAndVersion(0), [], "--disk", disk, "--disk-slot", "0").status).to.equal(0x22);
    expect(run(deviceAndVersion(0), [], "--disk", disk, "--disk-slot", "0", "--legacy-virtio").status).to.equal(0x12);
  });
});
