/**
 * The assembler, for `asm` text: RV32IMA, Zicsr, Zifencei and privileged instructions, pseudo-instructions, labels, register ranges.
 *
 * A statement is `label: name operand, operand # comment`. Operands are registers, constant expressions, `offset(register)`,
 * `symbol + constant`, labels (`1:` with `1b` and `1f` too), `%hi(symbol)` and `%lo(symbol)`. `sw x3..x31, 16(sp)` unrolls, the offset growing by 4.
 * Symbols come only from the template's operands. Begin reading at `assembleRoutine`; assembler-statements.ts knows each instruction.
 */
import { Statements } from "./assembler-statements.ts";
import { CodeWriter } from "./code-writer.ts";
import type { AssemblyRoutine, Position } from "./ir.ts";
import type { Section } from "./object.ts";

/** What is wrong with a piece of assembly, and where. */
export class AssemblyError extends Error {
  override readonly name = "AssemblyError";
  constructor(
    message: string,
    readonly position: Position,
  ) {
    super(message);
  }
}

/** What stands between two pieces of text: a symbol, or text such as a register's name. */
export type AssemblyInsert = { readonly symbol: string } | { readonly text: string };

/** The section of a routine. Throws AssemblyError. */
export function assembleRoutine(routine: AssemblyRoutine): Section {
  const writer = new CodeWriter();
  writer.line(routine.position);
  const inserts = routine.operands.map((symbol) => ({ symbol }));
  assembleInline(writer, routine.text, inserts, routine.position);
  return writer.finish(routine.symbol).section;
}

/** Writes the instructions of a template. Labels are its own. Throws AssemblyError. */
export function assembleInline(
  writer: CodeWriter,
  text: readonly string[],
  inserts: readonly AssemblyInsert[],
  position: Position,
): void {
  const statements = new Statements(writer);
  let { line } = position;
  const place = (): Position => ({ ...position, line, column: line === position.line ? position.column : 1 });
  try {
    for (const source of joined(text, inserts).split("\n")) {
      writer.line(place());
      const code = source.replace(/#.*|\/\/.*/, "");
      for (const statement of code.split(";")) statements.statement(statement.trim());
      line++;
    }
    line = position.line;
    statements.end();
  } catch (error) {
    if (error instanceof SyntaxError) throw new AssemblyError(error.message, place());
    throw error;
  }
}

/** The text with each symbol as `{symbol}`, which no other syntax looks like. */
function joined(text: readonly string[], inserts: readonly AssemblyInsert[]): string {
  return text.reduce((before, after, index) => {
    const insert = inserts[index - 1]!;
    return `${before}${"symbol" in insert ? `{${insert.symbol}}` : insert.text}${after}`;
  });
}
