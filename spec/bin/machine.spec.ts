/** `renix machine`: what conformance suites and other people's systems need of it, on a command line. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Base } from "../../machine/board/memory-map.ts";
import { Csr, Interrupt } from "../../machine/isa/registers.ts";
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

  /** Runs code, whose labels are the executable's symbols, of four bytes or as many as is said. */
  function run(write: (a: Assembler) => void, labels: readonly string[], ...rest: (number | string)[]) {
    const [sizeBytes, options] = typeof rest[0] === "number" ? [rest[0], rest.slice(1)] : [4, rest];
    const bytes = assemble(write);
    const symbols = labels.map((name) => {
      return { name, address: addressIn(write, name), sizeBytes, kind: "object" as const };
    });
    return runFile(elfFile({ address: ORIGIN, bytes, memoryBytes: bytes.length, symbols }), ...options.map(String));
  }

  function runFile(image: Uint8Array, ...options: string[]) {
    const path = join(folder, "program.elf");
    writeFileSync(path, image);
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
    expect(run(test(1337), ["tohost"]).status).to.equal(125);
  });

  /** Says each pair of words through a `tohost` of 64 bits, once the words before are taken. */
  function tells(
    a: Assembler,
    order: readonly [number, number],
    ...requests: readonly [high: number, low: number][]
  ): void {
    const [first, second] = order;
    a.la("a0", "tohost");
    a.store("sw", "zero", 0, "a0"); // as a program does that clears its data
    requests.forEach((request, index) => {
      const [high, low] = request;
      a.label(`taken${index}`);
      a.load("lw", "t0", 0, "a0");
      a.load("lw", "t1", 4, "a0");
      a.r("or", "t0", "t0", "t1");
      a.branch("bne", "t0", "zero", `taken${index}`);
      a.li("a1", low);
      a.li("a2", high);
      a.store("sw", first === 0 ? "a1" : "a2", first, "a0");
      a.store("sw", second === 0 ? "a1" : "a2", second, "a0");
    });
    a.label("end");
    a.j("end");
    a.align(64);
    a.label("tohost");
    a.word(0);
    a.word(0);
  }

  for (const [what, order] of [
    ["low half first", [0, 4]],
    ["high half first", [4, 0]],
  ] as const) {
    it(`a tohost of 64 bits is obeyed when both halves are written: ${what}`, () => {
      const characters = Array.from("ok\n", (character) => [0x0101_0000, character.charCodeAt(0)] as [number, number]);
      for (const engine of ["translator", "lockstep"]) {
        const end = run((a) => tells(a, order, ...characters, [0, (6 << 1) | 1]), ["tohost"], 8, "--engine", engine);
        expect(end).to.deep.equal({ stdout: "ok\n", stderr: "", status: 6 });
      }
    });
  }

  it("system calls of the proxy are answered in fromhost: writing, and a refusal of what does not exist", () => {
    const call = (a: Assembler, which: number, ...operands: readonly string[]) => {
      a.la("a0", "call");
      a.li("a1", which);
      a.store("sw", "a1", 0, "a0");
      a.store("sw", "zero", 4, "a0");
      for (const [index, label] of operands.entries()) {
        a.la("a1", label);
        a.store("sw", "a1", 16 + 8 * index, "a0");
      }
      a.la("a2", "tohost");
      a.la("a3", "fromhost");
      a.store("sw", "zero", 0, "a3");
      a.store("sw", "zero", 4, "a2");
      a.store("sw", "a0", 0, "a2");
      a.label(`wait${which}`);
      a.load("lw", "a4", 0, "a3");
      a.branch("beq", "a4", "zero", `wait${which}`);
      a.load("lw", "s1", 0, "a0");
    };
    const program = (a: Assembler) => {
      call(a, 1000);
      a.mv("s2", "s1");
      call(a, 64, "text");
      a.r("add", "s1", "s1", "s2"); // 6 - 38
      a.shift("slli", "s1", "s1", 1);
      a.r("sub", "s1", "zero", "s1");
      a.i("ori", "s1", "s1", 1);
      a.la("a2", "tohost");
      a.store("sw", "s1", 0, "a2");
      a.label("end");
      a.j("end");
      a.label("text");
      for (const character of "hello\n") a.half(character.charCodeAt(0)); // a byte each would do
      a.align(64);
      a.label("tohost");
      a.word(0);
      a.word(0);
      a.align(64);
      a.label("fromhost");
      a.word(0);
      a.word(0);
      a.align(64);
      a.label("call");
      for (const word of [0, 0, 1, 0, 0, 0, 6, 0]) a.word(word);
    };
    expect(run(program, ["tohost", "fromhost"], 8)).to.deep.equal({ stdout: "h\0e\0l\0", stderr: "", status: 32 });
  });

  it("says what was interpreted and what was translated, if asked to", () => {
    const loop = (a: Assembler) => {
      a.li("t0", 3_000_000);
      a.label("again");
      a.i("addi", "t0", "t0", -1);
      a.branch("bne", "t0", "zero", "again");
      a.finish();
    };
    const statistics = (engine: string) => run(loop, [], "--statistics", "--engine", engine).stderr;
    expect(statistics("interpreter")).to.match(/^6,000,00\d instructions, 100.00 % of them interpreted;.* 0 regions/);
    expect(statistics("translator")).to.match(
      /^6,000,00\d instructions, \d?\d\.\d\d % of them interpreted;.* translated: 1 regions of \d+ instructions/,
    );
  });

  it("runs what is no ELF file from the start of RAM, if asked to", () => {
    const image = assemble((a) => a.finish(5));
    expect(runFile(image, "--raw").status).to.equal(5);
    const { status, stderr } = runFile(image);
    expect(status).to.equal(2);
    expect(stderr).to.match(/not an ELF file$/m);
  });

  it("has as much RAM as QEMU's board, unless told", () => {
    const touches = (address: number) => (a: Assembler) => {
      a.la("t0", "missing");
      a.csrw(Csr.mtvec, "t0");
      a.li("a0", address);
      a.store("sw", "a0", 0, "a0");
      a.finish(0);
      a.align(4);
      a.label("missing");
      a.finish(1);
    };
    expect(run(touches(ORIGIN + 0x800_0000 - 4), []).status).to.equal(0);
    expect(run(touches(ORIGIN + 0x800_0000), []).status).to.equal(1);
    expect(run(touches(ORIGIN + 0x800_0000 - 4), [], "--memory", 64).status).to.equal(1);
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

  it("says so when the program sleeps for ever, and lets it sleep as long as a timer is set", () => {
    const sleeps = (a: Assembler) => a.wfi();
    const asleep = run(sleeps, []);
    expect(asleep.stderr).to.match(
      /program\.elf: asleep at cycle \d+ for ever: no timer is set, and no input is left\n$/,
    );
    expect(asleep.status).to.equal(1);
    const sleepsForASecond = (a: Assembler) => {
      a.li("t0", Base.Clint + 0x4000);
      a.store("sw", "zero", 4, "t0");
      a.li("t1", 10_000_000);
      a.store("sw", "t1", 0, "t0");
      a.li("t1", 1 << Interrupt.MachineTimer);
      a.csrw(Csr.mie, "t1");
      a.wfi();
      a.finish(5);
    };
    expect(run(sleepsForASecond, [])).to.deep.equal({ stdout: "", stderr: "", status: 5 });
  });

  it("starts a kernel by firmware, with boot arguments and an initial file system", () => {
    const file = (name: string, bytes: Uint8Array) => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    const firmware = assemble((a) => {
      a.load("lw", "t0", 8, "a2");
      a.jalr("zero", 0, "t0");
    });
    const kernel = file(
      "kernel",
      assemble((a) => a.finish(11)),
    );
    const options = ["--kernel", kernel, "--initrd", file("initrd", Uint8Array.of(1)), "--append", "quiet"];
    expect(runFile(firmware, ...options)).to.deep.equal({ stdout: "", stderr: "", status: 11 });
    for (const [message, image, ...more] of [
      [/program\.elf: not an ELF file\n$/, firmware],
      [/kernel: segment at 0x80400000, \d+ bytes: not in RAM\n$/, firmware, "--kernel", kernel, "--memory", "1"],
      [/empty: the file is empty, and no kernel\n$/, firmware, "--kernel", file("empty", new Uint8Array(0))],
    ] as const) {
      const { stderr, status } = runFile(image, ...more);
      expect(stderr).to.match(message);
      expect(status).to.equal(2);
    }
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

  it("takes a file of any length for a disk: what the last sector lacks is zeros", () => {
    const disk = join(folder, "text");
    writeFileSync(disk, "x".repeat(513));
    const capacity = (a: Assembler) => {
      a.li("a0", Base.Virtio + 7 * 0x1000);
      a.load("lw", "t0", 0x100, "a0");
      a.shift("slli", "t0", "t0", 16);
      a.li("t1", 0x3333);
      a.r("or", "t1", "t1", "t0");
      a.li("t0", Base.Finisher);
      a.store("sw", "t1", 0, "t0");
    };
    expect(run(capacity, [], "--disk", disk).status).to.equal(2);
    writeFileSync(disk, "");
    expect(run(capacity, [], "--disk", disk).stderr).to.match(/text: the file is empty, and no disk image\n$/);
  });
});
