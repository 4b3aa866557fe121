/** Semihosting: the console, time and end that programs without a serial driver ask the host for, here and on QEMU. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Semihosting } from "../../bin/semihosting.ts";
import { readElf } from "../../machine/elf.ts";
import { Csr } from "../../machine/isa/registers.ts";
import { type Engine, Machine } from "../../machine/machine.ts";
import { type Assembler, assemble, ORIGIN } from "../machine/assembler.ts";
import { elfFile } from "../machine/elf-file.ts";
import { isQemuInstalled, PROCESSOR } from "../machine/qemu.ts";

const LIMIT_CYCLES = 1_000_000;
const QEMU_PATIENCE_MILLISECONDS = 10_000;
const TEXT = "Grüße\n";

/** The call's number, and an argument: a value, or a label's address. */
function call(a: Assembler, number: number, argument: number | string): void {
  a.li("a0", number);
  if (typeof argument === "number") a.li("a1", argument);
  else a.la("a1", argument);
  a.word(0x01f0_1013);
  a.ebreak();
  a.word(0x4070_5013);
}

/** Words of which those that are texts are labels' addresses, filled in by the program itself. */
function block(a: Assembler, label: string, words: readonly (number | string)[]): void {
  words.forEach((word, index) => {
    if (typeof word === "number") a.li("t0", word);
    else a.la("t0", word);
    a.la("t1", label);
    a.store("sw", "t0", 4 * index, "t1");
  });
}

