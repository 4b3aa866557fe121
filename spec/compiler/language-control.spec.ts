/** Control flow and functions of systems TypeScript, one small program for each construct: what it computes, interpreted and as machine code. */
import { type Case, describeLanguage, main } from "./guest-program.ts";

const suites: Record<string, Case[]> = {
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
    [
      "a loop that ends at null reads nothing through it",
      main(
        "return total(nothing, 5);",
        `class Pair { first: i32 = 0; } let nothing: Pair | null = null;
         function total(pair: Pair | null, rounds: i32): i32 {
           let sum = 0; let i = 0;
           do {
             sum += (i * 3) ^ (sum >> 3) ^ (sum << 7) ^ (i * 77 + sum * 5) ^ (rounds * sum);
             if (pair === null) return 9;
             sum += pair.first;
           } while (++i < rounds);
           return sum;
         }`,
      ),
      9,
    ],
    [
      "a loop reads no row that it asks for first",
      main(
        "let n = 0; for (let i = 0; i < 5; i++) { n += i; if (k < 4) n += rows[k].v; } return n;",
        "class R { v: i32 = 0; } const rows = table(R, 4); let k: u32 = 0x1000_0000;",
      ),
      10,
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
};

describeLanguage(suites);
