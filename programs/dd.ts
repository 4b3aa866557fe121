/** dd: copies blocks from one file to another, and says how many. */
import { beginProgram, showUsage, usageError } from "../lib/library/arguments.ts";
import { Builder } from "../lib/library/builder.ts";
import { findByte } from "../lib/library/bytes.ts";
import { complainAbout, errorText } from "../lib/library/errors.ts";
import {
  close,
  open,
  Position,
  read,
  STANDARD_ERROR,
  STANDARD_INPUT,
  STANDARD_OUTPUT,
  seek,
  syncDescriptor,
  write,
  writeAll,
} from "../lib/library/file.ts";
import { take } from "../lib/library/heap.ts";
import { formatLong, formatUnsigned, NUMBER_BYTES, Parsed, parseLong } from "../lib/library/number.ts";
import { complain } from "../lib/library/output.ts";
import { exit } from "../lib/library/process.ts";
import { makeText } from "../lib/library/text.ts";
import { OpenFlags, Whence } from "../lib/protocol/vfs.ts";
import { Status } from "../lib/status.ts";

const USAGE =
  "dd [if=FILE] [of=FILE] [bs=BYTES[k|M]] [count=N] [skip=N] [seek=N] [conv=sync,notrunc,fsync] [status=none]";
const BLOCK_MAXIMUM_BYTES = 0x10_0000;

class Copy {
  input: string = "";
  output: string = "";
  blockBytes: i32 = 512;
  /** How many blocks; below zero: all. */
  count: i32 = -1;
  skip: i32 = 0;
  seek: i32 = 0;
  /** Short blocks are filled up with zeros. */
  pad: boolean = false;
  keep: boolean = false;
  flush: boolean = false;
  quiet: boolean = false;
  wholeIn: u32 = 0;
  partIn: u32 = 0;
  wholeOut: u32 = 0;
  partOut: u32 = 0;
  bytes: u64 = 0n;
}

const job = new Copy();

export function main(args: readonly string[]): i32 {
  beginProgram(args, USAGE);
  for (let index = 1; index < args.length; index++) readOperand(args[index]);
  const input = openInput();
  const output = openOutput();
  const block = bytesAt(take(u32(job.blockBytes)), u32(job.blockBytes));
  const done = skipInput(input, block) && copyBlocks(input, output, block) && finish(output);
  if (!job.quiet) report();
  return done ? 0 : 1;
}

function readOperand(operand: string): void {
  if (operand === "--help") showUsage();
  const equals = findByte(operand.bytes, 0x3d);
  if (equals < 0) usageError();
  const value = operand.bytes.subarray(equals + 1);
  switch (makeText(operand.bytes.subarray(0, equals))) {
    case "if":
      job.input = makeText(value);
      return;
    case "of":
      job.output = makeText(value);
      return;
    case "bs":
      job.blockBytes = sizeOfText(value);
      if (job.blockBytes === 0 || job.blockBytes > BLOCK_MAXIMUM_BYTES) usageError();
      return;
    case "count":
      job.count = sizeOfText(value);
      return;
    case "skip":
      job.skip = sizeOfText(value);
      return;
    case "seek":
      job.seek = sizeOfText(value);
      return;
    case "conv":
      readConversions(value);
      return;
    case "status":
      job.quiet = makeText(value) === "none";
      return;
    default:
      usageError();
  }
}

function readConversions(value: Uint8Array): void {
  let rest = value;
  for (;;) {
    const comma = findByte(rest, 0x2c);
    switch (makeText(comma < 0 ? rest : rest.subarray(0, comma))) {
      case "sync":
        job.pad = true;
        break;
      case "notrunc":
        job.keep = true;
        break;
      case "fsync":
        job.flush = true;
        break;
      default:
        usageError();
    }
    if (comma < 0) return;
    rest = rest.subarray(comma + 1);
  }
}

/** A number, with `k` for 1,024 or `M` for 1,048,576. */
function sizeOfText(text: Uint8Array): i32 {
  const last = text.length === 0 ? 0 : text[text.length - 1];
  const unit = last === 0x6b ? 1024n : last === 0x4d ? 0x10_0000n : 1n;
  const number = new Parsed();
  if (!parseLong(unit === 1n ? text : text.subarray(0, text.length - 1), number)) usageError();
  const value = number.long * unit;
  if (number.long > 0x7fff_ffffn || value > 0x7fff_ffffn) usageError();
  return i32(value);
}

