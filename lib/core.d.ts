/**
 * The language. Guest code is compiled with `noLib`, so this file is all there is:
 * what is not declared here does not exist inside the machine.
 */
declare const width: unique symbol;
declare const domain: unique symbol;
declare const base: unique symbol;

/**
 * Two arithmetic types, u32 and i32; u16 and u8 live in memory and widen when read.
 * Each brand lists what it admits, so widening is subtyping, and mixing signs is an error.
 */
type u8 = number & { readonly [width]?: "u8" };
type u16 = number & { readonly [width]?: "u16" | "u8" };
type u32 = number & { readonly [width]?: "u32" | "u16" | "u8" };
type i32 = number & { readonly [width]?: "i32" | "u16" | "u8" };
/** Time: cycle counts and timer ticks. A bigint to tsc, so it never mixes with the others unnoticed; two words to the machine, wrapping. */
type u64 = bigint;
declare function u8(value: number | bigint): u8;
declare function u16(value: number | bigint): u16;
declare function u32(value: number | bigint): u32;
declare function i32(value: number | bigint): i32;
/** Zero-extends a u32, sign-extends an i32. */
declare function u64(value: number): u64;

/** An address in some process, and an address on the bus: never interchangeable. */
type vaddr = u32 & { readonly [domain]?: "virtual" };
type paddr = u32 & { readonly [domain]?: "physical" };
declare function vaddr(value: number): vaddr;
declare function paddr(value: number): paddr;

type Class<T> = new () => T;
/** `count` structs in a row, in place: static storage, part of the enclosing struct, or on the stack. */
declare function table<T>(type: Class<T>, count: number): T[];
/** `count` pointers in a row, in place, all null. */
declare function references<T extends object>(type: Class<T>, count: number): (T | null)[];
/**
 * The struct that lies at this address: device registers, a page table, a ring shared with a device. Volatile: every
 * access happens, once, in order; this holds for every use of a class that appears in any `at`.
 */
declare function at<T>(address: u32, type: Class<T>): T;
/** The struct that lies at this address in ordinary memory. */
declare function view<T>(address: u32, type: Class<T>): T;
/** `length` bytes, words or structs that lie at this address. */
declare function bytesAt(address: u32, length: u32): Uint8Array;
declare function wordsAt(address: u32, length: u32): Uint32Array;
declare function tableAt<T>(address: u32, type: Class<T>, count: u32): T[];
/** `count` strings, of whose length words the addresses lie at this address. */
declare function stringsAt(address: u32, count: u32): readonly string[];
/** The string whose length word lies at this address (see `String`). */
declare function stringAt(address: u32): string;
/** Where a struct, an array's first element, a string's length word or a function's first instruction lies. */
declare function address(thing: object | string): vaddr;
/** The bytes that a struct is made of. */
declare function bytesOf(thing: object): Uint8Array;
/** Copies one struct over another of the same class. */
declare function copy<T extends object>(target: T, source: NoInfer<T>): void;
/** Every byte zero. */
declare function clear(target: object): void;
declare function sizeOf<T>(type: Class<T>): i32;
declare function offsetOf<T>(type: Class<T>, field: keyof T): i32;
/** Ends the program with a breakpoint trap where the claim is false; the crash record names file, line and reason. */
declare function assert(claim: boolean): asserts claim;
/** The same, for what cannot be reached. */
declare function unreachable(): never;
/** Orders memory accesses before against those after it, as devices and other masters see them. */
declare function fence(): void;

interface Code {}
/**
 * Instructions, verbatim: in a function body inline, at module level a routine. Operands: a number is a register
 * that holds it (read only); a function, routine or static object is its symbol. Clobbers memory and no register unless named in it.
 */
declare function asm(text: TemplateStringsArray, ...operands: (number | object)[]): Code;
/**
 * An environment call: a7 = `number`, a0 to a5 = the arguments (an object or string passes its address); returns a0.
 * Every other register is kept, memory may change.
 */
