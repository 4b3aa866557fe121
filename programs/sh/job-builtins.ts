/** Builtins about jobs: jobs, fg, bg, wait, kill. */
import { Ascii } from "../../lib/library/ascii.ts";
import { TextList } from "../../lib/library/list.ts";
import { formatSigned, NUMBER_BYTES, parseUnsigned } from "../../lib/library/number.ts";
import { complain, print } from "../../lib/library/output.ts";
import { KILL_USAGE, sendSignals } from "../common/kill.ts";
import { arenaText } from "./arena.ts";
import { anyRunningJob, continueJob, findJob, type Job, jobOfProcess, printJobs, waitForJob } from "./jobs.ts";
import { isUnwinding } from "./state.ts";

const UNKNOWN_STATUS = 127;

export function jobsBuiltin(_words: TextList): i32 {
  printJobs();
  return 0;
}

/** `fg [%N]` */
export function foregroundBuiltin(words: TextList): i32 {
  const job = jobOf(words, 1);
  if (job === null) return complainNoJob(words);
  print`${job.text}\n`;
  continueJob(job, true);
  return waitForJob(job);
}

/** `bg [%N]` */
export function backgroundBuiltin(words: TextList): i32 {
  const job = jobOf(words, 1);
  if (job === null) return complainNoJob(words);
  print`[${job.number}] ${job.text}\n`;
  continueJob(job, false);
  return 0;
}

/** `wait [%N | PID]…`: without words, for every job. */
export function waitBuiltin(words: TextList): i32 {
  if (words.count === 1) {
    for (let job = anyRunningJob(); job !== null && !isUnwinding(); job = anyRunningJob()) waitForJob(job);
    return isUnwinding() ? 130 : 0;
  }
  let status: i32 = 0;
  for (let index = 1; index < words.count && !isUnwinding(); index++) {
    const job = jobOf(words, index);
    if (job === null) {
      complain`wait: ${words.at(index)}: no such job`;
      status = UNKNOWN_STATUS;
    } else status = waitForJob(job);
  }
  return status;
}

/** As the program does, and `%N` is a job. */
export function killBuiltin(words: TextList): i32 {
  const beginsWithJob = words.count > 1 && words.at(1).length > 1 && words.at(1).charCodeAt(0) === Ascii.Percent;
  for (let index = 1; index < words.count; index++) {
    if (words.at(index).bytes.length < 2 || words.at(index).charCodeAt(0) !== Ascii.Percent) continue;
    const job = jobOf(words, index);
    if (job === null) return complainNoJob(words);
    const digits = new Uint8Array(NUMBER_BYTES);
    // Stopped, it could not come to its end.
    if (job.stopped) continueJob(job, false);
    words.put(index, arenaText(formatSigned(job.group === 0 ? job.lastProcess : -job.group, digits)));
  }
  const signalled = new TextList();
  signalled.append(words.at(0));
  // A job is a process group, below zero: first among the words it would look like an option.
  if (beginsWithJob) signalled.append("--");
  for (let index = 1; index < words.count; index++) signalled.append(words.at(index));
  const result = sendSignals(signalled, "kill: ");
  signalled.release();
  if (result >= 0) return result;
  complain`usage: ${KILL_USAGE}`;
  return 2;
}

/** The job that a word means, `%2` or a process id; without the word, the youngest. */
function jobOf(words: TextList, index: i32): Job | null {
  if (index >= words.count) return findJob(0);
  const word = words.at(index).bytes;
  if (word.length > 1 && word[0] === Ascii.Percent) return findJob(parseUnsigned(word.subarray(1)));
  return jobOfProcess(parseUnsigned(word));
}

function complainNoJob(words: TextList): i32 {
  complain`${words.at(0)}: no such job`;
  return 1;
}