function openInput(): i32 {
  if (job.input.length === 0) return STANDARD_INPUT;
  const descriptor = open(job.input, OpenFlags.ReadOnly);
  return descriptor < 0 ? giveUp(job.input, descriptor) : descriptor;
}

/** The output keeps what lies before the place that is sought, as POSIX wants it. */
function openOutput(): i32 {
  if (job.output.length === 0) return STANDARD_OUTPUT;
  const cut = job.keep || job.seek > 0 ? 0 : OpenFlags.Truncate;
  const descriptor = open(job.output, OpenFlags.WriteOnly | OpenFlags.Create | cut);
  if (descriptor < 0) return giveUp(job.output, descriptor);
  const position = new Position();
  const status = job.seek === 0 ? 0 : seek(descriptor, blocks(job.seek), Whence.Set, position);
  return status < 0 ? giveUp(job.output, status) : descriptor;
}

function giveUp(path: string, status: i32): never {
  complainAbout(path, status);
  exit(1);
}

function blocks(count: i32): u64 {
  return u64(count) * u64(job.blockBytes);
}

/** What cannot seek is read. */
function skipInput(input: i32, block: Uint8Array): boolean {
  const position = new Position();
  if (job.skip === 0 || seek(input, blocks(job.skip), Whence.Set, position) >= 0) return true;
  for (let count = 0; count < job.skip; count++) {
    const status = readBlock(input, block);
    if (status < 0) return fail(job.input, status);
    if (status < block.length) return true;
  }
  return true;
}

function copyBlocks(input: i32, output: i32, block: Uint8Array): boolean {
  for (let count = 0; job.count < 0 || count < job.count; count++) {
    const got = readBlock(input, block);
    if (got < 0) return fail(job.input, got);
    if (got === 0) return true;
    if (got === block.length) job.wholeIn++;
    else job.partIn++;
    if (job.pad) block.subarray(got).fill(0);
    const part = job.pad ? block : block.subarray(0, got);
    const status = writeBlock(output, part);
    if (status < 0) return fail(job.output, status);
  }
  return true;
}

/** Writes it in as many pieces as it takes, and counts what has got there. Answers Ok, or why it stopped. */
function writeBlock(output: i32, part: Uint8Array): i32 {
  let done = 0;
  let status = 0;
  while (done < part.length && (status >= 0 || status === Status.Interrupted)) {
    status = write(output, part.subarray(done));
    if (status > 0) done += status;
  }
  if (done === job.blockBytes) job.wholeOut++;
  else if (done > 0) job.partOut++;
  job.bytes += u64(done);
  return done === part.length ? 0 : status;
}

/** One read: a pipe gives what it has. */
function readBlock(input: i32, block: Uint8Array): i32 {
  for (;;) {
    const status = read(input, block);
    if (status !== Status.Interrupted) return status;
  }
}

function finish(output: i32): boolean {
  const synced = job.flush ? syncDescriptor(output) : 0;
  const status = synced >= 0 && output !== STANDARD_OUTPUT ? close(output) : synced;
  return status >= 0 || fail(job.output, status);
}

function fail(path: string, status: i32): boolean {
  if (path.length > 0) complainAbout(path, status);
  else complain`${errorText(status)}`;
  return false;
}

function report(): void {
  const text = new Builder();
  appendRecords(text, job.wholeIn, job.partIn, " records in\n");
  appendRecords(text, job.wholeOut, job.partOut, " records out\n");
  const digits = new Uint8Array(NUMBER_BYTES);
  text.append(formatLong(job.bytes, digits));
  text.appendText(" bytes copied\n");
  writeAll(STANDARD_ERROR, text.bytes());
  text.release();
}

function appendRecords(text: Builder, whole: u32, part: u32, what: string): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  text.append(formatUnsigned(whole, digits));
  text.appendText("+");
  text.append(formatUnsigned(part, digits));
  text.appendText(what);
}
