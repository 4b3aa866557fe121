/**
 * DS, the data store: who is where, who wants to hear of it, and what services keep for their next lives.
 *
 * RS publishes every incarnation here; clients retrieve an endpoint by name, or subscribe and are notified when it changes. DS waits for
 * nobody but the kernel. Everything it knows lies in three tables: names and subscriptions (names.ts), state blocks (state.ts).
 */
import { Message, MessageType, type Notification } from "../../lib/message.ts";
import { DsCall, DsReply, type DsRequest } from "../../lib/protocol/ds.ts";
import { answerAndReceive, receiveRequest, startService } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";
import { nextChange, publish, retrieve, subscribe } from "./names.ts";
import { deleteState, loadState, saveState } from "./state.ts";

const inbox = new Message();

export function main(): never {
  startService();
  let request = receiveRequest<DsRequest | Notification>(inbox);
  for (;;) {
    if (request.type === MessageType.Notify) request = receiveRequest<DsRequest | Notification>(inbox);
    else {
      const answer = new DsReply();
      answer.status = perform(request, answer);
      request = answerAndReceive<DsRequest | Notification>(request.source, answer, inbox);
    }
  }
}

function perform(request: DsRequest, answer: DsReply): Status {
  switch (request.type) {
    case DsCall.Publish:
      return publish(request);
    case DsCall.Retrieve:
      return retrieve(request, answer);
    case DsCall.Subscribe:
      return subscribe(request);
    case DsCall.Check:
      return nextChange(request.source, answer);
    case DsCall.Save:
      return saveState(request);
    case DsCall.Load:
      return loadState(request, answer);
    case DsCall.Delete:
      return deleteState(request);
    default:
      return Status.NoSuchCall;
  }
}
