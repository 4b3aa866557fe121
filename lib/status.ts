/**
 * What came of a request. Zero and above is success (often a count); the names of failure are below zero, with the
 * numbers of POSIX's errno where it has one.
 */
export const enum Status {
  Ok = 0,
  NotPermitted = -1,
  NoEntry = -2,
  NoProcess = -3,
  Interrupted = -4,
  InputOutput = -5,
  NoDevice = -6,
  ArgumentsTooLong = -7,
  NotExecutable = -8,
  BadDescriptor = -9,
  NoChild = -10,
  TryAgain = -11,
  NoMemory = -12,
  AccessDenied = -13,
  Fault = -14,
  Busy = -16,
  Exists = -17,
  CrossDevice = -18,
  NotDirectory = -20,
  IsDirectory = -21,
  Invalid = -22,
  TooManyFiles = -24,
  NotTerminal = -25,
  FileTooLarge = -27,
  NoSpace = -28,
  IllegalSeek = -29,
  ReadOnly = -30,
  TooManyLinks = -31,
  BrokenPipe = -32,
  OutOfRange = -34,
  Deadlock = -35,
  NameTooLong = -36,
  NoSuchCall = -38,
  NotEmpty = -39,
  /** The endpoint's life is over, or never was. */
  DeadEndpoint = -101,
  /** The sender's rights do not include this receiver, call or device. */
  Denied = -102,
  /** A non-blocking send found nobody waiting. */
  NotReady = -103,
  /** The address space needs another page table before this can be mapped. */
  NeedTable = -104,
  /** No such grant, or it does not allow this. */
  BadGrant = -105,
  /** The service has been given up. */
  ServiceDown = -106,
  /** Nothing (more) to fetch. */
  Nothing = -107,
}
