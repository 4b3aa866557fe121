/** How PM answers a program: without waiting. One that is gone meanwhile is not told anything. */
import { sendNonblocking } from "../../lib/ipc.ts";
import type { Message } from "../../lib/message.ts";
import { PmReply } from "../../lib/protocol/pm.ts";
import { type Program, Waiting } from "./program.ts";

/** Ends what the program waits for with this message. */
export function answerWith(program: Program, message: Message): void {
  program.waiting = Waiting.Nothing;
  sendNonblocking(program.endpoint, message);
}

/** The plain answer: a `Status`, or a value >= 0. */
export function answer(program: Program, status: i32): void {
  const message = new PmReply();
  message.status = status;
  answerWith(program, message);
}
