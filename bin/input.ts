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
    process.stdin.on("data", this.onData).on("end", this.onEnd).on("error", this.onError);
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

  /** Gives the terminal back as it was. The stream's own listeners stay: without them it would keep the process alive. */
  close(): void {
    if (this.isTerminal) process.stdin.setRawMode(false);
    process.stdin.off("data", this.onData).off("end", this.onEnd).off("error", this.onError);
    process.stdin.pause();
  }

  private readonly onData = (bytes: Buffer): void => {
    this.pending += this.decoder.write(bytes);
  };

  private readonly onEnd = (): void => {
    this.pending += this.decoder.end();
    this.closed = true;
  };

  private readonly onError = (): void => {
    this.closed = true;
  };
}
