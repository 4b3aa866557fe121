/**
 * A program under test: it asks the director what to do, does it, and asks again. What it answers with lies in the request. It has a signal
 * handler, and a trampoline that tells the director that the handler has run.
 */
import { RS } from "../../../lib/endpoint.ts";
import { sendReceive } from "../../../lib/ipc.ts";
import { PLAN, Plan, REPORT, Report, Step } from "./plan.ts";

const report = new Report();
const returned = new Report();
let handled: u32 = 0;

class Word {
  value: u32 = 0;
}
class Raw {
  source: i32 = 0;
  type: u32 = 0;
}

export function main(): never {
  introduce();
  for (;;) {
    const status = sendReceive(RS, report);
    const plan = view(address(report), Plan); // the answer has taken the request's place
    const step = plan.type === PLAN ? plan.step : Step.Nothing;
    const value = plan.value;
    view(address(report), Raw).type = REPORT;
    report.status = status;
    introduce();
    report.value = follow(step, value);
    report.handled = handled;
  }
}

function introduce(): void {
  report.handler = address(handler);
  report.trampoline = address(trampoline);
}

function follow(step: Step, value: u32): u32 {
  switch (step) {
    case Step.Load:
      return at(value, Word).value;
    case Step.Illegal:
      asm`.word 0`;
      break;
    case Step.Check:
      assert(value === 0);
      break;
    case Step.Count:
      return countUntilTold(value);
    case Step.Echo:
      return value;
    default:
      break;
  }
  return 0;
}

/** Keeps numbers in registers until the word at `place` is not zero; answers 1 if none of them has changed behind its back. */
function countUntilTold(place: u32): u32 {
  let a: u32 = 1;
  let b: u32 = 2;
  let c: u32 = 3;
  let rounds: u32 = 0;
  while (at(place, Word).value === 0) {
    a += 5;
    b += a;
    c ^= b;
    rounds++;
  }
  let x: u32 = 1;
  let y: u32 = 2;
  let z: u32 = 3;
  for (let round: u32 = 0; round < rounds; round++) {
    x += 5;
    y += x;
    z ^= y;
  }
  return x === a && y === b && z === c && rounds > 0 ? 1 : 0;
}

function handler(signal: u32): void {
  handled = handled * 100 + signal;
}

/** Where a handler returns to. The answer never comes: the director puts things back as they were. */
function trampoline(): never {
  for (;;) {
    returned.handled = handled;
    view(address(returned), Raw).type = REPORT;
    returned.isReturn = 1;
    sendReceive(RS, returned);
  }
}
