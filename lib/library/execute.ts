/**
 * Becoming another program. Begin reading at `execute`.
 *
 * The *frame* is what the new program finds on its stack: a count and the addresses of the arguments, a zero, the same for the
 * environment, and then the strings, in the language's form; addresses count from the frame's begin (lib/start/program.ts reads it).
 */
import { PM } from "../endpoint.ts";
import { EXEC_FRAME_MAXIMUM_BYTES, PmExec } from "../protocol/pm.ts";
import { FileStatus, Mode } from "../protocol/vfs.ts";
import { Status } from "../status.ts";
import { Ascii } from "./ascii.ts";
import { findByte } from "./bytes.ts";
import { call } from "./call.ts";
import { AccessMode, access, stat } from "./file.ts";
import { allocate, release } from "./heap.ts";
import type { TextList } from "./list.ts";
import { joinPath, makeText, releaseText, textBytes, writeText } from "./text.ts";

const WORD_BYTES = 4;

/** Where programs are looked for when the environment has no PATH. */
export const DEFAULT_PATH = "/bin";

/**
 * Replaces the caller by the program at `path`, with these arguments (the first is its name) and this environment ("NAME=value"). Returns only if it
 * fails: NoEntry, AccessDenied, NotExecutable, ArgumentsTooLong, NoMemory, IsDirectory.
 */
export function execute(path: string, args: TextList, environment: TextList): i32 {
  const bytes = WORD_BYTES + listBytes(args) + listBytes(environment);
  if (bytes > EXEC_FRAME_MAXIMUM_BYTES) return Status.ArgumentsTooLong;
  const frame = allocate(bytes);
  if (frame === 0) return Status.NoMemory;
  wordsAt(frame, 1)[0] = u32(args.count);
  const environmentWords = frame + u32((args.count + 2) * WORD_BYTES);
  const texts = environmentWords + u32((environment.count + 1) * WORD_BYTES);
  const afterArguments = writeList(frame, frame + WORD_BYTES, texts, args);
  writeList(frame, environmentWords, afterArguments, environment);

  const request = new PmExec();
  request.path = address(path.bytes);
  request.pathBytes = u32(path.length);
  request.frame = frame;
  request.frameBytes = bytes;
  const status = call(PM, request);
  release(frame);
  return status;
}

/** A new string: the path of the program that `name` means, looked for in `directories` (separated by colons); empty if there is none. */
export function findProgram(name: string, directories: string): string {
  if (findByte(name.bytes, Ascii.Slash) >= 0) return makeText(name.bytes);
  let rest = directories.bytes;
  for (;;) {
    const colon = findByte(rest, Ascii.Colon);
    const directory = makeText(colon < 0 ? rest : rest.subarray(0, colon));
    const path = joinPath(directory, name.bytes);
    releaseText(directory);
    if (isProgram(path)) return path;
    releaseText(path);
    if (colon < 0) return "";
    rest = rest.subarray(colon + 1);
  }
}

function isProgram(path: string): boolean {
  const status = new FileStatus();
  if (stat(path, status) < 0 || (status.mode & Mode.TypeMask) !== Mode.Regular) return false;
  return access(path, AccessMode.Execute) >= 0;
}

function listBytes(list: TextList): u32 {
  let bytes = u32((list.count + 1) * WORD_BYTES);
  for (let index = 0; index < list.count; index++) bytes += textBytes(list.at(index).length);
  return bytes;
}

/** Writes addresses and a zero at `words`, and the strings from `texts` on; answers where they end. */
function writeList(frame: vaddr, words: vaddr, texts: vaddr, list: TextList): vaddr {
  const slots = wordsAt(words, u32(list.count + 1));
  let place = texts;
  for (let index = 0; index < list.count; index++) {
    const text = list.at(index);
    slots[index] = place - frame;
    writeText(place, text.bytes);
    place += textBytes(text.length);
  }
  slots[list.count] = 0;
  return place;
}
