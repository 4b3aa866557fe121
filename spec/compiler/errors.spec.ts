/** Every error of the compiler, at its place; and that valid TypeScript, however foreign, gives errors and never a crash. */
import { expect } from "chai";
import { type Diagnostic, type ErrorName, errors, formatDiagnostic } from "../../compiler/errors.ts";
import { lower, problems, type Sources } from "./guest-program.ts";

/** A function body; errors are expected on line 2. */
const body = (text: string, before = ""): string => `${before}export function f(): void {\n${text}\n}`;

/** A mailbox, and what receives into it. */
const MAILBOX =
  "class M { static readonly bytes = 64; type: u32 = 0; } class R extends M { x: i32 = 0; } const inbox = new M(); const other = new M(); " +
  "function receive<T extends M = R>(m: M): T { m.type = 1; return m as T; } function use(r: R): void { r.x++; } ";
const N = "class N { v: i32 = 0; next: N | null = null; } ";

const cases: [name: ErrorName, place: string, source: string | Sources][] = [
  ["exceptions", "2:1", body("throw 1;")],
  ["exceptions", "2:1", body("try { f(); } catch { f(); }")],
  ["asynchronous", "1:1", "async function g(): Promise<i32> { return 1; }"],
  ["generator", "1:1", "function* g(): IterableIterator<i32> { return 1; }\nexport function f(): void {}"],
  ["accessor", "2:1", "class C {\nget x(): i32 { return 1; }\n}"],
  ["constructorBody", "2:1", "class C {\nconstructor() {}\n}"],
  ["expression", "2:1", body("void f();")],
  ["expression", "2:1", body("debugger;")],
  ["regularExpression", "2:11", body("const a = /x/;")],
  ["typeOf", "2:11", body("const a = typeof f;")],
  ["typeOf", "2:11", body('const a = "v" in n;', `${N}const n = new N(); `)],
  ["deletion", "2:1", body("delete n.x;", "interface O { x?: i32 } declare const n: O; ")],
  ["spread", "2:18", body("const a: i32[] = [...b];".replace("= [", "=["), "declare const b: i32[]; ")],
  ["spread", "1:19", "export function f(...a: i32[]): i32 { return a.length; }"],
  ["optionalChain", "2:11", body("const a = g()?.v;", `${N}declare function g(): N | null; `)],
  ["undefinedValue", "2:11", body("const a = undefined;")],
  ["undefinedValue", "1:21", "export let x: i32 | undefined;"],
  ["anyType", "1:15", "export let x: any;"],
  ["anyType", "1:15", "export let x: unknown;"],
  ["anyType", "2:7", body("const a: [i32, i32] = g();", "declare function g(): [i32, i32]; ")],
  ["forIn", "2:1", body("for (const k in n) f();", `${N}const n = new N(); `)],
  ["looseEquality", "2:7", body("if (a == 1) f();", "let a = 1; ")],
  ["variable", "2:1", body("var a = 1;")],
  ["concatenation", "2:11", body('const a = "x" + b;', "let b = 1; ")],
  ["template", "2:11", body("const a = `x${b}`;", "let b = 1; ")],
  ["destructuring", "2:7", body("const [a] = b;", "const b: readonly i32[] = [1]; ")],
  ["destructuring", "2:9", body("const { v = 1 } = n;", `${N}const n = new N(); `)],
  ["objectLiteral", "1:14", "export const a = { x: 1 };"],
  ["objectLiteral", "2:11", body("const a = { x: 1 };")],
  ["namespace", "1:1", "namespace A { export const x = 1; }"],
  ["dynamicImport", "2:1", body('import("./test.ts");')],
  ["power", "2:11", body("const b = a ** 2;", "let a = 1; ")],
  ["logicalAssignment", "2:1", body("a ||= true;", "let a = false; ")],
  ["decorator", "1:1", "@mark class C {}\nfunction mark(_c: unknown): void {}".replace("unknown", "object")],
  ["symbolName", "2:1", "class C {\n#x: i32 = 1;\n}"],

  ["fraction", "1:23", "export const x: u32 = 1.5;"],
  ["mixed", "2:11", body("const c = a + b;", "let a: u32 = 1; let b: i32 = 1; ")],
  ["mixed", "2:5", body("if (a < b) f();", "let a: u32 = 1; let b: i32 = 1; ")],
  ["mixed", "2:5", body("if (a === b) f();", "let a: u32 = 1; let b: i32 = 1; ")],
  ["mixed", "2:1", body("a += b;", "let a: u32 = 1; let b: i32 = 1; ")],
  ["mixed", "2:5", body("a = 1 * b;", "let a: u32 = 1; let b: i32 = 1; ")],
  ["literalRange", "1:23", "export const x: u32 = -1;"],
  ["literalRange", "1:22", "export const x: u8 = 300;"],
  ["literalRange", "1:23", "export const x: i32 = 0x8000_0000;"],
  ["literalRange", "2:5", body("a = a + 0x1_0000_0000;", "let a: u32 = 1; ")],
  ["literalRange", "2:3", body("a[4] = 1;", "const a = new Uint8Array(4); ")],
  ["narrowing", "2:5", body("a = b;", "let a: u8 = 1; let b = 2; ")],
  ["narrowing", "2:5", body("a = c + c;", "let a: u8 = 1; let c: u8 = 2; ")],
  ["narrowing", "2:1", body("a += b;", "let a: u8 = 1; let b = 2; ")],
  ["brand", "2:5", body("p = v + 4;", "let p: paddr = 1; let v: vaddr = 2; ")],
  ["brand", "2:5", body("p = u;", "let p: paddr = 1; let u: u32 = 2; ")],
  ["brand", "2:5", body("if (p < v) f();", "let p: paddr = 1; let v: vaddr = 2; ")],
  ["signedShift", "2:11", body("const b = a >> 1;", "let a: u32 = 1; ")],
  ["unsignedShift", "2:11", body("const b = a >>> 1;", "let a: i32 = 1; ")],
  ["noWidth", "1:12", "export let x: number = 1;"],
  ["noWidth", "1:19", "export function f(x: number): void { f(x); }"],
  ["divisionByZero", "1:18", "export const x = 1 / 0;"],
  ["condition", "2:5", body("if (a) f();", "let a = 1; ")],
  ["condition", "2:5", body("if (a) f();", `${N}let a: N | null = null; `)],
  ["shiftRange", "1:23", "export const x = 1 << 32;"],
  [
    "operands",
    "2:11",
    body("const c = a + b;", "let a = true; let b = 1; ").replace("a + b", "-a").replace("let b = 1; ", ""),
  ],

  [
    "structure",
    "2:5",
    body(
      "a = b;",
      "class A { x: i32 = 0; y: i32 = 0; } class B { y: i32 = 0; x: i32 = 0; } let a = new A(); const b = new B(); ",
    ),
  ],
  [
    "structure",
    "2:3",
    body(
      "g(b);",
      "interface I { x: i32 } class B { y: i32 = 0; x: i32 = 0; } const b = new B(); function g(i: I): void { i.x = 1; } ",
    ),
  ],
  [
    "assignWhole",
    "2:1",
    body("n.p = q;", "class P { x: i32 = 0; } class O { p = new P(); } const n = new O(); const q = new P(); "),
  ],
  ["assignWhole", "2:1", body("rows[1] = q;", "class P { x: i32 = 0; } const rows = table(P, 2); const q = new P(); ")],
  [
    "fieldType",
    "2:1",
    "class C {\nx: void = g();\n}\nfunction g(): void {}\nconst c = new C();\nexport function f(): C { return c; }",
  ],
  ["tooLarge", "1:1", "class C { static readonly bytes = 4; a: u32 = 0; b: u8 = 0; }\nexport const c = new C();"],
  ["elementCount", "1:33", "export const a = new Uint8Array(g());\nfunction g(): i32 { return 4; }"],
  [
    "unionField",
    "2:3",
    body(
      "m.x = 1;",
      "class A { x: i32 = 0; } class B { y: i32 = 0; x: i32 = 0; } declare function g(): A | B; const m: A | B = g(); ",
    ),
  ],
  [
    "recordKeys",
    "2:17",
    "const enum E { A = 0, B = 0x1_0000 }\nexport const r: Record<E, i32> = { [E.A]: 1, [E.B]: 2 };",
  ],
  ["optionalField", "2:1", "class C {\nx?: i32;\n}\nexport const c = new C();"],
  ["optionalField", "1:19", "export function f(x?: i32): void { if (x === 1) f(); }"],
  ["nullable", "1:12", "export let x: i32 | null = null;"],
  [
    "virtualMethod",
    "2:1",
    "class A { m(): i32 { return 1; } } class B extends A {\noverride m(): i32 { return 2; }\n}",
  ],
  ["classValue", "2:11", body("const c = A;", "class A { x: i32 = 0; } ")],
  ["newArguments", "2:18", "class A { x: i32 = 0; }\nexport const a = new (A as never as new (x: i32) => A)(1);"],
  ["arrayOfSlices", "1:12", "export let x: i32[][];".replace("let x: i32[][];", "let x: readonly Uint8Array[] = [];")],
  [
    "volatileSlice",
    "2:3",
    body(
      "g(r.data);",
      "class R { readonly data = new Uint32Array(4); } const r = at(0x1000, R); function g(a: Uint32Array): u32 { return a[0]; } ",
    ),
  ],
  ["genericSize", "1:59", "export function f<T>(type: Class<T>): i32 { return sizeOf(type); }"],
  ["staticField", "2:1", "class C {\nstatic x = 1;\n}"],
  ["alignment", "1:1", "class C { static readonly alignment = 3; x: u8 = 0; }\nexport const c = new C();"],

  ["endless", "1:35", "export class C { readonly inner = new C(); }\nexport const c = new C();"],
  ["escapes", "2:1", body("return n;".replace("return n;", "kept = new N();"), `${N}let kept: N | null = null; `)],
  ["outlivesIteration", "2:58", body("let last: N | null = null; for (;;) { if (last === last) last = new N(); }", N)],

  [
    "staleView",
    "4:1",
    body("const first = receive(inbox);\nconst second = receive(inbox);\nuse(first);\nuse(second);", MAILBOX),
  ],
  ["staleView", "4:1", body("const first = receive(inbox);\nfor (;;) {\nuse(first);\nreceive(inbox);\n}", MAILBOX)],
  ["closure", "2:42", body("let a = 1; const g = (): i32 => { return a; }; a = g();").replace("return a", "return a")],
  ["methodValue", "2:11", body("const g = c.m;", "class C { x: i32 = 0; m(): void {} } const c = new C(); ")],
  ["parameterDefault", "1:32", body("g();", "let k = 1; function g(x: i32 = k): void { k = x; } ")],
  ["resultType", "1:17", "export function f(x: i32) { return x + x; }"],
  [
    "notCallable",
    "2:1",
    body(
      "o.t`x`;",
      "interface O { t(text: TemplateStringsArray): void } const o: O = { t: g }; function g(text: TemplateStringsArray): void { text.length; } ",
    ),
  ],
  ["declared", "2:1", body("g();", "declare function g(): void; ")],
  ["declared", "2:1", body("g();", "declare const g: () => void; ")],
  [
    "declared",
    "2:1",
    "abstract class C { abstract m(): void; x: i32 = 0; } export function f(c: C): void {\nc.m();\n}",
  ],
  ["thisOutside", "2:1", body("this.x;", "interface O { x: i32 } ").replace("f(): void", "f(this: O): void")],
  [
    "tag",
    "2:10",
    body(
      "print`a${1}`;",
      "export declare function print(text: TemplateStringsArray, ...values: Printable[]): void; export function printText(_t: string): void {} export function printEnd(): void {} ",
    ),
  ],
  [
    "tagValue",
    "2:9",
    body(
      "print`${b}`;",
      "let b = true; export declare function print(text: TemplateStringsArray, ...values: (Printable | boolean)[]): void; export function printEnd(): void {} ",
    ),
  ],
  ["coreValue", "2:11", body("const a = fence;")],

  ["staticValue", "2:1", body("linkerSymbol(g());", "declare function g(): string; ")],
  ["assemblyOperand", "1:28", "export const r = asm`nop ${g()}`;\nfunction g(): i32 { return 1; }"],
  ["routinePlace", "1:12", "export let r = asm`ret`;"],
  ["assembly", "2:1", body("asm`bogus x1`;")],
  [
    "assembly",
    "2:11",
    "export const start = asm`nop`;\nconst r = asm`lw a0, 0({x})`; export const s = asm`la a0, ${r}`;".replace(
      "{x}",
      "${start}",
    ),
  ],
  ["assembly", "3:1", "\nexport const start = asm`\n j 1f; addi a0`;"],
  ["assembly", "2:22", "\nexport const start = asm`\n j 1f`;"],
  ["topLevel", "1:1", "f();\nexport function f(): void {}"],
  ["arguments", "2:1", body("ecall(1, 2, 3, 4, 5, 6, 7, 8);")],
  [
    "callableRoutine",
    "2:1",
    body("(r as never as () => void)();".replace("(r as never as () => void)", "r"), "const r = asm`ret`; "),
  ],
];

