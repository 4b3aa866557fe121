/** One line of progress on standard error, for work that takes over a second; nothing when standard error is no terminal. */
export class Progress {
  private readonly total: number;
  private readonly begin = performance.now();
  private shown = false;

  /** `total`: what `show` will end at, in any unit. */
  constructor(total: number) {
    this.total = total;
  }

  show(done: number): void {
    if (!process.stderr.isTTY || performance.now() - this.begin < 1000) return;
    process.stderr.write(`\r${Math.floor((100 * done) / this.total)} %`);
    this.shown = true;
  }

  clear(): void {
    if (this.shown) process.stderr.write("\r\x1b[K");
  }
}
