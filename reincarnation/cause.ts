/** Why a service died, in a word or two: what `service status` shows, and what a crash record begins with. */
import { exceptionName } from "../lib/exception.ts";
import { type Crash, DeathCause } from "../lib/kernel-call/crash.ts";
import { formatUnsigned, NUMBER_BYTES } from "../lib/library/number.ts";
import { checkReason } from "./backtrace.ts";
import { Sentence, type Service } from "./services.ts";

/** Writes the words into a zeroed buffer of 20 bytes. */
export function causeOf(service: Service, crash: Crash, text: Uint8Array): void {
  text.set(words(service, crash).bytes);
  if (crash.cause !== DeathCause.Exit || service.sentence !== Sentence.None) return;
  const digits = new Uint8Array(NUMBER_BYTES);
  text.set(formatUnsigned(u32(crash.code), digits), 5); // behind "exit "
}

function words(service: Service, crash: Crash): string {
  switch (service.sentence) {
    case Sentence.NoHeartbeat:
      return "no heartbeat";
    case Sentence.NotReady:
      return "never ready";
    case Sentence.Complaint:
      return "complaint";
    case Sentence.Restart:
      return "restarted";
    case Sentence.Down:
      return "taken down";
    default:
  }
  switch (crash.cause) {
    case DeathCause.Exit:
      return "exit ";
    case DeathCause.Panic:
      return "panic";
    case DeathCause.Killed:
      return "killed";
    case DeathCause.Check:
      return checkReason(service, crash);
    default:
      return exceptionName(crash.mcause);
  }
}
