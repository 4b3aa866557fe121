/**
 * The end of a program, whatever it comes from: exit, a signal, a failed exec, a shutdown. Begin at `endProgram`.
 */
import { INIT } from "../../lib/endpoint.ts";
import { runControl } from "../../lib/kernel-call/process.ts";
import { panic } from "../../lib/log.ts";
import { Signal } from "../../lib/signal.ts";
import { closeFiles, freeMemory } from "./below.ts";
import { initProgram, type Program, programs, State, Waiting } from "./program.ts";
import { postSignal } from "./signals.ts";
import { cancelTimer } from "./timers.ts";
import { reportEnd } from "./wait.ts";

/** How a parent sees an exit with this status, or an end by this signal (`PmWaited`). */
export const hasExited = (status: i32): i32 => (status & 0xff) << 8;
export const wasKilled = (signal: i32): i32 => signal & 0x7f;

/** Everything a program has is freed but its slot, which it keeps until its parent has waited for it. */
export function endProgram(program: Program, ending: i32): void {
  if (program.endpoint === INIT) panicWithoutInit(ending);
  runControl(program.endpoint, true);
  closeFiles(program.endpoint);
  freeMemory(program.endpoint);
  cancelTimer(program.alarm);
  cancelTimer(program.sleep);
  program.state = State.Zombie;
  program.waiting = Waiting.Nothing;
  program.stopped = false;
  program.pending = 0;
  program.ending = ending;
  leaveChildren(program);
  reportEnd(program);
}

/** Nobody is left to start anything. Init exits by itself only where the disk lacks what it begins with. */
function panicWithoutInit(ending: i32): void {
  if ((ending & 0x7f) !== 0) panic`init was killed by signal ${ending & 0x7f}: nobody can start anything`;
  panic`init has ended with exit status ${ending >> 8}: the disk must have /dev/tty, /etc/rc and /bin/sh`;
}

/** Its children become init's, those that have ended included. */
function leaveChildren(program: Program): void {
  const init = initProgram();
  for (const child of programs) {
    if (child.state === State.Vacant || child.parent !== program) continue;
    child.parent = init;
    if (child.state === State.Zombie) reportEnd(child);
    else if (child.stopped) {
      // Nobody is left to let it go on.
      postSignal(child, Signal.Hangup);
      postSignal(child, Signal.Continue);
    }
  }
}
