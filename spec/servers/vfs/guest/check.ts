/** What the test programs say when something is not as it should be. They end with the number of such findings. */
import { print } from "../../../../lib/library/output.ts";

let findings = 0;

/** Compares what a request answered with what it should have answered. */
export function check(what: string, actual: i32, expected: i32): void {
  if (actual === expected) return;
  print`${what}: ${actual}, not ${expected}\n`;
  findings++;
}

export function checkTrue(what: string, claim: boolean): void {
  check(what, claim ? 1 : 0, 1);
}

export function findingsSoFar(): i32 {
  return findings;
}
