/** Structs of systems TypeScript, one small program for each construct: what it computes, interpreted and as machine code. */
import { type Case, describeLanguage, main } from "./guest-program.ts";

const suites: Record<string, Case[]> = {
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
};

describeLanguage(suites);