declare function ecall(number: u32, ...operands: (number | object | string)[]): i32;
/** A symbol that the linker defines: image_start, text_end, image_end, archive_start, archive_end, lines_start, lines_end. */
declare function linkerSymbol(name: string): u32;
/** Runs the module initialisers of this program, in import order. For start routines. */
declare function initializeModules(): void;
/** The `main` that the executable's entry module exports. For start routines. */
declare function entryMain(args: readonly string[]): i32;
/** Control and status registers, as fields. */
declare const csr: {
  mstatus: u32;
  misa: u32;
  mie: u32;
  mtvec: vaddr;
  mscratch: u32;
  mepc: vaddr;
  mcause: u32;
  mtval: u32;
  mip: u32;
  mhartid: u32;
  mcycle: u32;
  mcycleh: u32;
  minstret: u32;
  minstreth: u32;
  mcounteren: u32;
  scounteren: u32;
  medeleg: u32;
  mideleg: u32;
  pmpcfg0: u32;
  pmpaddr0: u32;
  satp: u32;
  cycle: u32;
  cycleh: u32;
  time: u32;
  timeh: u32;
  instret: u32;
  instreth: u32;
};

/** Inline storage as a field; static at module level; on the stack as a local. As a parameter, a local or a result: a slice (address and length). */
interface Uint8Array {
  readonly length: i32;
  [index: number]: u8;
  subarray(begin: number, end?: number): Uint8Array;
  fill(value: number): void;
  set(from: Uint8Array, offset?: number): void;
  [Symbol.iterator](): IterableIterator<u8>;
}
interface Uint16Array {
  readonly length: i32;
  [index: number]: u16;
  subarray(begin: number, end?: number): Uint16Array;
  fill(value: number): void;
  [Symbol.iterator](): IterableIterator<u16>;
}
interface Uint32Array {
  readonly length: i32;
  [index: number]: u32;
  subarray(begin: number, end?: number): Uint32Array;
  fill(value: number): void;
  [Symbol.iterator](): IterableIterator<u32>;
}
interface Int32Array {
  readonly length: i32;
  [index: number]: i32;
  subarray(begin: number, end?: number): Int32Array;
  fill(value: number): void;
  [Symbol.iterator](): IterableIterator<i32>;
}
declare const Uint8Array: new (length: number) => Uint8Array;
declare const Uint16Array: new (length: number) => Uint16Array;
declare const Uint32Array: new (length: number) => Uint32Array;
declare const Int32Array: new (length: number) => Int32Array;

interface Array<T> {
  readonly length: i32;
  [index: number]: T;
  [Symbol.iterator](): IterableIterator<T>;
}
interface ReadonlyArray<T> {
  readonly length: i32;
  readonly [index: number]: T;
  [Symbol.iterator](): IterableIterator<T>;
}
/**
 * A word: the address of a length word, with that many bytes (UTF-8) after it. Literals are read only. `===` compares the bytes.
 */
interface String {
  readonly length: i32;
  charCodeAt(index: number): u8;
  readonly bytes: Uint8Array;
}
interface TemplateStringsArray extends ReadonlyArray<string> {
  readonly raw: readonly string[];
}

/**
 * What can stand in a formatted text. `` print`a${x}b` `` is `printText("a"), printUnsigned(x), printText("b"), printEnd()`: the calls go to
 * functions exported beside the tag, named after it: Text (string), Bytes (Uint8Array), Unsigned (u32), Signed (i32), Long (u64),
 * Hexadecimal (`hex(x)`), Character (`char(x)`), End.
 */
type Printable = number | bigint | string | Uint8Array | Hexadecimal | Character;
interface Hexadecimal {
  readonly [base]: 16;
}
interface Character {
  readonly [base]: 256;
}
declare function hex(value: u32): Hexadecimal;
declare function char(value: u32): Character;

interface SymbolConstructor {
  readonly iterator: unique symbol;
}
declare const Symbol: SymbolConstructor;
interface IteratorResult<T, R = any> {
  done?: boolean;
  value: T;
}
interface Iterator<T, R = any, N = any> {
  next(): IteratorResult<T>;
}
interface Iterable<T, R = any, N = any> {
  [Symbol.iterator](): Iterator<T>;
}
interface IterableIterator<T, R = any, N = any> extends Iterator<T> {
  [Symbol.iterator](): IterableIterator<T>;
}
interface Boolean {}
interface Number {}
interface BigInt {}
interface Object {}
interface Function {}
interface RegExp {}
interface IArguments {}
interface CallableFunction extends Function {}
interface NewableFunction extends Function {}
type Record<K extends keyof any, T> = { [P in K]: T };
type NoInfer<T> = intrinsic;
