/** A server as servers are: it receives from anybody, answers, and receives again. Reports what a round trip between address spaces costs. */
import { ANY } from "../../../lib/endpoint.ts";
import { receive, sendNonblocking } from "../../../lib/ipc.ts";
import { Cost, ROUNDS } from "./cost.ts";
import { beginReport, endReport, say } from "./report.ts";
import { allRights, PROGRAM_SLOT, spawn } from "./spawn.ts";

const request = new Cost();

export function main(): never {
  beginReport();
  spawn(PROGRAM_SLOT, "asker", allRights());
  do {
    receive(ANY, request);
    if (request.isResult === 0) sendNonblocking(request.source, request);
  } while (request.isResult === 0);
  say`${request.instructions / ROUNDS} instructions`;
  say`${request.cycles / ROUNDS} cycles`;
  endReport();
}
