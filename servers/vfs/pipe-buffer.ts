/** The bytes of a pipe: a ring in VFS. Who waits for them, and why, is pipe.ts' business. */
import type { Endpoint } from "../../lib/endpoint.ts";
import { VFS } from "../../lib/endpoint.ts";
import { virtualCopy } from "../../lib/kernel-call/process.ts";
import { Status } from "../../lib/status.ts";

export const PIPE_BYTES = 8192;

export class Pipe {
  /** Open ends; both 0: a vacant row. */
  readers: u32 = 0;
  writers: u32 = 0;
  /** Processes that wait for it. */
  waiting: u32 = 0;
  /** Where the oldest byte is, and how many there are. */
  start: u32 = 0;
  count: u32 = 0;
  readonly ring = new Uint8Array(8192);

  room(): u32 {
    return PIPE_BYTES - this.count;
  }
}

const pipes = table(Pipe, 32);

/** A pipe with one reader and one writer, or null. */
export function takePipe(): Pipe | null {
  for (const pipe of pipes) {
    if (pipe.readers + pipe.writers !== 0) continue;
    pipe.readers = 1;
    pipe.writers = 1;
    pipe.waiting = 0;
    pipe.start = 0;
    pipe.count = 0;
    return pipe;
  }
  return null;
}

/** Moves up to `bytes` bytes from the pipe to a process. Returns how many. Errors: Fault, DeadEndpoint. */
export function drain(pipe: Pipe, process: Endpoint, target: vaddr, bytes: u32): i32 {
  const total = bytes < pipe.count ? bytes : pipe.count;
  for (let done: u32 = 0; done < total; ) {
    const piece = pieceUpToEnd(pipe.start, total - done);
    const status = virtualCopy(VFS, address(pipe.ring) + pipe.start, process, target + done, piece);
    if (status !== Status.Ok) return status;
    pipe.start = (pipe.start + piece) % PIPE_BYTES;
    pipe.count -= piece;
    done += piece;
  }
  return i32(total);
}

/** The other direction, as much as there is room for. */
export function pour(pipe: Pipe, process: Endpoint, source: vaddr, bytes: u32): i32 {
  const total = bytes < pipe.room() ? bytes : pipe.room();
  for (let done: u32 = 0; done < total; ) {
    const at = (pipe.start + pipe.count) % PIPE_BYTES;
    const piece = pieceUpToEnd(at, total - done);
    const status = virtualCopy(process, source + done, VFS, address(pipe.ring) + at, piece);
    if (status !== Status.Ok) return status;
    pipe.count += piece;
    done += piece;
  }
  return i32(total);
}

function pieceUpToEnd(at: u32, bytes: u32): u32 {
  if (bytes > PIPE_BYTES - at) return PIPE_BYTES - at;
  return bytes;
}
