/**
 * The intermediate representation: what lowering writes and everything behind it reads.
 *
 * A function is a graph of basic blocks over 32-bit virtual registers. Lowering may assign a register many times; the
 * optimiser turns the graph into SSA form and back. Everything is a word here: narrower integers exist only in loads
 * and stores, 64-bit values are two registers, booleans are 0 and 1, slices are two registers (address, length).
 * Begin reading at `Function`.
 */

/** A virtual register of the function it stands in. */
export type Register = number;

/** A register, or a 32-bit constant (always in the range of an i32: 0xffff_ffff is -1). */
export type Operand =
  | { readonly kind: "register"; readonly register: Register }
  | { readonly kind: "constant"; readonly value: number };

/** Where an instruction comes from. `line` and `column` count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `a op b`. Comparisons give 0 or 1; `…Unsigned` where the sign matters; shifts use the low five bits of b. Division never sees zero (a `check` stands before it). */
export type BinaryOperator =
  | "add"
  | "subtract"
  | "multiply"
  | "multiplyHigh"
  | "multiplyHighUnsigned"
  | "divide"
  | "divideUnsigned"
  | "remainder"
  | "remainderUnsigned"
  | "and"
  | "or"
  | "xor"
  | "shiftLeft"
  | "shiftRight"
  | "shiftRightUnsigned"
  | Comparison;

export type Comparison =
  | "equal"
  | "notEqual"
  | "less"
  | "lessUnsigned"
  | "lessEqual"
  | "lessEqualUnsigned"
  | "greater"
  | "greaterUnsigned"
  | "greaterEqual"
  | "greaterEqualUnsigned";

/** Why a run-time check ends the program; stored in the line table, so that a crash record can say so. */
export const enum Reason {
  Index = 1,
  Null,
  Division,
  Assertion,
  Unreachable,
  Slice,
}

export type Instruction = { position: Position } & (
  | { kind: "move"; target: Register; source: Operand }
  | { kind: "binary"; operator: BinaryOperator; target: Register; left: Operand; right: Operand }
  /** The address of a symbol, or of a byte in it. */
  | { kind: "symbol"; target: Register; symbol: string; offset: number }
  /** The address of a byte in one of the function's stack slots. */
  | { kind: "slot"; target: Register; slot: number; offset: number }
  | {
      kind: "load";
      target: Register;
      base: Operand;
      offset: number;
      bytes: 1 | 2 | 4;
      signed: boolean;
      volatile: boolean;
    }
  | { kind: "store"; base: Operand; offset: number; bytes: 1 | 2 | 4; source: Operand; volatile: boolean }
  /** Copies a constant number of bytes between places that do not overlap (or are equal). `alignment` holds for both. */
  | { kind: "copy"; target: Operand; source: Operand; bytes: number; alignment: number }
  | { kind: "zero"; target: Operand; bytes: number; alignment: number }
  /** `targets`: none, one or two registers (a0, a1). */
  | { kind: "call"; targets: Register[]; symbol: string; arguments: Operand[] }
  | { kind: "callIndirect"; targets: Register[]; callee: Operand; arguments: Operand[] }
  | { kind: "environmentCall"; target: Register; number: Operand; arguments: Operand[] }
  | { kind: "readCsr"; target: Register; csr: string }
  | { kind: "writeCsr"; csr: string; source: Operand }
  | { kind: "fence" }
  /** Traps with `reason` unless `left operator right`. */
  | { kind: "check"; operator: Comparison; left: Operand; right: Operand; reason: Reason }
  /** `text` has one piece more than there are operands; an operand stands between two pieces. */
  | { kind: "assembly"; text: string[]; operands: AssemblyOperand[] }
);

export type AssemblyOperand =
  | { readonly kind: "value"; readonly value: Operand }
  | { readonly kind: "symbol"; readonly symbol: string };

/** How a block ends. Block numbers index `Function.blocks`. */
export type Terminator = { position: Position } & (
  | { kind: "jump"; to: number }
  | { kind: "branch"; operator: Comparison; left: Operand; right: Operand; then: number; otherwise: number }
  | { kind: "switch"; value: Operand; cases: { value: number; to: number }[]; otherwise: number }
  /** None, one or two values. */
  | { kind: "return"; values: Operand[] }
  /** Traps with `reason`. */
  | { kind: "trap"; reason: Reason }
  /** Behind a call that does not return. */
  | { kind: "unreachable" }
);

export interface Block {
  instructions: Instruction[];
  terminator: Terminator;
}

/** Storage in the frame. Its content is undefined at entry. */
export interface Slot {
  readonly bytes: number;
  readonly alignment: number;
}

export interface Function {
  /** The link symbol: unique in the system and readable, `kernel/ipc.ts:send`, `lib/list.ts:List.append`. */
  readonly symbol: string;
  readonly position: Position;
  /** In order: a0 to a7, then on the stack as in the ILP32 calling convention. A slice or u64 takes two. */
  readonly parameters: Register[];
  readonly results: 0 | 1 | 2;
  /** Registers are numbered below this. */
  registers: number;
  readonly slots: Slot[];
  /** Block 0 is the entry. */
  blocks: Block[];
}

/** A routine written in assembly at module level. */
export interface AssemblyRoutine {
  readonly symbol: string;
  readonly position: Position;
  readonly text: string[];
  readonly operands: string[];
}

/** Static storage. `bytes` beyond `content` are zero; an object with no content goes to .bss. */
export interface Data {
  readonly symbol: string;
  readonly bytes: number;
  readonly alignment: number;
  readonly writable: boolean;
  readonly content: Uint8Array | null;
  /** Words in `content` that hold the address of a symbol. */
  readonly relocations: { readonly offset: number; readonly symbol: string; readonly addend: number }[];
}

/** One source file, lowered: the unit of caching. */
export interface Module {
  /** Path from the project's root, with `/`: `kernel/ipc.ts`. */
  readonly path: string;
  /** Paths of the guest modules it imports at run time, in source order. */
  readonly imports: string[];
  readonly functions: Function[];
  readonly routines: AssemblyRoutine[];
  readonly data: Data[];
  /** Symbol of the function that runs its non-constant initialisers, or null. */
  readonly initializer: string | null;
}

/** Symbols of the functions that lowering may call without any source naming them; defined in `lib/runtime.ts`. */
export const enum RuntimeSymbol {
  /** (address, length, address, length) → 0 or 1. */
  StringEqual = "lib/runtime.ts:stringEqual",
  /** (low, high, low, high) → (low, high). */
  DivideLong = "lib/runtime.ts:divideLong",
  RemainderLong = "lib/runtime.ts:remainderLong",
  /** (target, source, bytes): any alignment, overlapping allowed. */
  MoveBytes = "lib/runtime.ts:moveBytes",
  /** (target, value, bytes). */
  FillBytes = "lib/runtime.ts:fillBytes",
  /** What `entryMain` and `initializeModules` call; the linker makes them for each executable. */
  EntryMain = "linker:main",
  InitializeModules = "linker:initialize",
}
