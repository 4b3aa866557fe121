/**
 * Reading: a file or standard input, in pieces or in lines. Begin reading at `LineReader.next`.
 */
import { OpenFlags } from "../protocol/vfs.ts";
import { Status } from "../status.ts";
import { Ascii } from "./ascii.ts";
import { Builder } from "./builder.ts";
import { findByte } from "./bytes.ts";
import { complainAbout } from "./errors.ts";
import { close, open, read, STANDARD_INPUT } from "./file.ts";

const BUFFER_BYTES = 4096;

/** A descriptor for a file named among a program's operands; `-` is standard input. Below zero after a complaint. */
export function openOperand(path: string): i32 {
  if (path === "-") return STANDARD_INPUT;
  const descriptor = open(path, OpenFlags.ReadOnly);
  if (descriptor < 0) complainAbout(path, descriptor);
  return descriptor;
}

export function closeOperand(descriptor: i32): void {
  if (descriptor !== STANDARD_INPUT) close(descriptor);
}

/** Lines of any length, one after the other. Static or on the stack; `begin` for each file. */
export class LineReader {
  descriptor: i32 = -1;
  /** Below zero: why reading ended. */
  status: i32 = 0;
  /** The last line ended with a newline. */
  complete: boolean = false;
  readonly line = new Builder();
  begins: i32 = 0;
  ends: i32 = 0;
  readonly buffer = new Uint8Array(BUFFER_BYTES);

  begin(descriptor: i32): void {
    this.descriptor = descriptor;
    this.status = 0;
    this.begins = 0;
    this.ends = 0;
  }

  /** Reads a line into `line`, without its newline; false when there is none left. */
  next(): boolean {
    this.line.clear();
    this.complete = false;
    for (;;) {
      if (this.begins === this.ends && !this.fill()) return this.line.length > 0;
      const rest = this.buffer.subarray(this.begins, this.ends);
      const newline = findByte(rest, Ascii.Newline);
      if (newline >= 0) {
        this.line.append(rest.subarray(0, newline));
        this.begins += newline + 1;
        this.complete = true;
        return true;
      }
      this.line.append(rest);
      this.begins = this.ends;
    }
  }

  fill(): boolean {
    this.begins = 0;
    this.ends = 0;
    do this.status = read(this.descriptor, this.buffer);
    while (this.status === Status.Interrupted);
    if (this.status > 0) this.ends = this.status;
    return this.status > 0;
  }
}
