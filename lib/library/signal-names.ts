/** Signals by name, both ways, and in words. Begin reading at `signalName`. */
import { SIGNALS, Signal } from "../signal.ts";
import { startsWith } from "./bytes.ts";
import { parseUnsigned } from "./number.ts";

/** As `kill -l` shows it; empty if there is no such signal. */
export function signalName(signal: i32): string {
  switch (signal) {
    case Signal.Hangup:
      return "HUP";
    case Signal.Interrupt:
      return "INT";
    case Signal.Quit:
      return "QUIT";
    case Signal.Illegal:
      return "ILL";
    case Signal.Trap:
      return "TRAP";
    case Signal.Abort:
      return "ABRT";
    case Signal.BusError:
      return "BUS";
    case Signal.Arithmetic:
      return "FPE";
    case Signal.Kill:
      return "KILL";
    case Signal.User1:
      return "USR1";
    case Signal.Segmentation:
      return "SEGV";
    case Signal.User2:
      return "USR2";
    case Signal.Pipe:
      return "PIPE";
    case Signal.Alarm:
      return "ALRM";
    case Signal.Terminate:
      return "TERM";
    case Signal.Child:
      return "CHLD";
    case Signal.Continue:
      return "CONT";
    case Signal.Stop:
      return "STOP";
    case Signal.TerminalStop:
      return "TSTP";
    case Signal.TerminalInput:
      return "TTIN";
    case Signal.TerminalOutput:
      return "TTOU";
    default:
      return "";
  }
}

/** The signal that a text means: a number, `INT` or `SIGINT`; -1 if none. */
export function parseSignal(text: Uint8Array): i32 {
  const number = parseUnsigned(text);
  if (number >= 0) return number < SIGNALS ? number : -1;
  const bare = startsWith(text, "SIG".bytes) ? text.subarray(3) : text;
  for (let signal = 1; signal < SIGNALS; signal++) {
    const name = signalName(signal).bytes;
    if (name.length > 0 && name.length === bare.length && startsWith(bare, name)) return signal;
  }
  return -1;
}

/** What a shell says of a process that a signal has ended. */
export function signalDescription(signal: i32): string {
  switch (signal) {
    case Signal.Hangup:
      return "Hangup";
    case Signal.Interrupt:
      return "Interrupt";
    case Signal.Quit:
      return "Quit";
    case Signal.Illegal:
      return "Illegal instruction";
    case Signal.Trap:
      return "Failed check";
    case Signal.Abort:
      return "Aborted";
    case Signal.BusError:
      return "Bus error";
    case Signal.Arithmetic:
      return "Arithmetic exception";
    case Signal.Kill:
      return "Killed";
    case Signal.Segmentation:
      return "Segmentation fault";
    case Signal.Pipe:
      return "Broken pipe";
    case Signal.Alarm:
      return "Alarm clock";
    case Signal.Terminate:
      return "Terminated";
    default:
      return "Ended by a signal";
  }
}