/** Valid TypeScript (or nearly) that the language has no place for, or only just. */
const foreign = [
  "export const f = function (this: { x: i32 }): i32 { return this.x; };",
  "export const f = (): (() => i32) => () => 1;",
  "export function f<T extends i32>(x: T): T { return x; }",
  "export type A<T> = T extends string ? i32 : u32; export function f(x: A<string>): i32 { return x; }",
  "export function f(x: keyof { a: i32 }): string { return x; }",
  "export abstract class C { abstract m(): void; x: i32 = 0; } export function f(c: C): void { c.m(); }",
  "export class C<T> { x: T | null = null; } export const c = new C<i32>();",
  "export class C { readonly self: C = this; } export const c = new C();",
  "export class C { x = this; } export const c = new C();",
  "export class C { inner = new C(); } export const c = new C();",
  "export interface I { readonly i: I } export const i: I = { i: null as never };",
  "export const a = [1, 2, 3];",
  "export const a: readonly (readonly i32[])[] = [[1], [2]];",
  "export const s: symbol = Symbol.iterator;",
  "export enum E { A = 'x' } export const e = E.A;",
  "export enum E { A, B } export const name = E[0];",
  "export const enum E { A = g() } function g(): i32 { return 1; }",
  "export function f(e: never): never { return e; }",
  "export function f(x: object): object { return x; }",
  "export function f(x: {}): {} { return x; }",
  "export function f(x: i32 | string): void { if (x === 1) f(x); }",
  "export function f(x: i32[] | Uint8Array): i32 { return x.length; }",
  "export function f(...[a, b]: [i32, i32]): i32 { return a + b; }",
  "export function f({ a }: { a: i32 }): i32 { return a; }",
  "export const { length } = 'abc';",
  "export const [a, b] = [1, 2];",
  "export default function (): void {}",
  "export default class {}",
  "export { f as g }; function f(): void {}",
  "export * from './test.ts';",
  "export function f(): void { import(f); }",
  "export const e = import(1 + 2); export function f(): void { asm`1f: ${f} ${e} ,,( {`; }",
  "export function f(): i32 { label: { break label; } return 1; }",
  "export function f(x: i32): i32 { switch (x) { case x: return 1; case f(x): return 2; default: } return 0; }",
  "export function f(): void { for (let i = 0, s = ''; i < 1; i++) s.length; }",
  "export function f(a: readonly string[]): void { for (const [x] of a) x; }",
  "export function f(a: Uint8Array): void { let i; for (i of a) i; }",
  "export function f(): void { class Local { x: i32 = 1; } const l = new Local(); l.x++; }",
  "export function f(): void { function g(): void { f(); } g(); enum E { A } let e = E.A; e = e; }",
  "export function f(): void { const g = f; g(); (0, f)(); (f)(); f!(); }",
  "export function f(): void { new f(); }",
  "export function f(x: i32): void { x = x ?? 1; }",
  "export function f(): void { const x = null; if (x === null) f(); }",
  "export let x = null; export let y = undefined;",
  "export let f: (() => void) | null = null; export function g(): void { f?.(); if (f !== null) f(); }",
  "export function f(x: bigint): bigint { return x ** 2n + x / 0n; }",
  "export const x = 1n + 2n * 3n << 70n;",
  "export const t = `a`; export const u = `a${t}`; export const v = String.raw`x`;",
  "export function f(x: u32): boolean { return !x && !!x; }",
  "export function f(x: boolean): i32 { return +x; }",
  "export function f(x: boolean): i32 { return x ? 1 : x ? (2 as never) : unreachable(); }",
  "export const f = async (): Promise<void> => {};",
  "export const o = { m() { return 1; }, get x() { return 1; }, ['y']: 2, 3: 4 };",
  "export class C { static { } static readonly a = g(); ['x']: i32 = 1; 'y z': i32 = 2; declare w: i32; } function g(): i32 { return C.a; }",
  "export class A { x: i32 = 0; } export class B extends A { override x = 5; y = this.x; } export const b = new B();",
  "export function f(a: Uint8Array): void { a.length = 3; delete a[0]; a['length']; }",
  "export function f(): u32 { return csr['mstatus'] + csr.mstatus++; }",
  "export const c = csr; export const a = at; export const b = Uint8Array;",
  "export function f(): void { table(Uint8Array, 3); references(Uint8Array, 2); new Uint8Array(-1); new Array(3); }",
  "export function f(): Code { return asm`nop ${1.5} ${'x'} ${null}`; }",
  "export function f(x: Printable): void { f(hex(1)); f(char(2)); f(x); }",
  "export function f(): i32 { return sizeOf(Uint8Array) + offsetOf(C, 'x'); } class C { static x = 1; }",
  "if (true) { } for (;;) break; 1 + 1; export {};",
  "namespace N { export const x = 1; } export const y = N.x;",
  "export function f(n: N): i32 { return n['inner'].v + n['x'] + csr['mstatus']; } class I { v: i32 = 0; } class N { readonly inner = new I(); x: i32 = 0; }",
  "declare global { interface X { y: i32 } } export {};",
  "import type { Missing } from './missing.ts'; export type M = Missing;",
  "type R = Record<string, i32>; export function f(r: R): i32 { return r['a'] + r.b; }",
  "export const r: Record<'a' | 'b', i32> = { a: 1, b: 2 }; export function f(k: 'a' | 'b'): i32 { return r[k] + r.a; }",
];

