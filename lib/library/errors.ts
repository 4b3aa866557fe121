/** What a `Status` is called in a message to a person: POSIX's words where it has them. */
import { Status } from "../status.ts";
import { complain } from "./output.ts";

/** Complains about `subject` in the form `name: subject: what failed`. */
export function complainAbout(subject: string, status: i32): void {
  complain`${subject}: ${errorText(status)}`;
}

export function errorText(status: i32): string {
  switch (status) {
    case Status.NotPermitted:
      return "Operation not permitted";
    case Status.NoEntry:
      return "No such file or directory";
    case Status.NoProcess:
      return "No such process";
    case Status.Interrupted:
      return "Interrupted";
    case Status.InputOutput:
      return "Input/output error";
    case Status.NoDevice:
      return "No such device";
    case Status.ArgumentsTooLong:
      return "Argument list too long";
    case Status.NotExecutable:
      return "Exec format error";
    case Status.BadDescriptor:
      return "Bad file descriptor";
    case Status.NoChild:
      return "No child processes";
    case Status.TryAgain:
      return "Resource temporarily unavailable";
    case Status.NoMemory:
      return "Cannot allocate memory";
    case Status.AccessDenied:
      return "Permission denied";
    case Status.Fault:
      return "Bad address";
    case Status.Busy:
      return "Device or resource busy";
    case Status.Exists:
      return "File exists";
    case Status.CrossDevice:
      return "Invalid cross-device link";
    case Status.NotDirectory:
      return "Not a directory";
    case Status.IsDirectory:
      return "Is a directory";
    case Status.Invalid:
      return "Invalid argument";
    case Status.TooManyFiles:
      return "Too many open files";
    case Status.NotTerminal:
      return "Not a terminal";
    case Status.FileTooLarge:
      return "File too large";
    case Status.NoSpace:
      return "No space left on device";
    case Status.IllegalSeek:
      return "Illegal seek";
    case Status.ReadOnly:
      return "Read-only file system";
    case Status.TooManyLinks:
      return "Too many links";
    case Status.BrokenPipe:
      return "Broken pipe";
    case Status.OutOfRange:
      return "Numerical result out of range";
    case Status.Deadlock:
      return "Resource deadlock avoided";
    case Status.NameTooLong:
      return "File name too long";
    case Status.NoSuchCall:
      return "Function not implemented";
    case Status.NotEmpty:
      return "Directory not empty";
    case Status.DeadEndpoint:
      return "The service has died";
    case Status.Denied:
      return "The service refuses";
    case Status.ServiceDown:
      return "The service is down";
    default:
      return "Unknown error";
  }
}
