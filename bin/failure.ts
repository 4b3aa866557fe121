/**
 * How a command fails: one clear line on standard error, and an exit status that means something. Nothing else in bin/ ends the process, but for an output that nobody reads (renix.ts).
 */

/** Exit statuses of `renix`, beside those a guest's program gives. */
export const enum ExitStatus {
  Ok = 0,
  /** An expectation of a scenario did not hold. */
  Failed = 1,
  /** The command could not be carried out: a wrong option, file or format. */
  Usage = 2,
  /** A replay took another course than its recording. */
  Differs = 3,
  /** Whoever read the output has gone: what a shell reports for SIGPIPE. */
  NobodyReads = 141,
}

/** A user's mistake, or a file's: its message is the one line they see. */
export class Failure extends Error {
  readonly status: ExitStatus;
  constructor(message: string, status: ExitStatus = ExitStatus.Usage) {
    super(message);
    this.status = status;
  }
}

/** What the operating system says of a file, without the stack trace. */
export function fileFailure(path: string, error: unknown): Failure {
  const code = (error as NodeJS.ErrnoException).code;
  const reasons: Record<string, string> = {
    ENOENT: "no such file or directory",
    EACCES: "permission denied",
    EISDIR: "is a directory",
    ENOTDIR: "not a directory",
    ENOSPC: "no space left on the device",
    EROFS: "read-only file system",
  };
  return new Failure(`${path}: ${reasons[code ?? ""] ?? (error as Error).message}`);
}
