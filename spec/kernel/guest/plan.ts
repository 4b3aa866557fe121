/** What the director and a subject (subject.ts) say to each other. */
import { Message } from "../../../lib/message.ts";

export const PLAN = 0x930;
export const REPORT = 0x940;

export const enum Step {
  Nothing,
  /** Reads the word at `value`. */
  Load,
  Illegal,
  Check,
  /** Counts until the word at `value` is not zero. */
  Count,
  Echo,
}

/** From the director: what to do next. */
export class Plan extends Message {
  override readonly type = PLAN;
  step: Step = Step.Nothing;
  value: u32 = 0;
}

/** From the subject: what came of it. */
export class Report extends Message {
  override readonly type = REPORT;
  /** Of its last SENDREC. */
  status: i32 = 0;
  value: u32 = 0;
  handler: vaddr = 0;
  trampoline: vaddr = 0;
  /** The signals that its handler has seen, two decimal digits each. */
  handled: u32 = 0;
  /** 1: it comes from the trampoline. */
  isReturn: u32 = 0;
}
