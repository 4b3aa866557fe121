/** Checks at run time: each ends the program at its own place, with its reason. */
import { Reason } from "../../compiler/ir.ts";
import { expectResult, expectTrap } from "./guest-program.ts";

/** `main` whose third line holds the statement. */
const main = (statement: string, before = ""): string =>
  `${before}\nexport function main(): i32 {\n${statement}\nreturn 0; }`;

const cases: [name: string, reason: Reason, source: string][] = [
  ["an index behind the end", Reason.Index, main("return a[i];", "const a = new Int32Array(4); let i = 4;")],
  ["a negative index", Reason.Index, main("a[i] = 1;", "const a = new Int32Array(4); let i = -1;")],
  [
    "an index of a table",
    Reason.Index,
    main("return rows[i].v;", "class R { v: i32 = 0; } const rows = table(R, 4); let i = 9;"),
  ],
  [
    "an index that is the same in every round",
    Reason.Index,
    main(
      "for (let i = 0; i < 5; i++) { n[i] = 7; n[i + 1] = rows[k].v; }",
      "class R { v: i32 = 0; } const rows = table(R, 4); let k: u32 = 0x1000_0000; const n = new Int32Array(9);",
    ),
  ],
  ["an index of a slice", Reason.Index, main("return a.subarray(1, 3)[i];", "const a = new Uint8Array(4); let i = 2;")],
  ["an index of a string", Reason.Index, main('return "abc".charCodeAt(i);', "let i = 3;")],
  [
    "a key of a record",
    Reason.Index,
    main(
      "return sizes[k as T];",
      "const enum T { A, B } const sizes: Record<T, i32> = { [T.A]: 1, [T.B]: 2 }; let k: u32 = 2;",
    ),
  ],
  [
    "a hole in a record",
    Reason.Index,
    main(
      "return sizes[k as T]();",
      "const enum T { A, B = 2 } const sizes: Record<T, () => i32> = { [T.A]: () => 1, [T.B]: () => 2 }; let k: u32 = 1;",
    ),
  ],
  ["! on null", Reason.Null, main("return p!.v;", "class N { v: i32 = 0; } let p: N | null = null;")],
  ["division by zero", Reason.Division, main("return 7 / z;", "let z = 0;")],
  ["remainder by zero", Reason.Division, main("return 7 % z;", "let z = 0;")],
  ["64-bit division by zero", Reason.Division, main("return i32(7n / z);", "let z: u64 = 0n;")],
  ["assert of a comparison", Reason.Assertion, main("assert(z === 1);", "let z = 0;")],
  ["assert of a condition", Reason.Assertion, main("assert(z === 0 && z > 0);", "let z = 0;")],
  ["unreachable", Reason.Unreachable, main("unreachable();")],
  [
    "subarray behind the end",
    Reason.Slice,
    main("return a.subarray(0, n).length;", "const a = new Uint8Array(4); let n = 5;"),
  ],
  [
    "subarray with its ends crossed",
    Reason.Slice,
    main("return a.subarray(n, 2).length;", "const a = new Uint8Array(4); let n = 3;"),
  ],
  [
    "set of too much",
    Reason.Slice,
    main("a.set(b, n);", "const a = new Uint8Array(4); const b = new Uint8Array(2); let n = 3;"),
  ],
];

describe("run-time checks", () => {
  for (const [name, reason, source] of cases) it(`end the program at ${name}`, () => expectTrap(source, reason, 3));

  it("let everything within bounds pass", () => {
    expectResult(
      main(
        "return a[i] + a.subarray(4).length + a.subarray(0, 4).length + 7 / j;",
        "const a = new Uint8Array(4); let i = 3; let j = 7;",
      ),
      5,
    );
  });

  it("divide the least integer by minus one without a trap", () => {
    expectResult(main("return a / b;", "let a: i32 = -0x8000_0000; let b = -1;"), -0x8000_0000);
  });
});
