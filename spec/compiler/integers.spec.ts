/** Integers: widths, wrapping, constants that adapt; and random expressions against arithmetic on bigints. */
import fc from "fast-check";
import { compiled, expectResult } from "./guest-program.ts";
import { Interpreter } from "./ir-interpreter.ts";

/** Programs whose parameters are hidden from the compiler's constant folding by a module variable. */
const value = (declarations: string, expression: string, result: string): string =>
  `${declarations}\nexport function main(): ${result} { return ${expression}; }`;

describe("integers of systems TypeScript", () => {
  const cases: [name: string, source: string, expected: number | bigint][] = [
    ["add and wrap as u32", value("let a: u32 = 0xffff_fff0; let b: u32 = 0x20;", "a + b", "u32"), 0x10],
    ["subtract and wrap as i32", value("let a: i32 = -0x7fff_ffff; let b: i32 = 5;", "a - b", "i32"), 0x7fff_fffc],
    [
      "multiply and keep the low word",
      value("let a: u32 = 0x1234_5678;", "a * a", "u32"),
      Math.imul(0x12345678, 0x12345678),
    ],
    ["divide signed towards zero", value("let a: i32 = -7; let b: i32 = 2;", "a / b", "i32"), -3],
    ["divide unsigned", value("let a: u32 = 0xffff_fff9; let b: u32 = 2;", "a / b", "u32"), 0x7fff_fffc],
    ["give the remainder the dividend's sign", value("let a: i32 = -7;", "a % 3", "i32"), -1],
    ["take unsigned remainders", value("let a: u32 = 0xffff_ffff;", "a % 10", "u32"), 5],
    ["shift an i32 with its sign", value("let a: i32 = -8;", "a >> 1", "i32"), -4],
    ["shift a u32 without", value("let a: u32 = 0x8000_0000;", "a >>> 31", "u32"), 1],
    [
      "shift by the low five bits of a count",
      value("class B { v: u8 = 0; } const b = new B(); let x = 5; const n = (): i32 => -1;", "set()", "i32").replace(
        "export",
        "function set(): i32 { b.v = u8((x << n()) >> n()); return b.v; }\nexport",
      ),
      0xff,
    ],
    ["compare unsigned", value("let a: u32 = 0xffff_ffff; let b: u32 = 1;", "a > b ? 1 : 0", "u32"), 1],
    ["compare signed", value("let a: i32 = -1; let b: i32 = 1;", "a > b ? 1 : 0", "u32"), 0],
    ["promote u8 to i32", value("const a = new Uint8Array(2);", "a[0] - 1", "i32"), -1],
    [
      "adapt u8 to u32",
      value("class C { b: u8 = 200; } const c = new C(); let w: u32 = 0xffff_ff00;", "w + c.b", "u32"),
      0xffff_ffc8,
    ],
    [
      "wrap u8 fields on compound assignment",
      "class C { b: u8 = 250; }\nexport function main(): i32 { const c = new C(); c.b += 10; c.b++; return c.b; }",
      5,
    ],
    [
      "wrap u16 elements",
      "const a = new Uint16Array(1);\nexport function main(): i32 { a[0]--; return a[0]; }",
      0xffff,
    ],
    ["keep bits of constants for u32", value("let a: u32 = 0x1234_5678;", "a & ~0xfff", "u32"), 0x1234_5000],
    ["shift constants as bits", value("let n: i32 = 31;", "1 << n", "u32"), 0x8000_0000],
    ["convert by keeping low bits", value("let a: u32 = 0x1ff;", "u8(a)", "i32"), 0xff],
    ["convert between signs by keeping bits", value("let a: i32 = -2;", "u32(a)", "u32"), 0xffff_fffe],
    ["negate", value("let a: i32 = 5;", "-a", "i32"), -5],
    ["complement", value("let a: u32 = 0xf0f0_f0f0;", "~a", "u32"), 0x0f0f_0f0f],
    ["fold constants exactly", value("const A = 0xffff_ffff * 3 / 3;", "A", "u32"), 0xffff_ffff],
    ["divide constants as integers", value("const A = 7 / 2;", "A", "i32"), 3],
    ["number enum members", value("const enum E { A = 1 << 4, B, C = A | 3 }", "E.B * 100 + E.C", "i32"), 1719],
    ["let enum values adapt", value("const enum F { X = 4 } let f: F = F.X; let u: u32 = 8;", "u | f", "u32"), 12],
    ["store negative enums", value("const enum S { Ok = 0, Bad = -3 } let s: S = S.Bad;", "s", "i32"), -3],
    ["keep typed constants", value("const A: u32 = 0xffff_fff0;", "A + 0x20", "u32"), 0x10],
    ["let lengths adapt", value("const a = new Uint8Array(7); let n: u32 = 3;", "n + a.length", "u32"), 10],
    [
      "count bytes of narrow bit operations",
      value("class C { a: u8 = 0xff; b: u16 = 0x1234; } const c = new C();", "(c.b & c.a) | 0x100", "u32"),
      0x134,
    ],
    [
      "use compound assignment on every operator",
      "let x: u32 = 100;\nexport function main(): u32 { x += 5; x -= 1; x *= 3; x /= 2; x %= 100; x <<= 4; x >>>= 1; x |= 1; x &= 0xff; x ^= 0xf; return x; }",
      (() => {
        let x = 100;
        x += 5;
        x -= 1;
        x *= 3;
        x = (x / 2) | 0;
        x %= 100;
        x <<= 4;
        x >>>= 1;
        x |= 1;
        x &= 0xff;
        x ^= 0xf;
        return x;
      })(),
    ],
    [
      "value increments before and after",
      "export function main(): i32 { let i = 5; const a = i++; const b = ++i; return a * 100 + b * 10 + i; }",
      577,
    ],
    [
      "read operands before they change",
      "export function main(): i32 { let i = 3; return i * 100 + i++ * 10 + i; }",
      334,
    ],
    ["assign as a value", "export function main(): i32 { let a = 0; let b = 0; a = b = 7; return a + b; }", 14],
    ["evaluate commas in order", "export function main(): i32 { let a = 1; return (a += 4, a * 2); }", 10],
  ];
  for (const [name, source, expected] of cases) it(name, () => expectResult(source, expected));
});

