/** A server as servers are: it answers one request as it waits for the next. Reports what a round trip between address spaces costs. */
import { ANY } from "../../../lib/endpoint.ts";
import { receive, replyReceive } from "../../../lib/ipc.ts";
import { Reply } from "../../../lib/message.ts";
import { Cost, ROUNDS } from "./cost.ts";
import { beginReport, endReport, say } from "./report.ts";
import { allRights, PROGRAM_SLOT, spawn } from "./spawn.ts";

const request = new Cost();
const answer = new Reply();

export function main(): never {
  beginReport();
  spawn(PROGRAM_SLOT, "asker", allRights());
  receive(ANY, request);
  while (request.isResult === 0) replyReceive(request.source, answer, request);
  say`${request.instructions / ROUNDS} instructions`;
  say`${request.cycles / ROUNDS} cycles`;
  endReport();
}
