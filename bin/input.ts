/**
 * The host's standard input: a terminal in raw mode, or a pipe. Text is taken from it between slices of the machine; `ended` says when a pipe
 * has closed and everything was taken.
 */
import { StringDecoder } from "node:string_decoder";

/** Return, ^D, and the keys that are signals: what follows them is for whoever reads next. */
const LINE_ENDS = new Set("\n\r\x04\x03\x1a\x1c");

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

  /** What has come since the last time; at most up to the end of the first line where `line` is wanted: a newline, or a key that ends a line in its own way. */
  take(line = false): string {
    const end = line ? this.firstLineLength() : this.pending.length;
    const text = this.pending.slice(0, end);
    this.pending = this.pending.slice(end);
    return text;
  }

  private firstLineLength(): number {
    let end = 0;
    while (end < this.pending.length && !LINE_ENDS.has(this.pending[end]!)) end++;
    return Math.min(end + 1, this.pending.length);
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
