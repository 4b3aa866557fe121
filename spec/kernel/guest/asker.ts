/** A program that asks RS over and over, and then tells what it has cost: instructions and cycles, kernel and server included. */
import { RS } from "../../../lib/endpoint.ts";
import { replyReceive, sendReceive } from "../../../lib/ipc.ts";
import { Status } from "../../../lib/status.ts";
import { Cost, ROUNDS } from "./cost.ts";

const request = new Cost();

export function main(): never {
  assert(replyReceive(RS, request, request) === Status.Denied);
  ask(1);
  const instructions = csr.instret;
  const cycles = csr.cycle;
  ask(ROUNDS);
  request.cycles = csr.cycle - cycles;
  request.instructions = csr.instret - instructions;
  request.isResult = 1;
  ask(1);
  unreachable();
}

function ask(times: i32): void {
  for (let left = times; left > 0; left--) sendReceive(RS, request);
}
