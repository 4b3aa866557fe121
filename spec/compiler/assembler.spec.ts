/**
 * The assembler against GNU as, and what it says of bad input.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { AssemblyError, assembleRoutine } from "../../compiler/assembler.ts";
import { registersNamed } from "../../compiler/registers.ts";

const AS = "riscv64-unknown-elf-as";
const OBJCOPY = "riscv64-unknown-elf-objcopy";

function ours(text: string): Uint8Array {
  const position = { file: "test.ts", line: 1, column: 1 };
  return assembleRoutine({ symbol: "test.ts:routine", position, text: [text], operands: [] }).bytes;
}

function theirs(text: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "renix-as-"));
  try {
    const [source, object, raw] = ["in.s", "out.o", "out.bin"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(source, `.option norelax\n${text}\n`);
    execFileSync(AS, ["-march=rv32ima_zicsr_zifencei", "-mabi=ilp32", "-o", object, source], { stdio: "pipe" });
    execFileSync(OBJCOPY, ["-O", "binary", object, raw]);
    return readFileSync(raw);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const REGISTER_FORMS = "add sub sll slt sltu xor srl sra or and mul mulh mulhsu mulhu div divu rem remu".split(" ");
const IMMEDIATE_FORMS = "addi slti sltiu xori ori andi".split(" ");
const ATOMICS = "sc.w amoswap.w amoadd.w amoxor.w amoand.w amoor.w amomin.w amomax.w amominu.w amomaxu.w".split(" ");
const BRANCHES = "beq bne blt bge bltu bgeu bgt ble bgtu bleu".split(" ");
const ZERO_BRANCHES = "beqz bnez bltz bgez blez bgtz".split(" ");

/** Statements that mean the same to both assemblers. */
const PROGRAM = [
  ...REGISTER_FORMS.map((name) => `${name} a0, s1, t6`),
  ...IMMEDIATE_FORMS.flatMap((name) => [`${name} a0, s1, -2048`, `${name} t0, x31, 2047`, `${name} t0, t1, 0x7f`]),
  ..."slli srli srai".split(" ").flatMap((name) => [`${name} a0, a1, 0`, `${name} a0, a1, 31`]),
  ..."lb lh lw lbu lhu"
    .split(" ")
    .flatMap((name) => [`${name} a0, -4(sp)`, `${name} s11, 2047(t2)`, `${name} a5, (a4)`]),
  ..."sb sh sw".split(" ").flatMap((name) => [`${name} a0, -2048(sp)`, `${name} s11, 2047(t2)`, `${name} a5, (a4)`]),
  ..."lui auipc".split(" ").flatMap((name) => [`${name} a0, 0xfffff`, `${name} a0, 1`]),
  ...ATOMICS.flatMap((name) => ["", ".aq", ".rl", ".aqrl"].map((order) => `${name}${order} a0, a1, (a2)`)),
  ...["", ".aq", ".rl", ".aqrl"].map((order) => `lr.w${order} a0, (a2)`),
  ..."csrrw csrrs csrrc".split(" ").flatMap((name) => [`${name} a0, mstatus, a1`, `${name}i a0, satp, 31`]),
  ..."csrw csrs csrc".split(" ").flatMap((name) => [`${name} mepc, t0`, `${name} mie, 8`, `${name}i mip, 3`]),
  ..."mhartid mtvec mscratch mcause mtval pmpcfg0 pmpaddr15 mcycleh stvec sepc 0x7c0"
    .split(" ")
    .map((name) => `csrr a0, ${name}`),
  ..."rdcycle rdcycleh rdtime rdtimeh rdinstret rdinstreth".split(" ").map((name) => `${name} a3`),
  ..."ecall ebreak mret sret wfi fence.i fence nop ret".split(" "),
  ...["fence rw, w", "fence iorw, iorw", "sfence.vma", "sfence.vma a0", "sfence.vma a0, a1", "sfence.vma zero, a1"],
  ..."mv not neg seqz snez sltz sgtz".split(" ").map((name) => `${name} a0, a1`),
  ..."0 1 -1 2047 2048 -2048 -2049 0x1000 0x12345678 0x7fffffff 0x80000000 0xfffff800 -4096"
    .split(" ")
    .map((value) => `li a0, ${value}`),
  ...["jalr a0", "jalr a0, 4(a1)", "jalr a0, a1, 4", "jr t0", "add x8, fp, x0"],
  ...["start:", ...BRANCHES.map((name) => `${name} a0, a1, start`), ...ZERO_BRANCHES.map((name) => `${name} a0, end`)],
  ...[
    "j start",
    "jal start",
    "jal t0, end",
    "1: bne a0, a1, 1b",
    "beq a0, a1, 1f",
    "1: nop",
    "2: j 2b # comment",
    "end: nop; nop",
  ],
  ...[".word 0x12345678, 7"],
];