function text(a: Assembler, label: string, content: string): void {
  a.label(label);
  const bytes = [...new TextEncoder().encode(content), 0];
  while (bytes.length % 4 !== 0) bytes.push(0);
  for (let at = 0; at < bytes.length; at += 4) {
    a.word((bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0);
  }
}

function space(a: Assembler, label: string): void {
  a.align(16);
  a.label(label);
  for (let word = 0; word < 16; word++) a.word(0);
}

function executable(write: (a: Assembler) => void): Uint8Array {
  const bytes = assemble(write);
  return elfFile({ address: ORIGIN, bytes, memoryBytes: bytes.length, symbols: [] });
}

/** What a program prints, its status, and the machine when it has ended, or asked for input that never comes. */
function run(image: Uint8Array, { typed = "", engine = "translator" as Engine, ended = true } = {}) {
  const machine = new Machine({ engine });
  machine.loadElf(image);
  const printed: number[] = [];
  const semihosting = new Semihosting(machine, readElf(image), "program.elf a b", { ended }, (bytes) => {
    printed.push(...bytes);
  });
  semihosting.type(typed);
  let status: number | null = null;
  while (status === null && !semihosting.awaitsInput && machine.run(LIMIT_CYCLES).kind === "breakpoint") {
    status = semihosting.answer();
  }
  return { status, output: new TextDecoder().decode(Uint8Array.from(printed)), machine, semihosting };
}

/** Opens the console, writes to it, and ends with status 9. */
const greeting = executable((a) => {
  block(a, "block", ["console", 4, 3]);
  call(a, 0x01, "block");
  a.la("t1", "block");
  a.store("sw", "a0", 0, "t1"); // its handle
  a.la("t0", "text");
  a.store("sw", "t0", 4, "t1");
  a.li("t0", new TextEncoder().encode(TEXT).length);
  a.store("sw", "t0", 8, "t1");
  call(a, 0x05, "block");
  call(a, 0x04, "text");
  call(a, 0x03, "text");
  block(a, "block", [0x2_0026, 9]);
  call(a, 0x20, "block");
  text(a, "console", ":tt");
  text(a, "text", TEXT);
  space(a, "block");
});

describe("semihosting", () => {
  for (const engine of ["interpreter", "translator", "lockstep"] as const) {
    it(`prints and ends with a status (${engine})`, () => {
      const { output, status } = run(greeting, { engine });
      expect(output).to.equal(`${TEXT}${TEXT}G`);
      expect(status).to.equal(9);
    });
  }

  it("does what QEMU does with the same executable", function () {
    if (!isQemuInstalled()) this.skip();
    const folder = mkdtempSync(join(tmpdir(), "renix-semihosting-"));
    const path = join(folder, "program.elf");
    writeFileSync(path, greeting);
    const { stdout, status } = spawnSync(
      "qemu-system-riscv32",
      [
        ...["-M", "virt", "-cpu", PROCESSOR, "-bios", "none", "-kernel", path, "-display", "none"],
        ...["-monitor", "none", "-serial", "none", "-chardev", "stdio,id=console"],
        ...["-semihosting-config", "enable=on,chardev=console"],
      ],
      { encoding: "utf8", input: "", timeout: QEMU_PATIENCE_MILLISECONDS },
    );
    rmSync(folder, { recursive: true });
    expect({ output: stdout, status }).to.deep.equal({ output: run(greeting).output, status: run(greeting).status });
  });

  it("reads what is typed, waits for more, and knows its end", () => {
    const program = executable((a) => {
      block(a, "block", [1, "buffer", 5]);
      call(a, 0x06, "block");
      a.mv("s0", "a0"); // how many did not come
      call(a, 0x07, 0);
      a.mv("s1", "a0");
      call(a, 0x04, "buffer");
      call(a, 0x06, "block");
      a.mv("s2", "a0");
      call(a, 0x18, 0x2_0026);
      space(a, "block");
      space(a, "buffer");
    });
    const waiting = run(program, { typed: "abc", ended: false });
    expect(waiting.semihosting.awaitsInput).to.equal(true);
    expect(waiting.machine.hart.readRegister(8)).to.equal(2);

    const { output, status, machine } = run(program, { typed: "abcdef" });
    expect(output).to.equal("abcde");
    expect(status).to.equal(0);
    expect([8, 9, 18].map((register) => machine.hart.readRegister(register))).to.deep.equal([0, "f".charCodeAt(0), 5]);
  });

  it("tells the command line, the time in cycles, and which further calls exist", () => {
    const program = executable((a) => {
      block(a, "block", ["buffer", 64]);
      call(a, 0x15, "block");
      call(a, 0x04, "buffer");
      call(a, 0x31, 0);
      a.mv("s0", "a0");
      call(a, 0x30, "elapsed");
      block(a, "block", ["features", 0, 21]);
      call(a, 0x01, "block");
      a.mv("s1", "a0");
      block(a, "block", [4, "buffer", 5]);
      call(a, 0x06, "block");
      a.la("t0", "buffer");
      a.load("lbu", "s2", 4, "t0");
      call(a, 0x18, 0);
      text(a, "features", ":semihosting-features");
      space(a, "block");
      space(a, "buffer");
      a.label("elapsed");
      a.word(0);
      a.word(0);
    });
    const { output, status, machine } = run(program);
    expect(output).to.equal("program.elf a b");
    expect(status).to.equal(1); // any reason but that the application ends
    expect([8, 9, 18].map((register) => machine.hart.readRegister(register))).to.deep.equal([100_000_000, 4, 3]);
  });

  it("refuses files, unknown calls, and addresses where nothing is", () => {
    const program = executable((a) => {
      block(a, "block", ["name", 0, 4]);
      call(a, 0x01, "block");
      a.mv("s0", "a0");
      call(a, 0x13, 0);
      a.mv("s1", "a0");
      call(a, 0x04, 0x100);
      a.mv("s2", "a0");
      call(a, 0x99, 0);
      a.mv("s3", "a0");
      call(a, 0x18, 0x2_0026);
      text(a, "name", "file");
      space(a, "block");
    });
    const { status, machine } = run(program);
    expect(status).to.equal(0);
    const registers = [8, 9, 18, 19].map((register) => machine.hart.readRegister(register) | 0);
    expect(registers).to.deep.equal([-1, 2, -1, -1]);
  });

  it("leaves other breakpoints to the program", () => {
    const program = executable((a) => {
      a.la("t0", "handler");
      a.csrw(Csr.mtvec, "t0");
      a.word(0x01f0_1013);
      a.ebreak();
      a.nop();
      a.label("handler");
      call(a, 0x18, 0x2_0026);
    });
    expect(run(program).status).to.equal(0);
  });
});
