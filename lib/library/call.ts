/**
 * How a program asks a server: one message goes, the answer comes back in its place.
 *
 * Everything in the program library ends here. Answers that say more than a status are read through a view of the same
 * message: `const ids = request as Message as PmIds`.
 */
import type { Endpoint } from "../endpoint.ts";
import { sendReceive } from "../ipc.ts";
import type { Message, Reply } from "../message.ts";

/** Returns the answer's status: zero or a count, or what failed, be it the request or its delivery. */
export function call(server: Endpoint, request: Message): i32 {
  const delivery = sendReceive(server, request);
  if (delivery < 0) return delivery;
  const answer = request as Reply;
  return answer.status;
}
