/**
 * The little language in which instructions.ts says what an instruction does.
 *
 * A meaning is data, not code: the reference interpreter's generator (hart/generate.ts) turns it into JavaScript,
 * hart/threaded.ts and the translator turn the same meaning into WebAssembly, and none can disagree with the others.
 * Everything is a 32-bit word; operators say themselves where they take it as unsigned.
 */
export type Operator =
  | "add"
  | "subtract"
  | "and"
  | "or"
  | "xor"
  | "shiftLeft"
  | "shiftRight"
  | "shiftRightUnsigned"
  | "equal"
  | "notEqual"
  | "less"
  | "lessUnsigned"
  | "atLeast"
  | "atLeastUnsigned"
  | "minimum"
  | "minimumUnsigned"
  | "maximum"
  | "maximumUnsigned"
  | "multiply"
  | "multiplyHigh"
  | "multiplyHighSignedUnsigned"
  | "multiplyHighUnsigned"
  | "divide"
  | "divideUnsigned"
  | "remainder"
  | "remainderUnsigned";

export type Value =
  | { readonly kind: "rs1" | "rs2" | "immediate" | "pc" }
  /** In an `atomic`: the word that memory held. */
  | { readonly kind: "memory" }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "binary"; readonly operator: Operator; readonly left: Value; readonly right: Value };

export type Width = 1 | 2 | 4;

/** What the hart does outside the loop: it may change the mode, the address space or what is pending. */
export type SystemOperation =
  | "csrReadWrite"
  | "csrReadSet"
  | "csrReadClear"
  | "csrReadWriteImmediate"
  | "csrReadSetImmediate"
  | "csrReadClearImmediate"
  | "environmentCall"
  | "breakpoint"
  | "machineReturn"
  | "supervisorReturn"
  | "wait"
  | "fenceTranslation"
  | "fenceInstruction"
  | "loadReserved"
  | "storeConditional";

export type Meaning =
  /** rd ← value */
  | { readonly kind: "set"; readonly value: Value }
  /** rd ← memory at address, extended to a word */
  | { readonly kind: "load"; readonly width: Width; readonly signed: boolean; readonly address: Value }
  /** memory at address ← value */
  | { readonly kind: "store"; readonly width: Width; readonly address: Value; readonly value: Value }
  /** rd ← word at rs1; word at rs1 ← value, indivisibly */
  | { readonly kind: "atomic"; readonly value: Value }
  /** rd ← address of the next instruction; pc ← target */
  | { readonly kind: "jump"; readonly target: Value }
  /** if condition: pc ← pc + immediate */
  | { readonly kind: "branch"; readonly condition: Value }
  | { readonly kind: "nothing" }
  | { readonly kind: "system"; readonly operation: SystemOperation };

export const rs1: Value = { kind: "rs1" };
export const rs2: Value = { kind: "rs2" };
export const immediate: Value = { kind: "immediate" };
export const pc: Value = { kind: "pc" };
export const memory: Value = { kind: "memory" };

export function constant(value: number): Value {
  return { kind: "constant", value };
}

export function binary(operator: Operator, left: Value, right: Value): Value {
  return { kind: "binary", operator, left, right };
}

export function set(value: Value): Meaning {
  return { kind: "set", value };
}

export function load(width: Width, signed: boolean): Meaning {
  return { kind: "load", width, signed, address: binary("add", rs1, immediate) };
}

export function store(width: Width): Meaning {
  return { kind: "store", width, address: binary("add", rs1, immediate), value: rs2 };
}

export function atomic(value: Value): Meaning {
  return { kind: "atomic", value };
}

export function branch(operator: Operator): Meaning {
  return { kind: "branch", condition: binary(operator, rs1, rs2) };
}

export function jump(target: Value): Meaning {
  return { kind: "jump", target };
}

export function system(operation: SystemOperation): Meaning {
  return { kind: "system", operation };
}

export const nothing: Meaning = { kind: "nothing" };