describe("64-bit integers", () => {
  const state =
    "let a: u64 = 0x0123_4567_89ab_cdefn; let b: u64 = 0xfedc_ba98_7654_3211n; let n: u64 = 40n; let z: u32 = 0xffff_ffff; let i: i32 = -2;";
  const [a, b, n] = [0x0123456789abcdefn, 0xfedcba9876543211n, 40n];
  const cases: [expression: string, expected: bigint][] = [
    ["a + b", a + b],
    ["a - b", a - b],
    ["a * b", a * b],
    ["b / a", b / a],
    ["b % a", b % a],
    ["b / 10n", b / 10n],
    ["b % 1000n", b % 1000n],
    ["b / 0x1_0000n", b / 0x10000n],
    ["b / 0xffff_fff1n", b / 0xfffffff1n],
    ["a & b", a & b],
    ["a | b", a | b],
    ["a ^ b", a ^ b],
    ["~a", ~a],
    ["-a", -a],
    ["a << 0n", a],
    ["a << 7n", a << 7n],
    ["a << 32n", a << 32n],
    ["a >> 45n", a >> 45n],
    ["b >> n", b >> n],
    ["b << n", b << n],
    ["b >> (n - 40n)", b],
    ["b << (n - 17n)", b << 23n],
    ["b << (n + 60n)", 0n],
    ["b >> (n - 8n)", b >> 32n],
    ["u64(z)", 0xffffffffn],
    ["u64(i)", -2n],
    ["a < b ? 1n : 2n", 1n],
    ["b <= a ? 1n : 2n", 2n],
    ["a > b ? 1n : 2n", 2n],
    ["a >= a ? 1n : 2n", 1n],
    ["a === b ? 1n : 2n", 2n],
    ["a !== b ? 1n : 2n", 1n],
    ["u64(u32(a))", a & 0xffffffffn],
    ["a + u64(1)", a + 1n],
  ];
  for (const [expression, expected] of cases)
    it(`compute ${expression}`, () => expectResult(value(state, expression, "u64"), expected));

  it("live in fields, arrays of structs and parameters", () => {
    expectResult(
      `class Clock { ticks: u64 = 5n; }
       const clocks = table(Clock, 3);
       function later(clock: Clock, by: u64): u64 { clock.ticks += by; clock.ticks++; return clock.ticks; }
       export function main(): u64 { later(clocks[1], 0x1_0000_0000n); return later(clocks[1], 1n) + clocks[0].ticks; }`,
      0x1_0000_0000n + 5n + 3n + 5n,
    );
  });

  it("divide like bigints, whatever the operands", () => {
    const interpreter = new Interpreter(
      compiled(
        `export function quotient(a: u64, b: u64): u64 { return a / b; }
       export function remainder(a: u64, b: u64): u64 { return a % b; }
       export function shifted(a: u64, b: u64): u64 { return (a << b) ^ (a >> b); }`,
      ),
    );
    const call = (name: string, x: bigint, y: bigint): bigint => {
      const words = [x, y].flatMap((each) => [Number(BigInt.asIntN(32, each)), Number(BigInt.asIntN(32, each >> 32n))]);
      const [low, high] = interpreter.call(`test.ts:${name}`, ...words) as [number, number];
      return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    };
    const anySize = fc
      .tuple(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.integer({ min: 0, max: 63 }))
      .map(([x, by]) => x >> BigInt(by));
    fc.assert(
      fc.property(anySize, anySize, fc.bigInt({ min: 0n, max: 70n }), (x, y, by) => {
        const divisor = y === 0n ? 1n : y;
        const long = (each: bigint): bigint => BigInt.asUintN(64, each);
        return (
          call("quotient", x, divisor) === x / divisor &&
          call("remainder", x, divisor) === x % divisor &&
          call("shifted", x, by) === (long(x << by) ^ (x >> by))
        );
      }),
      { numRuns: 400, verbose: true },
    );
  });
});

