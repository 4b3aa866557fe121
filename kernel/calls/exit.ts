/** Exit: the calling service ends. a0: its exit code, or PANIC_EXIT. RS hears of it. */
import { Status } from "../../lib/status.ts";
import { exitService } from "../death.ts";
import type { Process } from "../process.ts";

export function exitCall(caller: Process): i32 {
  exitService(caller, i32(caller.frame.a0));
  return Status.Ok;
}
