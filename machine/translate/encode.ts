/**
 * Writes WebAssembly modules, byte by byte (WebAssembly Core Specification, chapter 5).
 *
 * `Code` is the body of a function under construction; `moduleBytes` puts functions together. Nothing here knows about
 * RISC-V.
 */

/** Value types (section 5.3.1). */
export const enum Type {
  I32 = 0x7f,
  I64 = 0x7e,
  None = 0x40,
}

/** Instructions (section 5.4). */
export const enum Op {
  Unreachable = 0x00,
  Block = 0x02,
  Loop = 0x03,
  If = 0x04,
  Else = 0x05,
  End = 0x0b,
  Br = 0x0c,
  BrIf = 0x0d,
  BrTable = 0x0e,
  Return = 0x0f,
  Call = 0x10,
  ReturnCall = 0x12,
  ReturnCallIndirect = 0x13,
  Drop = 0x1a,
  Select = 0x1b,
  LocalGet = 0x20,
  LocalSet = 0x21,
  LocalTee = 0x22,
  I32Load = 0x28,
  I64Load = 0x29,
  I32Load8S = 0x2c,
  I32Load8U = 0x2d,
  I32Load16S = 0x2e,
  I32Load16U = 0x2f,
  I32Store = 0x36,
  I32Store8 = 0x3a,
  I32Store16 = 0x3b,
  I32Const = 0x41,
  I64Const = 0x42,
  I32Eqz = 0x45,
  I32Eq = 0x46,
  I32Ne = 0x47,
  I32LtS = 0x48,
  I32LtU = 0x49,
  I32GtS = 0x4a,
  I32GtU = 0x4b,
  I32LeS = 0x4c,
  I32LeU = 0x4d,
  I32GeS = 0x4e,
  I32GeU = 0x4f,
  I64LtS = 0x53,
  I64LtU = 0x54,
  I64LeU = 0x58,
  I32Add = 0x6a,
  I32Sub = 0x6b,
  I32Mul = 0x6c,
  I32DivS = 0x6d,
  I32DivU = 0x6e,
  I32RemS = 0x6f,
  I32RemU = 0x70,
  I32And = 0x71,
  I32Or = 0x72,
  I32Xor = 0x73,
  I32Shl = 0x74,
  I32ShrS = 0x75,
  I32ShrU = 0x76,
  I32Rotr = 0x78,
  I64Add = 0x7c,
  I64Sub = 0x7d,
  I64Mul = 0x7e,
  I64Or = 0x84,
  I64Shl = 0x86,
  I64ShrS = 0x87,
  I64ShrU = 0x88,
  I32WrapI64 = 0xa7,
  I64ExtendI32S = 0xac,
  I64ExtendI32U = 0xad,
}