/** An expression of one width, as source and as what it must give. */
interface Expression {
  readonly text: string;
  readonly value: bigint;
}

describe("random integer expressions", () => {
  for (const width of ["u32", "i32", "u64"] as const) {
    it(`of ${width} compute what bigints do`, function () {
      this.timeout(60_000);
      const bits = width === "u64" ? 64 : 32;
      const wrap = (each: bigint): bigint => (width === "i32" ? BigInt.asIntN(32, each) : BigInt.asUintN(bits, each));
      const suffix = width === "u64" ? "n" : "";
      const variables = [3n, 0x8000_0000n, 0xffff_ffffn, 0x1234_5678n, 1n, 0n, 77n].map((each, index) => ({
        name: `v${index}`,
        value: wrap(each),
      }));
      const leaf = fc
        .constantFrom(...variables)
        .map(({ name, value: known }): Expression => ({ text: name, value: known }));
      const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
        expression: fc.oneof({ maxDepth: 5 }, leaf, binary(tie("expression"), wrap, bits, suffix, width === "i32")),
      }));
      const literal = (each: bigint): string => (each < 0n ? `-${-each}${suffix}` : `${each}${suffix}`);
      const declarations = variables
        .map(({ name, value: known }) => `let ${name}: ${width} = ${literal(known)};`)
        .join("\n");
      fc.assert(
        fc.property(fc.array(expression, { minLength: 12, maxLength: 12 }), (expressions) => {
          const functions = expressions.map(
            ({ text }, index) => `export function f${index}(): ${width} { return ${text}; }`,
          );
          const interpreter = new Interpreter(compiled(`${declarations}\n${functions.join("\n")}`));
          return expressions.every(({ value: expected }, index) => {
            const [low, high = 0] = interpreter.call(`test.ts:f${index}`) as [number, number];
            const got = width === "u64" ? (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0) : wrap(BigInt(low));
            return got === expected;
          });
        }),
        { numRuns: 25, interruptAfterTimeLimit: 20_000 },
      );
    });
  }
});

/** Operators on two expressions of the same width; divisors are made odd, so never zero; shifts stay in range. */
function binary(
  side: fc.Arbitrary<Expression>,
  wrap: (value: bigint) => bigint,
  bits: number,
  suffix: string,
  signed: boolean,
): fc.Arbitrary<Expression> {
  const operators = ["+", "-", "*", "&", "|", "^", "/", "%", "<<", signed ? ">>" : bits === 64 ? ">>" : ">>>", "?"];
  return fc
    .tuple(side, side, fc.constantFrom(...operators), fc.integer({ min: 0, max: bits - 1 }))
    .map(([a, b, operator, by]) => {
      const divisor = wrap(b.value | 1n);
      const constant = `${by}${suffix}`;
      switch (operator) {
        case "/":
          return { text: `(${a.text} / (${b.text} | 1${suffix}))`, value: wrap(a.value / divisor) };
        case "%":
          return { text: `(${a.text} % (${b.text} | 1${suffix}))`, value: wrap(a.value % divisor) };
        case "<<":
          return { text: `(${a.text} << ${constant})`, value: wrap(a.value << BigInt(by)) };
        case ">>":
        case ">>>":
          return { text: `(${a.text} ${operator} ${constant})`, value: wrap(a.value >> BigInt(by)) };
        case "?":
          return { text: `(${a.text} < ${b.text} ? v0 : 5${suffix})`, value: a.value < b.value ? 3n : 5n };
        default:
          return { text: `(${a.text} ${operator} ${b.text})`, value: wrap(apply(operator, a.value, b.value)) };
      }
    });
}

function apply(operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "&":
      return a & b;
    case "|":
      return a | b;
    default:
      return a ^ b;
  }
}
