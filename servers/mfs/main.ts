/**
 * MFS, the file server: MINIX FS V3 on block devices, for VFS. It knows files by number and names by directory; paths across
 * volumes, descriptors and programs are VFS' business.
 *
 * One request at a time. Read on in requests.ts (what can be asked), walk.ts and names.ts (directories), content.ts and
 * zones.ts (files), cache.ts (memory), and disk.ts (drivers that die).
 */
import { CLOCK, DS, VFS } from "../../lib/endpoint.ts";
import { MessageType } from "../../lib/message.ts";
import { startService } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";
import { startCache } from "./cache.ts";
import { armSync } from "./clock.ts";
import { hearStore } from "./disk.ts";
import { relieve, syncAll } from "./flush.ts";
import { nextMessage } from "./inbox.ts";
import { startNames } from "./names.ts";
import { serve } from "./requests.ts";

export function main(): never {
  startCache();
  startNames();
  startService();
  for (;;) {
    const request = nextMessage();
    if (request.type === MessageType.Notify) {
      if (request.source === CLOCK) syncInTime();
      else if (request.source === DS) hearStore();
    } else if (request.source === VFS) {
      serve(request);
      relieve();
    }
  }
}

/** What could not be written is tried again. */
function syncInTime(): void {
  if (syncAll() !== Status.Ok) armSync();
}
