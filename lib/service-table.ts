/**
 * The rows of the archive's entry `services`: the page system/services.ts, made binary for RS.
 */
import { Rights } from "./kernel-call/process.ts";

export const enum RestartPolicy {
  /** The system cannot live without it: its death ends the run, with the crash record on the console. */
  Vital = 0,
  /** Restarted, with backoff, until it is given up. */
  Restart = 1,
}

export class ServiceRow {
  /** What DS, `service status` and the others call it. */
  readonly name = new Uint8Array(16);
  /** Which archive entry it runs. */
  readonly program = new Uint8Array(16);
  /** Slot in the process table, and privilege id. */
  slot: i32 = 0;
  policy: RestartPolicy = 0;
  /** RS asks for a sign of life this often; 0: never. It is killed when two periods pass without one. */
  heartbeatMilliseconds: u32 = 0;
  /** Given up after more than this many deaths within the window. */
  restartsMaximum: u32 = 0;
  windowMilliseconds: u32 = 0;
  /** First restart at once, the next after this, doubling up to the maximum. */
  backoffMilliseconds: u32 = 0;
  backoffMaximumMilliseconds: u32 = 0;
  readonly rights = new Rights();
}
