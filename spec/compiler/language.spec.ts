/** The constructs of systems TypeScript, one small program each: what it computes, interpreted and as machine code. */
import { expectMachineResult, expectResult } from "./guest-program.ts";

/** `main` with this body. */
const main = (body: string, before = ""): string => `${before}\nexport function main(): i32 { ${body} }`;

const suites: Record<string, [name: string, source: string, expected: number | bigint][]> = {
  "control flow": [
    ["if and else", main("let a = 3; if (a > 2) a = 10; else a = 20; if (a === 20) return 1; return a;"), 10],
    [
      "short circuits",
      main(
        "let n = 0; if (hit(0) && hit(1) || hit(2) && !hit(3)) n = 1; return calls * 10 + n;",
        "let calls = 0; function hit(x: i32): boolean { calls = calls * 4 + x; return x >= 2; }",
      ),
      (2 * 4 + 3) * 10,
    ],
    ["conditions as values", main("const a = 5; let b = 7; const c = b > a && b < 10; return c ? 1 : 0;"), 1],
    [
      "while, break and continue",
      main(
        "let i = 0; let sum = 0; while (true) { i++; if (i > 10) break; if (i % 2 === 0) continue; sum += i; } return sum;",
      ),
      25,
    ],
    ["do while", main("let i = 10; do { i++; } while (i < 5); return i;"), 11],
    ["for without parts", main("let i = 0; for (;;) { if (++i === 7) return i; }"), 7],
    ["for with two variables", main("let n = 0; for (let i = 0, j = 10; i < j; i++, j--) n += j - i; return n;"), 30],
    [
      "labels",
      main(
        "let n = 0; outer: for (let i = 0; i < 5; i++) { for (let j = 0; j < 5; j++) { if (j === 3) continue outer; if (i === 3) break outer; n++; } } return n;",
      ),
      9,
    ],
    ["labelled blocks", main("let n = 0; done: { n = 1; if (n === 1) break done; n = 2; } return n;"), 1],
    [
      "switch with fallthrough to shared bodies",
      main(
        "let s = 0; for (let i = 0; i < 6; i++) switch (i) { case 0: case 1: s += 1; break; case 3: s += 10; break; default: s += 100; } return s;",
      ),
      312,
    ],
    [
      "switch with default first",
      main(
        "const pick = (x: i32): i32 => { switch (x) { default: return 9; case 4: return 1; } }; return pick(4) * 10 + pick(5);",
      ),
      19,
    ],
    [
      "switch over sparse and negative values",
      main(
        "return f(-1000000) + f(70000) + f(3);",
        "function f(x: i32): i32 { switch (x) { case -1000000: return 1; case 70000: return 20; case 3: return 300; case 4: return 7; } return 0; }",
      ),
      321,
    ],
    [
      "switch over strings",
      main(
        'return f("one") * 100 + f("two") * 10 + f("three");',
        'function f(s: string): i32 { switch (s) { case "one": return 1; case "two": return 2; default: return 9; } }',
      ),
      129,
    ],
    [
      "switch over u64",
      main(
        "return f(0x1_0000_0001n) * 10 + f(1n);",
        "function f(x: u64): i32 { switch (x) { case 1n: return 1; case 0x1_0000_0001n: return 2; } return 0; }",
      ),
      21,
    ],
    [
      "break inside a switch inside a loop",
      main(
        "let n = 0; for (let i = 0; i < 4; i++) { switch (i) { case 2: continue; case 3: break; default: n += 1; } n += 10; } return n;",
      ),
      32,
    ],
    ["nested conditional expressions", main("let x = 5; return x < 3 ? 1 : x < 6 ? 2 : 3;"), 2],
    [
      "recursion",
      main("return fib(12);", "function fib(n: i32): i32 { return n < 2 ? n : fib(n - 1) + fib(n - 2); }"),
      144,
    ],
    [
      "early return in the middle of a loop",
      main("for (const x of values) if (x > 10) return x; return 0;", "const values: readonly i32[] = [3, 9, 12, 15];"),
      12,
    ],
    [
      "code behind return is checked and dropped",
      main("return 1; let x = 5; x++; return x;")
        .replace("return 1;", "if (yes()) return 1;")
        .concat("function yes(): boolean { return true; }"),
      1,
    ],
  ],
  structs: [
    [
      "fields of every width",
      main(
        "const t = new T(); t.a = 255; t.b = 65535; t.c = -1; t.d = true; t.e = 0xffff_ffffn; return i32(t.a) + t.b + t.c + (t.d ? 1 : 0) + i32(t.e >> 31n);",
        "class T { a: u8 = 0; b: u16 = 0; c: i32 = 0; d: boolean = false; e: u64 = 0n; }",
      ),
      255 + 65535 - 1 + 1 + 1,
    ],
    [
      "layout with natural alignment",
      main(
        'return sizeOf(T) * 10000 + offsetOf(T, "b") * 1000 + offsetOf(T, "c") * 100 + offsetOf(T, "e");',
        "class T { a: u8 = 0; b: u16 = 0; c: i32 = 0; d: u8 = 0; e: u64 = 0n; }",
      ),
      24 * 10000 + 2000 + 400 + 16,
    ],
    [
      "field initialisers",
      main(
        "const t = new T(); return t.a + t.b.x + i32(t.c[2]);",
        "class I { x: i32 = 40; } class T { a: i32 = 2; readonly b = new I(); readonly c = new Uint8Array(4); }",
      ),
      42,
    ],
    [
      "base classes first",
      main(
        'const d = new D(); d.a = 1; const b: B = d; b.a += 5; return d.a * 100 + offsetOf(D, "c") * 10 + d.c;',
        "class B { a: i32 = 0; } class D extends B { c: i32 = 3; }",
      ),
      643,
    ],
    [
      "overridden defaults",
      main(
        "const d = new D(); const b: B = d; return i32(b.type) + b.x;",
        "const enum K { One = 7 } class B { readonly type: u32 = 0; x: i32 = 1; } class D extends B { override readonly type = K.One; }",
      ),
      8,
    ],
    [
      "fixed size and alignment, inherited",
      main(
        "return sizeOf(L) + sizeOf(M) + i32(address(three[1]) - address(three[0])) + i32(address(one) & 63);",
        "class M { static readonly bytes = 64; static readonly alignment = 64; a: u32 = 0; } class L extends M { b: u64 = 0n; } const one = new L(); const three = table(L, 3);",
      ),
      192,
    ],
    [
      "alignment on the stack",
      main(
        "let x = 1; const m = new M(); m.a = u32(x); return i32(address(m) & 63) + i32(m.a);",
        "class M { static readonly bytes = 64; static readonly alignment = 64; a: u32 = 0; }",
      ),
      1,
    ],
    [
      "references, null and identity",
      main(
        "a.next = b; b.next = null; let n = 0; for (let at: N | null = a; at !== null; at = at.next) n += at.v; return a.next === b && b !== a ? n : -1;",
        "class N { v: i32 = 0; next: N | null = null; } const a = new N(); const b = new N();",
      ).replace("a.next = b;", "a.v = 1; b.v = 2; a.next = b;"),
      3,
    ],
    [
      "?? on a missing struct",
      main(
        "const found = find(3) ?? fallback; const other = find(1) ?? fallback; return found.v * 10 + other.v;",
        "class N { v: i32 = 0; } const fallback = new N(); const only = new N(); function find(k: i32): N | null { fallback.v = 9; only.v = 4; return k === 1 ? only : null; }",
      ),
      94,
    ],
    [
      "methods and this",
      main(
        "const c = new Counter(); c.add(3).add(4); return c.total;",
        "class Counter { total: i32 = 0; add(n: i32): this { this.total += n; return this; } }",
      )
        .replace("const c = new Counter();", "const c = shared;")
        .replace("class Counter", "class Counter")
        .concat("const shared = new Counter();"),
      7,
    ],
    [
      "inherited methods and super",
      main(
        "const d = new D(); return d.base() * 10 + d.both();",
        "class B { x: i32 = 2; base(): i32 { return this.x; } } class D extends B { y: i32 = 3; both(): i32 { return super.base() + this.y; } }",
      ),
      25,
    ],
    [
      "static constants and methods",
      main(
        "return C.LIMIT + C.twice(4);",
        "class C { static readonly LIMIT = 100; static twice(n: i32): i32 { return n * 2; } a: u8 = 0; }",
      ),
      108,
    ],
    [
      "destructuring of fields",
      main(
        "const { a, b: other, inner } = thing; thing.a = 50; inner.x = 4; return a * 100 + other * 10 + thing.inner.x;",
        "class I { x: i32 = 0; } class T { a: i32 = 1; b: i32 = 2; readonly inner = new I(); } const thing = new T();",
      ),
      124,
    ],
    [
      "tables in place",
      main(
        "for (let i = 0; i < rows.length; i++) rows[i].v = i * i; let sum = 0; for (const row of rows) sum += row.v; return sum + rows[3].v;",
        "class R { v: i32 = 0; spare: u8 = 0; } const rows = table(R, 5);",
      ),
      39,
    ],
    [
      "tables inside structs",
      main(
        "box.rows[2].v = 5; box.rows[1].v = 7; return box.rows[2].v * 10 + box.after;",
        "class R { v: u8 = 0; w: u8 = 0; } class Box { before: u8 = 1; readonly rows = table(R, 3); after: i32 = 4; } const box = new Box();",
      ),
      54,
    ],
    [
      "tables of defaults",
      main(
        "let n = 0; for (const r of rows) n = n * 10 + r.v; return n;",
        "class R { v: i32 = 7; } const rows = table(R, 3);",
      ),
      777,
    ],
    [
      "tables of defaults on the stack",
      main(
        "const rows = table(R, 9); rows[8].v++; let n = 0; for (const r of rows) n += r.v; return n;",
        "class R { v: i32 = 7; w: u8 = 0; }",
      ),
      64,
    ],
    [
      "tables of references",
      main(
        "all[1] = a; let n = 0; for (const each of all) if (each !== null) n += each.v; all[0] = all[1]; return n * 10 + (all[0] === a ? 1 : 0);",
        "class N { v: i32 = 6; } const a = new N(); const all = references(N, 4);",
      ),
      61,
    ],
    [
      "copy and clear",
      main(
        "copy(b, a); a.x = 9; const before = b.x; clear(b); return before * 10 + b.x + b.y;",
        "class P { x: i32 = 3; y: i32 = 4; } const a = new P(); const b = new P();",
      ),
      30,
    ],
    [
      "structs as out-parameters",
      main(
        "const p = new P(); if (!fill(p)) return 0; return p.x;",
        "class P { x: i32 = 0; } function fill(p: P): boolean { p.x = 77; return true; }",
      ),
      77,
    ],
    [
      "stack objects made anew in each iteration",
      main(
        "let n = 0; for (let i = 0; i < 3; i++) { const p = new P(); p.x += i; n += p.x; } return n;",
        "class P { x: i32 = 10; }",
      ),
      33,
    ],
    [
      "object literals on the stack",
      main(
        "let k = 4; const p: P = { x: k, y: 2 }; return sum(p) + sum({ x: 1, y: k });",
        "interface P { x: i32; y: i32 } function sum(p: P): i32 { return p.x * 10 + p.y; }",
      ),
      56,
    ],
    [
      "generic classes over references",
      main(
        "list.push(a); list.push(b); return (list.head as N).v * 10 + (list.head as N).next!.v;",
        "class N { v: i32 = 1; next: N | null = null; } class List<T extends N> { head: T | null = null; push(n: T): void { n.next = this.head; this.head = n; } } const list = new List<N>(); const a = new N(); const b = new N();",
      ).replace("list.push(a);", "a.v = 1; b.v = 2; list.push(a);"),
      21,
    ],
    [
      "generic functions",
      main(
        "const p = pick(a, b, true); const q = pick(a, b, false); return p.v * 10 + q.v;",
        "class N { v: i32 = 0; } const a = new N(); const b = new N(); function pick<T>(x: T, y: T, first: boolean): T { return first ? x : y; }",
      ).replace("const p", "a.v = 3; b.v = 4; const p"),
      34,
    ],
    [
      "message views by cast",
      main(
        "inbox.words[2] = 17; const r = inbox as Base as Read; return r.count;",
        "class Base { static readonly bytes = 64; type: u32 = 0; } class Inbox extends Base { readonly words = new Int32Array(4); } class Read extends Base { a: i32 = 0; b: i32 = 0; count: i32 = 0; } const inbox = new Inbox();",
      ),
      17,
    ],
    [
      "narrowing a union by its tag",
      main(
        "const r = new Read(); r.count = 5; const w = new Write(); w.bytes = 6; return size(r) * 10 + size(w);",
        "const enum K { Read = 1, Write = 2 } class M { readonly type: u32 = 0; } class Read extends M { override readonly type = K.Read; count: i32 = 0; } class Write extends M { override readonly type = K.Write; pad: u8 = 0; bytes: i32 = 0; } function size(m: Read | Write): i32 { switch (m.type) { case K.Read: return m.count; case K.Write: return m.bytes; } }",
      ),
      56,
    ],
    [
      "structs in fields of structs",
      main(
        "o.m.i.x = 4; const m = o.m; m.i.y = 5; return o.m.i.x * 10 + o.m.i.y;",
        "class I { x: i32 = 0; y: i32 = 0; } class M { a: u8 = 0; readonly i = new I(); } class O { b: u16 = 0; readonly m = new M(); } const o = new O();",
      ),
      45,
    ],
    [
      "negative default values",
      main("const e = new E(); return e.a + e.b;", "class E { a: i32 = -5; b: i32 = -1 * 2; }"),
      -7,
    ],
  ],
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
  functions: [
    [
      "arrow functions",
      main(
        "return twice(4) + half(10);",
        "const twice = (x: i32): i32 => x * 2; const half = (x: i32): i32 => { return x / 2; };",
      ),
      13,
    ],
    [
      "nested functions without captures",
      main(
        "const K = 5; function inner(x: i32): i32 { return x * K; } const arrow = (x: i32): i32 => inner(x) + 1; return arrow(3);",
      ),
      16,
    ],
    [
      "default parameters",
      main("return f(1) * 100 + f(1, 7);", "function f(a: i32, b: i32 = 3): i32 { return a + b; }"),
      408,
    ],
    [
      "function values",
      main(
        "return apply(twice, 4) + apply((x) => x + 1, 4);",
        "function twice(x: i32): i32 { return x * 2; } function apply(f: (x: i32) => i32, x: i32): i32 { return f(x); }",
      ),
      13,
    ],
    [
      "function values with fewer parameters",
      main(
        "return apply(() => 7);",
        "type F = (x: i32, y: u64) => i32; function apply(f: F): i32 { return f(1, 2n); }",
      ),
      7,
    ],
    [
      "functions in fields",
      main(
        "const op = new Op(); const a = op.run(3); op.run = (x) => x * 5; return a * 100 + op.run(3);",
        "function inc(x: i32): i32 { return x + 1; } class Op { run: (x: i32) => i32 = inc; }",
      ),
      415,
    ],
    [
      "interfaces of functions",
      main(
        "return use(driver, 6);",
        'interface Driver { readonly read: (n: i32) => i32; readonly name: string } const driver: Driver = { read: (n) => n * 3, name: "disk" }; function use(d: Driver, n: i32): i32 { return d.read(n) + d.name.length; }',
      ),
      22,
    ],
    [
      "interfaces of methods",
      main(
        "return use(driver, 6);",
        "interface Driver { read(n: i32): i32 } function read(n: i32): i32 { return n + 1; } const driver: Driver = { read }; function use(d: Driver, n: i32): i32 { return d.read(n); }",
      ),
      7,
    ],
    [
      "records of functions",
      main(
        "let n = 0; for (let t = T.A; t <= T.C; t++) n = n * 10 + handlers[t](2); return n;",
        "const enum T { A, B, C } const handlers: Record<T, (x: i32) => i32> = { [T.A]: (x) => x, [T.B]: (x) => x * 2, [T.C]: (x) => x * 3 };",
      ),
      246,
    ],
    [
      "records with other first values",
      main(
        "let t: T = T.B; return i32(sizes[t]) + i32(sizes[T.A]);",
        "const enum T { A = 10, B } const sizes: Record<T, u32> = { [T.A]: 5, [T.B]: 600 };",
      ),
      605,
    ],
    [
      "many parameters",
      main(
        "return f(1, 2, 3, 4, 5n, 6, 7, data);",
        "const data = new Uint8Array(9); function f(a: i32, b: i32, c: i32, d: i32, e: u64, g: i32, h: i32, s: Uint8Array): i32 { return a + b * 2 + c * 3 + d * 4 + i32(e) * 5 + g * 6 + h * 7 + s.length * 8; }",
      ),
      1 + 4 + 9 + 16 + 25 + 36 + 49 + 72,
    ],
    [
      "argument order",
      main(
        "next(next(0) * 10) ; return log;",
        "let log = 0; function next(x: i32): i32 { log = log * 10 + 1 + x; return 1; }",
      ),
      21,
    ],
    [
      "mutual recursion",
      main(
        "return even(10) ? 1 : 0;",
        "function even(n: i32): boolean { return n === 0 ? true : odd(n - 1); } function odd(n: i32): boolean { return n === 0 ? false : even(n - 1); }",
      ),
      1,
    ],
    [
      "functions that never return",
      main(
        "return f(3);",
        "function stop(): never { unreachable(); } function f(x: i32): i32 { if (x > 2) return 5; stop(); }",
      ),
      5,
    ],
    [
      "assertion narrows",
      main(
        "const n = find(1); assert(n !== null); return n.v;",
        "class N { v: i32 = 8; } const one = new N(); function find(k: i32): N | null { return k === 1 ? one : null; }",
      ),
      8,
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

for (const [suite, cases] of Object.entries(suites)) {
  describe(`${suite} of systems TypeScript`, () => {
    for (const [name, source, expected] of cases) it(name, () => expectResult(source, expected));
  });
}

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
