/**
 * The host's standard input: a terminal in raw mode, or a pipe. Text is taken from it between slices of the machine; `ended` says when a pipe
 * has closed and everything was taken.
 */
import { StringDecoder } from "node:string_decoder";

export class Input {
  private readonly decoder = new StringDecoder("utf8");
  private pending = "";
  private closed = false;
  readonly isTerminal = process.stdin.isTTY ?? false;

  constructor() {
    if (this.isTerminal) process.stdin.setRawMode(true);
    process.stdin.on("data", (bytes: Buffer) => {
      this.pending += this.decoder.write(bytes);
    });
    process.stdin.on("end", () => {
      this.pending += this.decoder.end();
      this.closed = true;
    });
    process.stdin.on("error", () => {
      this.closed = true;
    });
    process.stdin.resume();
  }

  /** What has come since the last time; at most `characters` of it, or up to the first newline where `line` is wanted. */
  take(line = false): string {
    const end = line ? this.pending.indexOf("\n") + 1 || this.pending.length : this.pending.length;
    const text = this.pending.slice(0, end);
    this.pending = this.pending.slice(end);
    return text;
  }

  get waiting(): boolean {
    return this.pending !== "";
  }

  get ended(): boolean {
    return this.closed && this.pending === "";
  }

  /** Gives the terminal back as it was. */
  close(): void {
    if (this.isTerminal) process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdin.removeAllListeners();
  }
}
