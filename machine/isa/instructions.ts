/**
 * Every instruction the hart knows: encoding, operands, cost, meaning. One row each, and stated nowhere else.
 *
 * The encodings are those of the Unprivileged Specification (20191213), chapter 24, and of the Privileged Specification
 * (20211203), chapter 8, written as there: funct7 rs2 rs1 funct3 rd opcode, a dot for a bit that is an operand. The
 * decoder, the interpreter and a disassembler are derived from these rows. Begin with `add`.
 */
import { InstructionCost as Cost } from "../cost.ts";
import {
  atomic,
  binary,
  branch,
  constant,
  immediate,
  jump,
  load,
  type Meaning,
  memory,
  nothing,
  pc,
  rs1,
  rs2,
  set,
  store,
  system,
} from "./meaning.ts";

/**
 * Which immediate an instruction carries (Unprivileged, section 2.3). "shift" is the five-bit amount; "raw" is the
 * instruction itself, for those that the hart takes apart on its own.
 */
export type Format = "R" | "I" | "S" | "B" | "U" | "J" | "shift" | "raw";

export interface Instruction {
  readonly name: string;
  /** Thirty-two of `0`, `1` and `.`, spaces ignored. */
  readonly encoding: string;
  readonly format: Format;
  readonly costCycles: number;
  readonly meaning: Meaning;
}

function row(name: string, encoding: string, format: Format, costCycles: number, meaning: Meaning): Instruction {
  return { name, encoding, format, costCycles, meaning };
}

const swap = atomic(rs2);

