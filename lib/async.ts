/**
 * Asynchronous messages: what a service says upward, or to somebody it must not wait for.
 *
 * `post` copies the message into a row of a table that the kernel delivers from (ipc.ts, `sendAsync`) whenever the receiver listens. A row is
 * free again when the kernel has marked it done.
 */
import type { Endpoint } from "./endpoint.ts";
import { AsyncFlags, AsyncMessage, sendAsync } from "./ipc.ts";
import type { Message } from "./message.ts";
import { Status } from "./status.ts";

const ROWS = 32;
const rows = table(AsyncMessage, ROWS);
/** How many of them the kernel has to look at. */
let handedOver = 0;

/** Sends without ever waiting. Messages to one receiver arrive in the order of their rows. Errors: TryAgain (every row waits for its receiver). */
export function post(to: Endpoint, message: Message): Status {
  for (let index = 0; index < ROWS; index++) {
    const row = rows[index];
    if (isTaken(row)) continue;
    copy(row.message, message);
    row.to = to;
    row.flags = AsyncFlags.Valid;
    if (index >= handedOver) handedOver = index + 1;
    return handOver();
  }
  return Status.TryAgain;
}

/** Takes back everything that `to` has not received yet: it has died, and its successor is told anew. */
export function unpost(to: Endpoint): void {
  for (const row of rows) {
    if (isTaken(row) && row.to === to) row.flags = 0;
  }
  handOver();
}

/** The kernel looks at every row it is given: it gets those up to the last that is taken. */
function handOver(): Status {
  while (handedOver > 0 && !isTaken(rows[handedOver - 1])) handedOver--;
  return sendAsync(tableAt(address(rows), AsyncMessage, u32(handedOver)));
}

function isTaken(row: AsyncMessage): boolean {
  return (row.flags & (AsyncFlags.Valid | AsyncFlags.Done)) === AsyncFlags.Valid;
}
