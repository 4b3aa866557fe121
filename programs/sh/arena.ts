/**
 * Memory of a command: everything made while a command is parsed and run is given back at once when it is done.
 *
 * A stack of bytes in chunks: `mark` remembers the top, `cutBack` returns to it. Trees and expanded words live here, so a loop that
 * runs for days uses no more than its longest round.
 */
import { release, take } from "../../lib/library/heap.ts";
import { textBytes, writeText } from "../../lib/library/text.ts";

class Chunk {
  previous: Chunk | null = null;
  bytes: u32 = 0;
}
const HEADER_BYTES = 8;
const CHUNK_BYTES = 8192;

let chunk: Chunk | null = null;
let top: vaddr = 0;
let end: vaddr = 0;

/** Answers what `cutBack` needs to come back here: the top, which lies in no other chunk. */
export function mark(): vaddr {
  return top;
}

/** Gives back everything that was taken since `mark`. */
export function cutBack(place: vaddr): void {
  while (chunk !== null && !liesIn(chunk, place)) {
    const previous: Chunk | null = chunk.previous;
    release(address(chunk));
    chunk = previous;
  }
  top = place;
  end = chunk === null ? 0 : address(chunk) + chunk.bytes;
}

/** Zeroed bytes, aligned for any struct without 64-bit fields. */
export function takeBytes(bytes: u32): vaddr {
  const rounded = (bytes + 7) & ~7;
  if (top === 0 || end - top < rounded) addChunk(rounded);
  const place = top;
  top += rounded;
  bytesAt(place, rounded).fill(0);
  return place;
}

/** A new string that lives as long as the command. */
export function arenaText(bytes: Uint8Array): string {
  return writeText(takeBytes(textBytes(bytes.length)), bytes);
}

function liesIn(candidate: Chunk, place: vaddr): boolean {
  return place >= address(candidate) && place <= address(candidate) + candidate.bytes;
}

function addChunk(atLeast: u32): void {
  let bytes: u32 = CHUNK_BYTES;
  if (bytes < atLeast + HEADER_BYTES) bytes = atLeast + HEADER_BYTES;
  const added = view(take(bytes), Chunk);
  added.previous = chunk;
  added.bytes = bytes;
  chunk = added;
  top = address(added) + HEADER_BYTES;
  end = address(added) + bytes;
}
