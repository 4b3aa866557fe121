/** Slices, strings, variables and modules of systems TypeScript, one small program for each construct: what it computes, interpreted and as machine code. */
import { type Case, describeLanguage, expectMachineResult, expectResult, main } from "./guest-program.ts";

const suites: Record<string, Case[]> = {
  "slices and strings": [
    [
      "typed arrays",
      main(
        "const a = new Int32Array(3); a[0] = -5; a[2] = 7; const b = new Uint16Array(2); b[1] = 65535; return a[0] + a[1] + a[2] + b[1];",
      ),
      65537,
    ],
    [
      "slices as parameters and results",
      main(
        "const a = new Uint8Array(8); for (let i = 0; i < 8; i++) a[i] = u8(i); const s = tail(a, 3); return s.length * 100 + s[0] * 10 + s[4];",
        "function tail(a: Uint8Array, n: i32): Uint8Array { return a.subarray(n); }",
      ),
      537,
    ],
    [
      "slices as variables",
      main(
        "let rest = data.subarray(0); let n = 0; while (rest.length > 0) { n = n * 10 + rest[0]; rest = rest.subarray(1); } return n;",
        "const data = new Uint8Array(3);",
      ).replace("let rest", "data[0] = 1; data[1] = 2; data[2] = 3; let rest"),
      123,
    ],
    [
      "subarray of wider elements",
      main("const a = new Uint32Array(6); a[4] = 44; return i32(a.subarray(2, 5)[2]) + a.subarray(2, 5).length;"),
      47,
    ],
    [
      "fill",
      main(
        "const a = new Uint8Array(5); a.fill(7); const b = new Uint32Array(3); b.fill(5); const c = new Int32Array(2); c.fill(-1); return a[4] * 100 + i32(b[2]) * 10 + c[1];",
      ),
      749,
    ],
    [
      "set, also overlapping",
      main(
        "const a = new Uint8Array(8); for (let i = 0; i < 8; i++) a[i] = u8(i); a.set(a.subarray(0, 5), 2); let n = 0; for (const x of a) n = n * 8 + x; return n;",
      ),
      0o01012347,
    ],
    [
      "set backwards",
      main(
        "const a = new Uint8Array(8); for (let i = 0; i < 8; i++) a[i] = u8(i); a.set(a.subarray(3)); return a[0] * 100 + a[4] * 10 + a[5];",
      ),
      375,
    ],
    [
      "array literals of integers",
      main(
        "return primes.length * 100 + i32(primes[2]) + i32(small[1]);",
        "const primes: readonly u32[] = [2, 3, 5, 7]; const small: readonly u8[] = [9, 8];",
      ),
      413,
    ],
    [
      "array literals on the stack",
      main("let k = 5; const a: i32[] = [1, k, k * 2]; a[0] = 100; let n = 0; for (const x of a) n += x; return n;"),
      115,
    ],
    [
      "read-only array literals as arguments",
      main(
        "return sum([1, 2, 3]) + sum([10]);",
        "function sum(a: readonly i32[]): i32 { let n = 0; for (const x of a) n += x; return n; }",
      ),
      16,
    ],
    [
      "arrays of booleans and of strings",
      main(
        "let n = 0; for (const f of flags) n = n * 2 + (f ? 1 : 0); return n * 10 + names[1].length;",
        'const flags: readonly boolean[] = [true, false, true]; const names: readonly string[] = ["a", "four"];',
      ),
      54,
    ],
    [
      "nullable slices",
      main(
        "const s = find(true); const t = find(false); return (s === null ? 0 : s.length) * 10 + (t === null ? 1 : 0);",
        "const data = new Uint8Array(6); function find(ok: boolean): Uint8Array | null { return ok ? data : null; }",
      ),
      61,
    ],
    [
      "bytes of a struct",
      main(
        "const p = new P(); p.a = 0x0403_0201; const b = bytesOf(p); return b.length * 1000 + b[3] * 100 + b[0];",
        "class P { a: u32 = 0; b: u8 = 0; }",
      ),
      8401,
    ],
    [
      "strings",
      main('const s = "h\\u00e9llo"; return s.length * 1000 + s.charCodeAt(0) + s.bytes[2];'),
      6000 + 104 + 0xa9,
    ],
    [
      "string comparison by content",
      main(
        'const a = new Uint8Array(8); a[0] = 3; a[4] = 97; a[5] = 98; a[6] = 99; const s = stringAt(address(a)); return (s === "abc" ? 1 : 0) + (s !== "abd" ? 10 : 0) + (s === "abcd" ? 100 : 0);',
      ),
      11,
    ],
    [
      "strings as fields, parameters and results",
      main(
        "const p = new P(); p.name = pick(true); return p.name.length * 10 + pick(false).length;",
        'class P { name: string = ""; } function pick(x: boolean): string { return x ? "three" : "no"; }',
      ),
      52,
    ],
    [
      "nullable strings",
      main(
        'return length(null) * 10 + length("abc");',
        "function length(s: string | null): i32 { return s === null ? 0 : s.length; }",
      ),
      3,
    ],
    [
      "for over a variable that changes",
      main(
        "let list = data; let n = 0; for (const x of list) { list = other; n += x; } return n;",
        "const data: readonly i32[] = [1, 2, 3]; const other: readonly i32[] = [100];",
      ),
      6,
    ],
    [
      "clear a slice",
      main(
        "const a = new Uint32Array(5); a.fill(9); clear(a.subarray(1, 4)); let n = 0; for (const x of a) n += i32(x); return n;",
      ),
      18,
    ],
  ],
  "module variables": [
    [
      "constants, variables, and what start-up computes",
      main(
        "counter += 2; return counter * 1000 + computed + FIXED;",
        "const FIXED = 7; let counter = 5; const computed = twice(20); function twice(x: i32): i32 { return x * 2; }",
      ),
      7047,
    ],
    [
      "initialisers in order",
      main("return second;", "let first = 3; let second = next(); function next(): i32 { return ++first * 10; }"),
      40,
    ],
    [
      "inferred widths",
      main("return page >>> 28 === 15 ? 1 : 0;", "let base: u32 = 0xf000_0123; const page = (base + 0xfff) & ~0xfff;"),
      1,
    ],
    [
      "references to rows",
      main(
        "second.v = 4; return rows[1].v;",
        "class R { v: i32 = 0; } const rows = table(R, 3); const second = rows[1];",
      ),
      4,
    ],
    [
      "static object literals",
      main(
        "return config.size * 10 + config.name.length + config.inner.x;",
        'interface I { readonly x: i32 } interface C { readonly size: i32; readonly name: string; readonly inner: I } const config: C = { size: 4, name: "abc", inner: { x: 100 } };',
      ),
      143,
    ],
    [
      "static object literals of classes",
      main("p.x++; return p.x * 10 + p.y;", "class P { x: i32 = 0; y: i32 = 0; } const p: P = { x: 1, y: 2 };"),
      22,
    ],
    [
      "tables of object literals",
      main(
        "let n = 0; for (const r of rows) n += r.v * r.name.length; return n;",
        'interface R { readonly name: string; readonly v: i32 } const rows: readonly R[] = [{ name: "a", v: 5 }, { name: "bcd", v: 7 }];',
      ),
      26,
    ],
    [
      "slices in static data",
      main(
        "let n = 0; for (const r of rows) for (const x of r.values) n += x; return n;",
        "interface R { readonly values: readonly i32[] } const rows: readonly R[] = [{ values: [1, 2] }, { values: [] }, { values: [30] }];",
      ),
      33,
    ],
    [
      "fields that start-up computes",
      main(
        "return box.x;",
        "let seed = 4; function next(): i32 { return ++seed; } class Box { x: i32 = next(); } const box = new Box();",
      ),
      5,
    ],
    [
      "references that change",
      main(
        "current = b; return current === b ? current.v : 0;",
        "class N { v: i32 = 3; } const a = new N(); const b = new N(); let current: N = a;",
      ),
      3,
    ],
    [
      "objects behind variables",
      main(
        "const old = current; current = spare; return old.v * 10 + current.v;",
        "class N { v: i32 = 3; } let current = new N(); const spare = new N();",
      ).replace("return", "spare.v = 4; return"),
      34,
    ],
  ],
  "the language's own functions": [
    [
      "views of memory",
      main(
        "words[1] = 0x0000_8001; const r = view(address(words) + 4, R); return r.low * 10 + r.high;",
        "class R { low: u8 = 0; high: u8 = 0; } const words = new Uint32Array(2);",
      ),
      138,
    ],
    [
      "volatile structs",
      main(
        "const r = at(address(words), R); r.control = 5; r.control |= 8; return i32(words[0]) + i32(r.status);",
        "class R { control: u32 = 0; status: u32 = 0; } const words = new Uint32Array(2);",
      ),
      13,
    ],
    [
      "slices of memory",
      main(
        "const b = bytesAt(address(words) + 1, 2); b[1] = 3; const w = wordsAt(address(words), 2); return i32(w[0]) + w.length;",
        "const words = new Uint32Array(2);",
      ),
      0x30002,
    ],
    [
      "tables of memory",
      main(
        "const t = tableAt(address(words), R, 2); t[1].b = 5; return i32(words[3]) * 10 + t.length;",
        "class R { a: u32 = 0; b: u32 = 0; } const words = new Uint32Array(4);",
      ),
      52,
    ],
    [
      "tables of strings",
      main(
        'words[0] = address("one"); words[1] = address("three"); const s = stringsAt(address(words), 2); let n = 0; for (const each of s) n = n * 10 + each.length; return n;',
        "const words = new Uint32Array(2);",
      ),
      35,
    ],
    [
      "addresses of fields and elements",
      main(
        "return i32(address(p.c) - address(p)) * 10 + i32(address(rows[2]) - address(rows));",
        "class P { a: u32 = 0; b: u8 = 0; readonly c = new Uint8Array(3); } const p = new P(); const rows = table(P, 3);",
      ),
      5 * 10 + 16,
    ],
    [
      "classes passed to generic functions",
      main(
        "return i32(device(address(words), R).a);",
        "class R { a: u32 = 0; } const words = new Uint32Array(1); function device<T>(where: vaddr, type: Class<T>): T { return at(where, type); }",
      ),
      0,
    ],
    [
      "formatted text",
      main(
        'print`a${5}b${-6}c${h()}d${"xy"}e${hex(255)}f${char(65)}g${7n}h${data}`; return log;',
        "let log = 0; const data = new Uint8Array(3); function h(): u32 { return 8; } function add(x: i32): void { log = log * 3 + x; } export declare function print(text: TemplateStringsArray, ...values: Printable[]): void; export function printText(t: string): void { add(t.length); } export function printUnsigned(n: u32): void { add(i32(n)); } export function printSigned(n: i32): void { add(n); } export function printLong(n: u64): void { add(i32(n)); } export function printHexadecimal(n: u32): void { add(i32(n)); } export function printCharacter(n: u32): void { add(i32(n)); } export function printBytes(b: Uint8Array): void { add(b.length); } export function printEnd(): void { add(9); }",
      ),
      [1, 5, 1, -6, 1, 8, 1, 2, 1, 255, 1, 65, 1, 7, 1, 3, 9].reduce((sum, x) => (Math.imul(sum, 3) + x) | 0, 0),
    ],
    ["fences", main("let x = 1; fence(); return x;"), 1],
  ],
};