/** Bytes that grow. */
export class Code {
  #bytes = new Uint8Array(256);
  #length = 0;

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): this {
    if (this.#length === this.#bytes.length) this.#makeRoom(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** An unsigned number below 2^32, in LEB128. */
  unsigned(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  /** A signed integer below 2^53 in size, in LEB128. */
  signed(value: number): this {
    let rest = value;
    for (;;) {
      const low = rest - Math.floor(rest / 128) * 128;
      rest = Math.floor(rest / 128);
      const isLast = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
      if (isLast) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  append(bytes: Uint8Array): this {
    if (this.#length + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Bytes with their length before them. */
  sized(bytes: Uint8Array): this {
    return this.unsigned(bytes.length).append(bytes);
  }

  name(text: string): this {
    return this.sized(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  }

  op(op: Op): this {
    return this.byte(op);
  }

  /** An instruction with an index: a local, a function, the depth of a label. */
  indexed(op: Op, index: number): this {
    return this.byte(op).unsigned(index);
  }

  get(local: number): this {
    return this.indexed(Op.LocalGet, local);
  }

  set(local: number): this {
    return this.indexed(Op.LocalSet, local);
  }

  tee(local: number): this {
    return this.indexed(Op.LocalTee, local);
  }

  constant(value: number): this {
    return this.byte(Op.I32Const).signed(value | 0);
  }

  /** A 64-bit constant, below 2^53 in size. */
  longConstant(value: number): this {
    return this.byte(Op.I64Const).signed(value);
  }

  /**
   * A load or store at the address on the stack plus `offset`; every address may be used, so no alignment is claimed.
   */
  memory(op: Op, offset: number): this {
    return this.byte(op).byte(0).unsigned(offset);
  }

  /** Pushes the word at a fixed address. */
  loadWord(address: number): this {
    return this.constant(0).memory(Op.I32Load, address);
  }

  block(op: Op.Block | Op.Loop | Op.If, type: number = Type.None): this {
    return this.byte(op).byte(type);
  }

  #makeRoom(bytes: number): void {
    const larger = new Uint8Array(2 * (this.#bytes.length + bytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

export interface Signature {
  readonly parameters: readonly Type[];
  readonly results: readonly Type[];
}

export interface FunctionBody {
  readonly signature: number;
  /** Types of the locals behind the parameters. */
  readonly locals: readonly Type[];
  readonly code: Code;
  /** Under which name it is exported; null if it is not. */
  readonly exportName: string | null;
}

export interface ModuleParts {
  readonly signatures: readonly Signature[];
  /** Functions come first in the index space: imported ones, then the module's own. All are imported from `env`. */
  readonly importedFunctions: readonly { readonly name: string; readonly signature: number }[];
  /** Pages of 64 KiB of `env.memory`, exactly; null where any memory will do that cannot grow. */
  readonly memoryPages: number | null;
  /** Entries of `env.table`; null without one. */
  readonly tableEntries: number | null;
  /** The functions, by their indices, of a table of the module's own; left out without one. */
  readonly ownTable?: readonly number[];
  readonly functions: readonly FunctionBody[];
}

const enum Section {
  Types = 1,
  Imports = 2,
  Functions = 3,
  Tables = 4,
  Exports = 7,
  Elements = 9,
  Code = 10,
}

const enum External {
  Function = 0,
  Table = 1,
  Memory = 2,
}

const FUNCTION_TYPE = 0x60;
const FUNCTION_REFERENCE = 0x70;
const MOST_MEMORY_PAGES = 0x1_0000;
/** Limits with a minimum and a maximum. */
const LIMITED = 1;
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

export function moduleBytes(parts: ModuleParts): Uint8Array {
  const module = new Code().append(Uint8Array.from(HEADER));
  const section = (id: Section, count: number, write: (code: Code) => void) => {
    const content = new Code().unsigned(count);
    write(content);
    module.byte(id).sized(content.bytes);
  };
  section(Section.Types, parts.signatures.length, (code) => {
    for (const { parameters, results } of parts.signatures) {
      code.byte(FUNCTION_TYPE).sized(Uint8Array.from(parameters)).sized(Uint8Array.from(results));
    }
  });
  const imports = parts.importedFunctions.length + 1 + (parts.tableEntries === null ? 0 : 1);
  section(Section.Imports, imports, (code) => writeImports(code, parts));
  section(Section.Functions, parts.functions.length, (code) => {
    for (const { signature } of parts.functions) code.unsigned(signature);
  });
  const { ownTable } = parts;
  if (ownTable !== undefined) {
    section(Section.Tables, 1, (code) => {
      code.byte(FUNCTION_REFERENCE).byte(LIMITED).unsigned(ownTable.length).unsigned(ownTable.length);
    });
  }
  const exported = parts.functions.filter(({ exportName }) => exportName !== null);
  section(Section.Exports, exported.length, (code) => {
    parts.functions.forEach(({ exportName }, index) => {
      if (exportName === null) return;
      code
        .name(exportName)
        .byte(External.Function)
        .unsigned(parts.importedFunctions.length + index);
    });
  });
  if (ownTable !== undefined) {
    section(Section.Elements, 1, (code) => {
      code.byte(0).constant(0).op(Op.End).unsigned(ownTable.length);
      for (const index of ownTable) code.unsigned(index);
    });
  }
  section(Section.Code, parts.functions.length, (code) => {
    for (const body of parts.functions) code.sized(functionBytes(body));
  });
  return module.bytes;
}

function writeImports(code: Code, parts: ModuleParts): void {
  for (const { name, signature } of parts.importedFunctions) {
    code.name("env").name(name).byte(External.Function).unsigned(signature);
  }
  code.name("env").name("memory").byte(External.Memory);
  code
    .byte(LIMITED)
    .unsigned(parts.memoryPages ?? 0)
    .unsigned(parts.memoryPages ?? MOST_MEMORY_PAGES);
  if (parts.tableEntries === null) return;
  code.name("env").name("table").byte(External.Table).byte(FUNCTION_REFERENCE);
  code.byte(0).unsigned(parts.tableEntries);
}

function functionBytes({ locals, code }: FunctionBody): Uint8Array {
  const runs: { type: Type; count: number }[] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  const bytes = new Code().unsigned(runs.length);
  for (const { type, count } of runs) bytes.unsigned(count).byte(type);
  return bytes.append(code.bytes).op(Op.End).bytes;
}
