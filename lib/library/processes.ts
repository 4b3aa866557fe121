/** Looking at other processes. */
import { PM } from "../endpoint.ts";
import type { Message } from "../message.ts";
import { type PmProcess, PmProcessInfo } from "../protocol/pm.ts";
import { call } from "./call.ts";

/** The process in slot `index` of the process table, services included. Errors: NoProcess (nobody lives there), Nothing (beyond the last slot). */
export function processInformation(index: i32, result: PmProcess): i32 {
  const request = new PmProcessInfo();
  request.index = index;
  const status = call(PM, request);
  if (status >= 0) copy(result, request as Message as PmProcess);
  return status;
}