describeLanguage(suites);

describe("modules of systems TypeScript", () => {
  it("share functions, constants, classes and variables", () => {
    expectResult(
      {
        "test.ts": `import { bump, counter, LIMIT, type Shape, Square as Box } from "./lib/other.ts";
          import * as other from "./lib/other.ts";
          export function main(): i32 { const s = new Box(); bump(); bump(); other.bump(); return area(s) * 100 + counter * 10 + LIMIT + other.LIMIT; }
          function area(s: Shape): i32 { return s.side * s.side; }`,
        "lib/other.ts": `export const LIMIT = 3; export let counter = 0; export function bump(): void { counter++; }
          export class Shape { side: i32 = 1; } export class Square extends Shape { override side = 2; }`,
      },
      436,
    );
  });

  it("re-export", () => {
    expectResult(
      {
        "test.ts": 'import { value } from "./middle.ts"; export function main(): i32 { return value(); }',
        "middle.ts": 'export { value } from "./end.ts";',
        "end.ts": "export function value(): i32 { return 11; }",
      },
      11,
    );
  });
});

describe("assembly in systems TypeScript", () => {
  it("sees numbers in registers and static objects by symbol", () => {
    expectMachineResult(
      [
        "const result = new Uint32Array(2);",
        "export function main(): i32 {",
        "  const n: u32 = 40;",
        "  asm`addi t0, ${n}, 2\n sw t0, 0(${place()})`;",
        "  asm`la t1, ${result}\n lw t0, 0(t1)\n sw t0, 4(t1)`;",
        "  return i32(result[0] + result[1]);",
        "}",
        "function place(): vaddr { return address(result); }",
      ].join("\n"),
      84,
    );
  });

  it("sees an address as a number, even one that is known when compiled", () => {
    expectMachineResult(
      [
        "const result = new Uint32Array(1);",
        "export function main(): i32 {",
        "  const place = address(result);",
        "  asm`li t0, 7\n sw t0, 0(${place})`;",
        "  return i32(result[0]);",
        "}",
      ].join("\n"),
      7,
    );
  });
});
