/**
 * What the optimiser is for: instructions that one round of a loop executes, counted by the machine. A count may become smaller, not greater.
 */
import { expect } from "chai";
import { instructionsOf } from "./guest-program.ts";

/** `main` goes N times round a loop. Each of the loop's rounds executes so many instructions. */
function perRound(source: string): number {
  const executed = (rounds: number): number => instructionsOf(source.replaceAll("N", `${rounds}`));
  return (executed(300) - executed(200)) / 100;
}

const words = "const a = new Int32Array(N); const b = new Int32Array(N);";
const main = (body: string, before = ""): string =>
  `${before}\nexport function main(): i32 { let sum = 0; ${body} return sum; }`;

const cases: [name: string, source: string, instructions: number][] = [
  [
    "an array is read through a pointer that steps along, and the counter is gone",
    main("for (let i = 0; i < N; i++) sum += a[i];", words),
    4,
  ],
  ["two arrays need two pointers", main("for (let i = 0; i < N; i++) sum += a[i] * b[i];", words), 7],
  ["neighbours share a pointer", main("for (let i = 1; i < N - 1; i++) sum += a[i - 1] + a[i + 1];", words), 6],
  [
    "a place in a matrix needs no check where its row and column have bounds",
    main(
      "for (let i = 0; i < N; i++) for (let j = 0; j < 2; j++) sum += m[i * 2 + j];",
      "const m = new Int32Array(2 * N);",
    ),
    13,
  ],
  [
    "a truth value that is only asked for is never made",
    main(
      "for (let i = 0; i < N; i++) if (either(i, sum)) sum++;",
      "function either(x: i32, y: i32): boolean { return (x & 1) !== 0 || y === 77; }",
    ),
    5,
  ],
  [
    "a way through a function that calls nothing pays for no frame",
    main(
      "for (let i = 0; i < N; i++) sum += deep(i & 0) + i;",
      "function deep(n: i32): i32 { return n === 0 ? 1 : deep(n - 1) + deep(n - 2) + 1; }",
    ),
    5,
  ],
  [
    "what a loop has found is not read again behind it",
    main(
      "for (let i = 0; i < N; i++) { let at = 0; while (a[at] < 0) at++; sum += a[at]; }",
      "const a = new Int32Array(8);",
    ),
    6,
  ],
];

describe("a round of a loop", () => {
  for (const [name, source, instructions] of cases) {
    it(name, () => {
      expect(perRound(source)).to.equal(instructions);
    });
  }
});
