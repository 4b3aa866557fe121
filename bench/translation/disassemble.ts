/**
 * Instructions as an assembler writes them, from the rows that the machine decodes by. Compressed ones are written as what they stand for.
 * Begin at `disassemble`.
 */
import { controlRegisterName } from "../../compiler/control-registers.ts";
import { REGISTER_NAMES } from "../../compiler/machine-code.ts";
import { type Decoded, decode } from "../../machine/isa/decode.ts";
import { INSTRUCTIONS, type Instruction } from "../../machine/isa/instructions.ts";

/** `word`: the instruction that stands at `pc`, or its low half-word. Null where its encoding is reserved. */
export function disassemble(word: number, pc: number): string | null {
  const decoded = decode(word);
  if (decoded === null) return null;
  const row = INSTRUCTIONS[decoded.instruction]!;
  const operands = operandsOf(row, decoded, word, pc).join(", ");
  return operands === "" ? row.name : `${row.name.padEnd(7)} ${operands}`;
}

/** The order is the assembler's: what is written first. */
function operandsOf({ meaning, format, name }: Instruction, decoded: Decoded, word: number, pc: number): string[] {
  const [rd, rs1, rs2] = [decoded.rd, decoded.rs1, decoded.rs2].map((number) => REGISTER_NAMES[number]!);
  const { immediate } = decoded;
  const target = hex(pc + immediate);
  switch (meaning.kind) {
    case "load":
      return [rd!, `${immediate}(${rs1})`];
    case "store":
      return [rs2!, `${immediate}(${rs1})`];
    case "atomic":
      return [rd!, rs2!, `(${rs1})`];
    case "branch":
      return [rs1!, rs2!, target];
    case "jump":
      return format === "J" ? [rd!, target] : [rd!, `${immediate}(${rs1})`];
    case "system":
      return systemOperands(name, word);
    case "nothing":
      return [];
    default:
      if (format === "U") return [rd!, hex(immediate >>> 12)];
      return format === "R" ? [rd!, rs1!, rs2!] : [rd!, rs1!, String(immediate)];
  }
}

function systemOperands(name: string, word: number): string[] {
  const [rd, rs1, rs2] = [7, 15, 20].map((place) => REGISTER_NAMES[(word >>> place) & 31]!);
  if (name === "lr.w") return [rd!, `(${rs1})`];
  if (name === "sc.w") return [rd!, rs2!, `(${rs1})`];
  if (name === "sfence.vma") return [rs1!, rs2!];
  if (!name.startsWith("csr")) return [];
  const register = controlRegisterName(word >>> 20) ?? hex(word >>> 20);
  return [rd!, register, name.endsWith("i") ? String((word >>> 15) & 31) : rs1!];
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
