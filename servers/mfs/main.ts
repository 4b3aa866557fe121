/**
 * MFS, the file server: MINIX FS V3 on block devices, for VFS. It knows files by number and names by directory; paths across
 * volumes, descriptors and programs are VFS' business.
 *
 * One request at a time. Read on in requests.ts (what can be asked), walk.ts and names.ts (directories), content.ts and
 * zones.ts (files), cache.ts (memory), and disk.ts (drivers that die).
 */
import { CLOCK, DS, VFS } from "../../lib/endpoint.ts";
import { MessageType, type Notification } from "../../lib/message.ts";
import type { FsRequest } from "../../lib/protocol/file-server.ts";
import { replyWith, startService } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";
import { mustRelieve, startCache } from "./cache.ts";
import { armSync } from "./clock.ts";
import { hearStore } from "./disk.ts";
import { relieve, syncAll } from "./flush.ts";
import { answerAndNext, nextMessage } from "./inbox.ts";
import { startNames } from "./names.ts";
import { serve } from "./requests.ts";

export function main(): never {
  startCache();
  startNames();
  startService();
  let request = nextMessage();
  for (;;) {
    if (request.type !== MessageType.Notify && request.source === VFS) request = serveVfs(request);
    else {
      if (request.source === CLOCK) syncInTime();
      else if (request.source === DS) hearStore();
      request = nextMessage();
    }
  }
}

/** Returns the next message. VFS does not wait for what `relieve` writes back. */
function serveVfs(request: FsRequest): FsRequest | Notification {
  const answer = serve(request);
  if (!mustRelieve()) return answerAndNext(answer);
  replyWith(VFS, answer);
  relieve();
  return nextMessage();
}

/** What could not be written is tried again. */
function syncInTime(): void {
  if (syncAll() !== Status.Ok) armSync();
}
