/** What the `service` program asks of RS, and what services complain of. Every answer comes at once. */
import { post } from "../lib/async.ts";
import { NONE, RS, SERVICES, slotOf } from "../lib/endpoint.ts";
import { virtualCopy } from "../lib/kernel-call/process.ts";
import { log } from "../lib/log.ts";
import {
  CommitFault,
  Fault,
  RsCall,
  type RsComplain,
  type RsLog,
  type RsNamed,
  type RsRequest,
  RsServiceReply,
  type RsStatus,
  ServiceState,
} from "../lib/protocol/rs.ts";
import { reply, replyWith } from "../lib/service.ts";
import { RestartPolicy } from "../lib/service-table.ts";
import { Status } from "../lib/status.ts";
import { sentence } from "./clocks.ts";
import { recordedPiece } from "./record-text.ts";
import { rowOf, Sentence, type Service, serviceAt, serviceNamed, services } from "./services.ts";
import { publish, start } from "./start.ts";

export function serve(request: RsRequest): void {
  const client = request.source;
  switch (request.type) {
    case RsCall.Status:
      describe(request);
      break;
    case RsCall.Up:
    case RsCall.Down:
    case RsCall.Restart:
    case RsCall.Crash:
      reply(client, order(request));
      break;
    case RsCall.Log:
      reply(client, copyRecords(request));
      break;
    case RsCall.Complain:
      hearComplaint(request);
      break;
    default:
      reply(client, Status.NoSuchCall);
  }
}

/** Programs are PM's: init is on the page, but no service. */
function describe(request: RsStatus): void {
  const answer = new RsServiceReply();
  const all = services();
  const isThere = request.index < u32(all.length) && !rowOf(all[i32(request.index)]).rights.program;
  if (isThere) fillIn(answer, all[i32(request.index)]);
  else answer.status = Status.Nothing;
  replyWith(request.source, answer);
}

function fillIn(answer: RsServiceReply, service: Service): void {
  const isAlive = service.state === ServiceState.Starting || service.state === ServiceState.Running;
  answer.endpoint = isAlive ? service.endpoint : NONE;
  answer.pid = isAlive ? service.pid : 0;
  answer.state = service.state;
  answer.restarts = service.restarts;
  answer.name.set(rowOf(service).name);
  answer.cause.set(service.cause);
}

/** An order about one service. The vital ones take none in this version. */
function order(request: RsNamed): Status {
  const service = serviceNamed(request.name);
  if (service === null || rowOf(service).rights.program) return Status.NoEntry;
  if (rowOf(service).policy === RestartPolicy.Vital) return Status.Denied;
  const isAlive = service.state === ServiceState.Starting || service.state === ServiceState.Running;
  switch (request.type as RsCall) {
    case RsCall.Up:
      if (isAlive || service.state === ServiceState.Dead) return Status.Busy;
      service.deaths = 0;
      start(service);
      return Status.Ok;
    case RsCall.Down:
      return takeDown(service, isAlive);
    case RsCall.Restart:
      if (!isAlive) return Status.NoProcess;
      sentence(service, Sentence.Restart);
      return Status.Ok;
    default:
      return isAlive ? commit(service, request.fault) : Status.NoProcess;
  }
}

function takeDown(service: Service, isAlive: boolean): Status {
  if (isAlive) {
    sentence(service, Sentence.Down);
    return Status.Ok;
  }
  if (service.state !== ServiceState.Waiting) return Status.Busy;
  service.state = ServiceState.Down;
  publish(service); // whoever waits for its next life waits in vain
  return Status.Ok;
}

/** The service commits the fault itself, when it next listens. */
function commit(service: Service, fault: u32): Status {
  if (fault < Fault.Null || fault > Fault.Jump) return Status.Invalid;
  const message = new CommitFault();
  message.fault = fault as Fault;
  return post(service.endpoint, message);
}

/** Crash records as text, copied into the caller's memory. */
function copyRecords(request: RsLog): i32 {
  const piece = recordedPiece(request.position, request.bytes);
  if (piece.length === 0) return 0;
  const status = virtualCopy(RS, address(piece), request.source, request.address, u32(piece.length));
  return status === Status.Ok ? piece.length : status;
}

/** A client says that a service answers nonsense, or never: a service is believed, and waits for no answer; a program is not. */
function hearComplaint(request: RsComplain): void {
  if (slotOf(request.source) >= SERVICES) {
    reply(request.source, Status.Denied);
    return;
  }
  const service = serviceAt(request.endpoint);
  const client = serviceAt(request.source);
  if (service === null || client === null || rowOf(service).policy === RestartPolicy.Vital) return;
  log`${rowOf(client).name} complains of ${rowOf(service).name}`;
  sentence(service, Sentence.Complaint);
}
