/**
 * Message passing, state by operation: a peer is put into each state a process can be in, and another does each of the seven traps to it.
 * What both find is compared with the rules of docs/ipc.md. Begin at `main`.
 */
import { ANY, type Endpoint } from "../../../lib/endpoint.ts";
import { AsyncFlags, Trap } from "../../../lib/ipc.ts";
import { killProcess } from "../../../lib/kernel-call/process.ts";
import { MessageType } from "../../../lib/message.ts";
import { Signal } from "../../../lib/signal.ts";
import { Status } from "../../../lib/status.ts";
import { ask, blockedOf, end, outcome, PENDING, result, settle, tell } from "./direct.ts";
import { LETTER, Special } from "./orders.ts";
import { beginReport, check, endReport } from "./report.ts";
import { allRights, FIRST_SLOT, spawn } from "./spawn.ts";

const enum State {
  Running,
  SendingToThird,
  ListeningToAny,
  ListeningToActor,
  ListeningToThird,
  AwaitingReplyOfActor,
  AwaitingReplyOfThird,
  Frozen,
  Cleared,
}
const STATES = 9;

/** What the actor finds (PENDING: it is blocked), and what type of message the peer hears (0: none). */
class Expectation {
  status: i32 = 0;
  heard: u32 = 0;
}
const expected = new Expectation();

let actor: Endpoint = 0;
let peer: Endpoint = 0;
let third: Endpoint = 0;

export function main(): never {
  beginReport();
  for (let state: u32 = 0; state < STATES; state++) {
    for (let operation: u32 = Trap.Send; operation <= Trap.ReplyReceive; operation++) tryOne(state, operation);
  }
  endReport();
}

function tryOne(state: State, operation: Trap): void {
  const urgent = allRights();
  urgent.priority = 7; // more than a peer that runs for ever
  actor = spawn(FIRST_SLOT, "puppet", urgent);
  peer = spawn(FIRST_SLOT + 1, "puppet", allRights());
  third = spawn(FIRST_SLOT + 2, "puppet", allRights());
  settle();
  enter(state);
  expect(state, operation);
  const status = ask(actor, operation, peer, 7);
  check(operations[operation], status, expected.status, states[state]);
  check("what is heard of it by a peer that is", i32(heardByPeer(state)), i32(expected.heard), states[state]);
  if (operation === Trap.SendAsync && status === Status.Ok) checkRow(state);
  end(actor);
  end(peer);
  end(third);
}

/** Brings the peer into a state. */
function enter(state: State): void {
  switch (state) {
    case State.Running:
      return tell(peer, Special.Spin, 0);
    case State.SendingToThird:
      return tell(peer, Trap.Send, third);
    case State.ListeningToAny:
      return tell(peer, Trap.Receive, ANY);
    case State.ListeningToActor:
      return tell(peer, Trap.Receive, actor);
    case State.ListeningToThird:
      return tell(peer, Trap.Receive, third);
    case State.AwaitingReplyOfActor:
      return awaitReplyOf(actor);
    case State.AwaitingReplyOfThird:
      return awaitReplyOf(third);
    case State.Frozen:
      killProcess(peer, Signal.Kill);
      return;
    case State.Cleared:
      end(peer);
  }
}

function awaitReplyOf(server: Endpoint): void {
  tell(peer, Trap.SendReceive, server);
  check("its request arrives", ask(server, Trap.Receive, peer), Status.Ok);
}

/** The rules, as a table of who is heard when. */
function expect(state: State, operation: Trap): void {
  const isHeard = hears(state, operation);
  expected.heard = !isHeard ? 0 : operation === Trap.Notify ? MessageType.Notify : LETTER;
  expected.status = outcomeOf(state, operation, isHeard);
}

function hears(state: State, operation: Trap): boolean {
  if (operation === Trap.Receive) return false;
  if (state === State.ListeningToAny || state === State.ListeningToActor) return true;
  if (state !== State.AwaitingReplyOfActor) return false;
  return operation === Trap.Send || operation === Trap.SendNonblocking || operation === Trap.ReplyReceive;
}

function outcomeOf(state: State, operation: Trap, isHeard: boolean): i32 {
  if (operation === Trap.SendAsync) return Status.Ok;
  if (operation === Trap.ReplyReceive) return PENDING; // it waits for the next message, whatever came of the answer
  if (state === State.Cleared) return Status.DeadEndpoint;
  if (operation === Trap.Notify) return Status.Ok;
  if (operation === Trap.SendNonblocking) return isHeard ? Status.Ok : Status.NotReady;
  if (operation === Trap.Send && isHeard) return Status.Ok;
  if (operation === Trap.SendReceive && state === State.AwaitingReplyOfActor) return Status.Deadlock;
  if (operation === Trap.Receive && waitsForActor(state)) return Status.Deadlock;
  return PENDING;
}

function waitsForActor(state: State): boolean {
  return state === State.ListeningToActor || state === State.AwaitingReplyOfActor;
}

/** What the peer's own call has brought it. */
function heardByPeer(state: State): u32 {
  if (state === State.Frozen || state === State.Cleared || blockedOf(peer) === 0) return 0;
  return result(peer) === Status.Ok ? outcome.heard : 0;
}

/** The kernel says in the row what has become of an asynchronous message. */
function checkRow(state: State): void {
  ask(actor, Special.AsyncRow, 0);
  const isOver = hears(state, Trap.SendAsync) || state === State.Cleared;
  const flags: u32 = isOver ? AsyncFlags.Valid | AsyncFlags.Done : AsyncFlags.Valid;
  check("flags of its row", i32(outcome.asyncFlags), i32(flags));
  if (isOver)
    check("result in its row", outcome.asyncResult, state === State.Cleared ? Status.DeadEndpoint : Status.Ok);
}

const states: readonly string[] = [
  "running",
  "sending to a third",
  "listening to anybody",
  "listening to the caller",
  "listening to a third",
  "awaiting the caller's answer",
  "awaiting a third's answer",
  "frozen",
  "cleared",
];
const operations: readonly string[] = [
  "",
  "SEND to one that is",
  "RECEIVE from one that is",
  "SENDREC to one that is",
  "NOTIFY to one that is",
  "SENDNB to one that is",
  "SENDA to one that is",
  "REPLYREC to one that is",
];