export const INSTRUCTIONS: readonly Instruction[] = [
  // RV32I (Unprivileged, chapter 2)
  row("lui", "....... ..... ..... ... ..... 0110111", "U", Cost.arithmetic, set(immediate)),
  row("auipc", "....... ..... ..... ... ..... 0010111", "U", Cost.arithmetic, set(binary("add", pc, immediate))),
  row("jal", "....... ..... ..... ... ..... 1101111", "J", Cost.jump, jump(binary("add", pc, immediate))),
  row(
    "jalr",
    "....... ..... ..... 000 ..... 1100111",
    "I",
    Cost.jump,
    jump(binary("and", binary("add", rs1, immediate), constant(~1))),
  ),
  row("beq", "....... ..... ..... 000 ..... 1100011", "B", Cost.branch, branch("equal")),
  row("bne", "....... ..... ..... 001 ..... 1100011", "B", Cost.branch, branch("notEqual")),
  row("blt", "....... ..... ..... 100 ..... 1100011", "B", Cost.branch, branch("less")),
  row("bge", "....... ..... ..... 101 ..... 1100011", "B", Cost.branch, branch("atLeast")),
  row("bltu", "....... ..... ..... 110 ..... 1100011", "B", Cost.branch, branch("lessUnsigned")),
  row("bgeu", "....... ..... ..... 111 ..... 1100011", "B", Cost.branch, branch("atLeastUnsigned")),
  row("lb", "....... ..... ..... 000 ..... 0000011", "I", Cost.load, load(1, true)),
  row("lh", "....... ..... ..... 001 ..... 0000011", "I", Cost.load, load(2, true)),
  row("lw", "....... ..... ..... 010 ..... 0000011", "I", Cost.load, load(4, true)),
  row("lbu", "....... ..... ..... 100 ..... 0000011", "I", Cost.load, load(1, false)),
  row("lhu", "....... ..... ..... 101 ..... 0000011", "I", Cost.load, load(2, false)),
  row("sb", "....... ..... ..... 000 ..... 0100011", "S", Cost.store, store(1)),
  row("sh", "....... ..... ..... 001 ..... 0100011", "S", Cost.store, store(2)),
  row("sw", "....... ..... ..... 010 ..... 0100011", "S", Cost.store, store(4)),
  row("addi", "....... ..... ..... 000 ..... 0010011", "I", Cost.arithmetic, set(binary("add", rs1, immediate))),
  row("slti", "....... ..... ..... 010 ..... 0010011", "I", Cost.arithmetic, set(binary("less", rs1, immediate))),
  row(
    "sltiu",
    "....... ..... ..... 011 ..... 0010011",
    "I",
    Cost.arithmetic,
    set(binary("lessUnsigned", rs1, immediate)),
  ),
  row("xori", "....... ..... ..... 100 ..... 0010011", "I", Cost.arithmetic, set(binary("xor", rs1, immediate))),
  row("ori", "....... ..... ..... 110 ..... 0010011", "I", Cost.arithmetic, set(binary("or", rs1, immediate))),
  row("andi", "....... ..... ..... 111 ..... 0010011", "I", Cost.arithmetic, set(binary("and", rs1, immediate))),
  row(
    "slli",
    "0000000 ..... ..... 001 ..... 0010011",
    "shift",
    Cost.arithmetic,
    set(binary("shiftLeft", rs1, immediate)),
  ),
  row(
    "srli",
    "0000000 ..... ..... 101 ..... 0010011",
    "shift",
    Cost.arithmetic,
    set(binary("shiftRightUnsigned", rs1, immediate)),
  ),
  row(
    "srai",
    "0100000 ..... ..... 101 ..... 0010011",
    "shift",
    Cost.arithmetic,
    set(binary("shiftRight", rs1, immediate)),
  ),
  row("add", "0000000 ..... ..... 000 ..... 0110011", "R", Cost.arithmetic, set(binary("add", rs1, rs2))),
  row("sub", "0100000 ..... ..... 000 ..... 0110011", "R", Cost.arithmetic, set(binary("subtract", rs1, rs2))),
  row("sll", "0000000 ..... ..... 001 ..... 0110011", "R", Cost.arithmetic, set(binary("shiftLeft", rs1, rs2))),
  row("slt", "0000000 ..... ..... 010 ..... 0110011", "R", Cost.arithmetic, set(binary("less", rs1, rs2))),
  row("sltu", "0000000 ..... ..... 011 ..... 0110011", "R", Cost.arithmetic, set(binary("lessUnsigned", rs1, rs2))),
  row("xor", "0000000 ..... ..... 100 ..... 0110011", "R", Cost.arithmetic, set(binary("xor", rs1, rs2))),
  row(
    "srl",
    "0000000 ..... ..... 101 ..... 0110011",
    "R",
    Cost.arithmetic,
    set(binary("shiftRightUnsigned", rs1, rs2)),
  ),
  row("sra", "0100000 ..... ..... 101 ..... 0110011", "R", Cost.arithmetic, set(binary("shiftRight", rs1, rs2))),
  row("or", "0000000 ..... ..... 110 ..... 0110011", "R", Cost.arithmetic, set(binary("or", rs1, rs2))),
  row("and", "0000000 ..... ..... 111 ..... 0110011", "R", Cost.arithmetic, set(binary("and", rs1, rs2))),
  // One hart, one order: a fence orders nothing that is not in order already. Reserved fields are ignored (section
  // 2.7).
  row("fence", "....... ..... ..... 000 ..... 0001111", "I", Cost.fence, nothing),

  // Zifencei (chapter 3), Zicsr (chapter 9), traps by instruction (section 2.8)
  row("fence.i", "....... ..... ..... 001 ..... 0001111", "raw", Cost.fenceInstruction, system("fenceInstruction")),
  row("csrrw", "....... ..... ..... 001 ..... 1110011", "raw", Cost.csr, system("csrReadWrite")),
  row("csrrs", "....... ..... ..... 010 ..... 1110011", "raw", Cost.csr, system("csrReadSet")),
  row("csrrc", "....... ..... ..... 011 ..... 1110011", "raw", Cost.csr, system("csrReadClear")),
  row("csrrwi", "....... ..... ..... 101 ..... 1110011", "raw", Cost.csr, system("csrReadWriteImmediate")),
  row("csrrsi", "....... ..... ..... 110 ..... 1110011", "raw", Cost.csr, system("csrReadSetImmediate")),
  row("csrrci", "....... ..... ..... 111 ..... 1110011", "raw", Cost.csr, system("csrReadClearImmediate")),
  row("ecall", "0000000 00000 00000 000 00000 1110011", "raw", Cost.environment, system("environmentCall")),
  row("ebreak", "0000000 00001 00000 000 00000 1110011", "raw", Cost.environment, system("breakpoint")),

  // Privileged, sections 3.3 and 4.2
  row("sret", "0001000 00010 00000 000 00000 1110011", "raw", Cost.trapReturn, system("supervisorReturn")),
  row("mret", "0011000 00010 00000 000 00000 1110011", "raw", Cost.trapReturn, system("machineReturn")),
  row("wfi", "0001000 00101 00000 000 00000 1110011", "raw", Cost.wait, system("wait")),
  row("sfence.vma", "0001001 ..... ..... 000 00000 1110011", "raw", Cost.fenceTranslation, system("fenceTranslation")),

  // M (chapter 7)
  row("mul", "0000001 ..... ..... 000 ..... 0110011", "R", Cost.multiply, set(binary("multiply", rs1, rs2))),
  row("mulh", "0000001 ..... ..... 001 ..... 0110011", "R", Cost.multiply, set(binary("multiplyHigh", rs1, rs2))),
  row(
    "mulhsu",
    "0000001 ..... ..... 010 ..... 0110011",
    "R",
    Cost.multiply,
    set(binary("multiplyHighSignedUnsigned", rs1, rs2)),
  ),
  row(
    "mulhu",
    "0000001 ..... ..... 011 ..... 0110011",
    "R",
    Cost.multiply,
    set(binary("multiplyHighUnsigned", rs1, rs2)),
  ),
  row("div", "0000001 ..... ..... 100 ..... 0110011", "R", Cost.divide, set(binary("divide", rs1, rs2))),
  row("divu", "0000001 ..... ..... 101 ..... 0110011", "R", Cost.divide, set(binary("divideUnsigned", rs1, rs2))),
  row("rem", "0000001 ..... ..... 110 ..... 0110011", "R", Cost.divide, set(binary("remainder", rs1, rs2))),
  row("remu", "0000001 ..... ..... 111 ..... 0110011", "R", Cost.divide, set(binary("remainderUnsigned", rs1, rs2))),

  // A (chapter 8); the acquire and release bits order nothing more on one hart
  row("lr.w", "00010.. 00000 ..... 010 ..... 0101111", "raw", Cost.atomic, system("loadReserved")),
  row("sc.w", "00011.. ..... ..... 010 ..... 0101111", "raw", Cost.atomic, system("storeConditional")),
  row("amoswap.w", "00001.. ..... ..... 010 ..... 0101111", "R", Cost.atomic, swap),
  row("amoadd.w", "00000.. ..... ..... 010 ..... 0101111", "R", Cost.atomic, atomic(binary("add", memory, rs2))),
  row("amoxor.w", "00100.. ..... ..... 010 ..... 0101111", "R", Cost.atomic, atomic(binary("xor", memory, rs2))),
  row("amoand.w", "01100.. ..... ..... 010 ..... 0101111", "R", Cost.atomic, atomic(binary("and", memory, rs2))),
  row("amoor.w", "01000.. ..... ..... 010 ..... 0101111", "R", Cost.atomic, atomic(binary("or", memory, rs2))),
  row("amomin.w", "10000.. ..... ..... 010 ..... 0101111", "R", Cost.atomic, atomic(binary("minimum", memory, rs2))),
  row("amomax.w", "10100.. ..... ..... 010 ..... 0101111", "R", Cost.atomic, atomic(binary("maximum", memory, rs2))),
  row(
    "amominu.w",
    "11000.. ..... ..... 010 ..... 0101111",
    "R",
    Cost.atomic,
    atomic(binary("minimumUnsigned", memory, rs2)),
  ),
  row(
    "amomaxu.w",
    "11100.. ..... ..... 010 ..... 0101111",
    "R",
    Cost.atomic,
    atomic(binary("maximumUnsigned", memory, rs2)),
  ),
];
