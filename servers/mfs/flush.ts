/** When what has changed in memory reaches the disk: at a sync, at the alarm, and when too much of it is waiting. */
import { Status } from "../../lib/status.ts";
import { flushBlocks, mustRelieve } from "./cache.ts";
import { flushDisk } from "./disk.ts";
import { storeInodes } from "./inode.ts";
import { type Volume, volumes } from "./volume.ts";

/** Writing back has failed: `relieve` lets the disk rest until the next sync or alarm. */
let resting = false;

/** Everything of the volume is on stable storage when this answers Ok. Errors: InputOutput, NoDevice, ServiceDown. */
export function syncVolume(volume: Volume): Status {
  const written = writeBack(volume);
  return written === Status.Ok ? flushDisk(volume) : written;
}

/** All volumes; one that fails does not keep the others from it. */
export function syncAll(): Status {
  let result: Status = Status.Ok;
  for (const volume of volumes) {
    if (!volume.used) continue;
    const status = syncVolume(volume);
    if (status !== Status.Ok) result = status;
  }
  return result;
}

/** Data before inodes before directories: the order is that of `BlockKind`. The device may still keep it in a cache of its own. */
export function writeBack(volume: Volume): Status {
  const stored = storeInodes(volume);
  const written = flushBlocks(volume);
  resting = written !== Status.Ok;
  return resting ? written : stored;
}

/** Call where no block is in use, and often enough: writes back when much has changed, so that the cache always has room. */
export function relieve(): void {
  if (resting || !mustRelieve()) return;
  for (const volume of volumes) if (volume.used) writeBack(volume);
}
