/** Signals, with POSIX's numbers. A set of signals has bit `1 << signal`. */
export const enum Signal {
  Hangup = 1,
  Interrupt = 2,
  Quit = 3,
  Illegal = 4,
  Trap = 5,
  Abort = 6,
  BusError = 7,
  Arithmetic = 8,
  Kill = 9,
  User1 = 10,
  Segmentation = 11,
  User2 = 12,
  Pipe = 13,
  Alarm = 14,
  Terminate = 15,
  Child = 17,
  Continue = 18,
  Stop = 19,
  TerminalStop = 20,
  TerminalInput = 21,
  TerminalOutput = 22,
}
export const SIGNALS = 32;
/** Special values in the place of a handler's address. */
export const enum Disposition {
  Default = 0,
  Ignore = 1,
}
