/**
 * Prints IR in the notation of ir-text.ts.
 */
import type * as IR from "./ir.ts";

/** The names of `Reason`s; a name's place is its number. */
export const REASONS = ["", "index", "null", "division", "assertion", "unreachable", "slice"];

export function printModule(module: IR.Module): string {
  return [
    `module ${module.path}`,
    ...module.imports.map((path) => `import ${path}`),
    ...(module.initializer === null ? [] : [`initializer ${module.initializer}`]),
    ...module.data.map(printData),
    ...module.routines.map(printRoutine),
    ...module.functions.map(printFunction),
    "",
  ].join("\n");
}

export function printFunction(source: IR.Function): string {
  const parameters = source.parameters.map((register) => `%${register}`).join(", ");
  const lines = [`function ${source.symbol} (${parameters}) ${source.results} {`];
  for (const { bytes, alignment } of source.slots) lines.push(`  slot ${bytes} align ${alignment}`);
  for (const [index, block] of source.blocks.entries()) {
    lines.push(`${index}:`);
    for (const instruction of block.instructions) lines.push(`  ${printInstruction(instruction)}`);
    lines.push(`  ${printTerminator(block.terminator)}`);
  }
  return [...lines, "}"].join("\n");
}

function printData({ symbol, bytes, alignment, writable, content, relocations }: IR.Data): string {
  const hex =
    content === null ? "" : ` = ${Array.from(content, (byte) => byte.toString(16).padStart(2, "0")).join(" ")}`;
  const references = relocations.map((each) => ` + ${each.symbol} @ ${each.offset} + ${each.addend}`).join("");
  return `data ${symbol} ${bytes} align ${alignment}${writable ? " writable" : ""}${hex}${references}`;
}

function printRoutine({ symbol, text, operands }: IR.AssemblyRoutine): string {
  const body = text.map((piece, index) => (index === 0 ? piece : `{${operands[index - 1]}}${piece}`)).join("");
  return `routine ${symbol} {${body}\n}`;
}

const printOperand = (operand: IR.Operand): string =>
  operand.kind === "constant" ? `${operand.value}` : `%${operand.register}`;
const printOperands = (operands: readonly IR.Operand[]): string => operands.map(printOperand).join(", ");

export function printInstruction(instruction: IR.Instruction): string {
  switch (instruction.kind) {
    case "move":
      return `%${instruction.target} = move ${printOperand(instruction.source)}`;
    case "binary":
      return `%${instruction.target} = ${instruction.operator} ${printOperands([instruction.left, instruction.right])}`;
    case "symbol":
      return `%${instruction.target} = symbol ${instruction.symbol} ${instruction.offset}`;
    case "slot":
      return `%${instruction.target} = slot ${instruction.slot} ${instruction.offset}`;
    case "load":
    case "store":
      return printAccess(instruction);
    case "copy":
      return `copy ${printOperands([instruction.target, instruction.source])}, bytes ${instruction.bytes} align ${instruction.alignment}`;
    case "zero":
      return `zero ${printOperand(instruction.target)}, bytes ${instruction.bytes} align ${instruction.alignment}`;
    case "call":
      return assign(instruction.targets, `call ${instruction.symbol} ${printOperands(instruction.arguments)}`);
    case "callIndirect":
      return assign(
        instruction.targets,
        `callIndirect ${printOperands([instruction.callee, ...instruction.arguments])}`,
      );
    case "environmentCall":
      return assign(
        [instruction.target],
        `environmentCall ${printOperands([instruction.number, ...instruction.arguments])}`,
      );
    case "readCsr":
      return `%${instruction.target} = readCsr ${instruction.csr}`;
    case "writeCsr":
      return `writeCsr ${instruction.csr} ${printOperand(instruction.source)}`;
    case "fence":
      return "fence";
    case "check":
      return `check ${instruction.operator} ${printOperands([instruction.left, instruction.right])} ${REASONS[instruction.reason]}`;
    case "assembly":
      return `assembly ${JSON.stringify(printTemplate(instruction))}`;
  }
}

function assign(targets: readonly IR.Register[], text: string): string {
  return targets.length === 0 ? text : `${targets.map((register) => `%${register}`).join(", ")} = ${text}`;
}

function printAccess(access: IR.Instruction & { kind: "load" | "store" }): string {
  const place = `${printOperand(access.base)} + ${access.offset}`;
  const suffix = access.volatile ? "v" : "";
  if (access.kind === "store") return `store${access.bytes}${suffix} ${place}, ${printOperand(access.source)}`;
  return `%${access.target} = load${access.bytes}${access.signed ? "s" : ""}${suffix} ${place}`;
}

function printTemplate({ text, operands }: IR.Instruction & { kind: "assembly" }): string {
  const printed = operands.map((each) => (each.kind === "value" ? printOperand(each.value) : each.symbol));
  return text.map((piece, index) => (index === 0 ? piece : `{${printed[index - 1]}}${piece}`)).join("");
}

export function printTerminator(terminator: IR.Terminator): string {
  switch (terminator.kind) {
    case "jump":
      return `jump ${terminator.to}`;
    case "branch": {
      const { operator, left, right, then, otherwise } = terminator;
      return `branch ${operator} ${printOperands([left, right])} ? ${then} : ${otherwise}`;
    }
    case "switch": {
      const cases = terminator.cases.map(({ value, to }) => `${value} -> ${to}`).join(", ");
      return `switch ${printOperand(terminator.value)} [${cases}] : ${terminator.otherwise}`;
    }
    case "return":
      return `return ${printOperands(terminator.values)}`.trimEnd();
    case "trap":
      return `trap ${REASONS[terminator.reason]}`;
    case "unreachable":
      return "unreachable";
  }
}