describe("errors of the compiler", () => {
  for (const [name, place, source] of cases) {
    it(`${name}: ${typeof source === "string" ? source.replace(/\s+/g, " ").slice(-60) : "several files"}`, () => {
      expect(problems(source)).to.include(`${place} RX${errors[name].code}`);
    });
  }

  it("are all tried here, but for those that need no source", () => {
    const tried = new Set<string>(cases.map(([name]) => name));
    const elsewhere = ["unreadable", "noMain", "internal"];
    expect(Object.keys(errors).filter((name) => !tried.has(name) && !elsewhere.includes(name))).to.deep.equal([]);
  });

  it("are what foreign TypeScript gives, and never a failure of the compiler", () => {
    for (const source of foreign) {
      const { diagnostics } = lower({ "test.ts": source });
      const internal = diagnostics.filter(({ code }) => code === `RX${errors.internal.code}`);
      expect(internal.map(formatDiagnostic), source).to.deep.equal([]);
    }
  });

  it("has each a code of its own", () => {
    const codes = Object.values(errors).map(({ code }) => code);
    expect(new Set(codes).size).to.equal(codes.length);
  });

  it("says file, line, column, code and what to write, as tsc does", () => {
    const [first] = lower({ "kernel/x.ts": "export function f(): void {\n  throw 1;\n}" }).diagnostics as [Diagnostic];
    expect(formatDiagnostic(first)).to.equal(
      "kernel/x.ts:2:3 - error RX1001: exceptions do not exist; write return a Status, or assert instead",
    );
  });

  it("lets tsc speak first", () => {
    expect(problems("export const x: Map = 1;\nexport function f(): void { throw 1; }")).to.deep.equal([
      "1:17 TS2583",
      "2:29 RX1001",
    ]);
  });

  it("allows views of other mailboxes, and views received anew", () => {
    const source = body(
      "let r = receive(inbox); const o = receive(other); use(r);\nfor (;;) { r = receive(inbox); use(r); use(o); }",
      MAILBOX,
    );
    expect(problems(source)).to.deep.equal([]);
  });

  it("reports several in one run, one for each statement", () => {
    const source = body(
      "const a: u8 = 300;\nconst b = i + u;\nu *= i;\nif (i) u = 1;",
      "let u: u32 = 1; let i: i32 = 1; ",
    );
    expect(problems(source)).to.deep.equal(["2:15 RX2003", "3:11 RX2002", "4:1 RX2002", "5:5 RX2010"]);
  });

  it("does not repeat what follows from an earlier one", () => {
    expect(
      problems(body("const a = g() + u;\nu = a;\nu = a + 1;", "let u: u32 = 1; function g(): i32 { return 1; } ")),
    ).to.deep.equal(["2:11 RX2002"]);
  });
});