describe("the assembler", () => {
  it("encodes every instruction and pseudo-instruction as GNU as does", function () {
    let expected: Uint8Array;
    try {
      expected = theirs(PROGRAM.join("\n"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return this.skip();
      throw error;
    }
    const actual = ours(PROGRAM.join("\n"));
    const hex = (bytes: Uint8Array): string[] =>
      Buffer.from(bytes)
        .toString("hex")
        .match(/.{1,8}/g) ?? [];
    expect(hex(actual)).to.deep.equal(hex(expected));
  });

  it("unrolls a range of registers, four bytes further each", () => {
    const range = ours("sw x3..x31, 16(sp)");
    const single = ours(Array.from({ length: 29 }, (_, index) => `sw x${index + 3}, ${16 + 4 * index}(sp)`).join("\n"));
    expect(range).to.deep.equal(single);
  });

  it("finds branches that do not reach a way round", () => {
    const far = `top: beq a0, a1, end\n${"nop\n".repeat(2000)}end: bne a0, a1, top`;
    const code = new DataView(ours(far).buffer);
    expect(code.byteLength).to.equal(4 * 2004);
    expect(code.getUint32(0, true).toString(16)).to.equal("b51463"); // bne a0, a1, +8
    expect(code.getUint32(4, true) & 0xfff).to.equal(0x06f); // j end
  });

  it("refers to the template's operands", () => {
    const section = assembleRoutine({
      symbol: "test.ts:routine",
      position: { file: "test.ts", line: 10, column: 1 },
      text: [
        "\n la t0, ",
        " + 4096\n call ",
        "\n lw a0, ",
        "\n sw a0, ",
        " - 4, t1\n lui a1, %hi(",
        ")\n lw a1, %lo(",
        ")(a1)",
      ],
      operands: ["data.ts:stack", "code.ts:trap", "data.ts:word", "data.ts:word", "data.ts:word", "data.ts:word"],
    });
    expect(section.relocations.map(({ kind, symbol, addend }) => `${kind} ${symbol} ${addend}`)).to.deep.equal([
      "high data.ts:stack 4096",
      "lowLoad data.ts:stack 4096",
      "jump code.ts:trap 0",
      "high data.ts:word 0",
      "lowLoad data.ts:word 0",
      "high data.ts:word -4",
      "lowStore data.ts:word -4",
      "high data.ts:word 0",
      "lowLoad data.ts:word 0",
    ]);
    expect(section.lines.map(({ offset, line }) => [offset, line])).to.deep.equal([
      [0, 11],
      [8, 12],
      [12, 13],
      [20, 14],
      [28, 15],
      [32, 16],
    ]);
  });

  for (const [text, message] of [
    ["frob a0, a1", "there is no instruction 'frob'"],
    ["add a0, a1", "add takes 3 operands, not 2"],
    ["addi a0, a1, 2048", "2048 is not between -2048 and 2047"],
    ["add a0, a1, b2", "expected a register, not 'b2'"],
    ["lw a0, sp", "expected offset(register), not 'sp'"],
    ["slli a0, a0, 32", "32 is not between 0 and 31"],
    ["j nowhere", "no label 'nowhere'"],
    ["j 1b", "no label '1' behind"],
    ["j 1f", "no label '1' ahead"],
    ["x: nop\nx: nop", "label 'x' is defined twice"],
    ["csrr a0, mfrob", "expected a constant, not 'mfrob'"],
    ["sw x5..x3, 0(sp)", "'x5..x3' is not an ascending range of registers"],
    ["la a0, stack", "expected a symbol (an operand of the template), not 'stack'"],
  ] as const) {
    it(`rejects '${text.replace("\n", "; ")}'`, () => {
      expect(() => ours(text)).to.throw(AssemblyError, message);
    });
  }

  it("says in which line of the template an error is", () => {
    expect(() => ours("nop\nnop\nfrob"))
      .to.throw(AssemblyError)
      .with.nested.property("position.line", 3);
  });

  it("knows which registers a text may change", () => {
    const mask = (...registers: number[]): number => registers.reduce((bits, register) => bits | (1 << register), 0);
    expect(registersNamed(["csrrw t0, mstatus, a0"])).to.equal(mask(5, 10));
    expect(registersNamed(["sw x3..x5, 0(sp)"])).to.equal(mask(2, 3, 4, 5));
    expect(registersNamed(["call ", ""]) & mask(1, 10, 5, 8)).to.equal(mask(1, 10, 5));
  });
});
