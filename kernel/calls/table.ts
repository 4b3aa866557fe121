/**
 * Kernel calls: a row for each, and a file for each row. What a call takes and answers stands in lib/kernel-call/.
 *
 * A call finds its arguments in its caller's frame (a0 to a5) and returns what the caller finds in a0. Where memory it needs is not
 * there it returns RETRY, and starts again later: so it looks at all it needs before it changes anything.
 */
import { KernelCall } from "../../lib/kernel-call/number.ts";
import { Status } from "../../lib/status.ts";
import type { Process } from "../process.ts";
import { abortCall } from "./abort.ts";
import { clearCall } from "./clear.ts";
import { createCall } from "./create.ts";
import { deviceInformationCall } from "./device-information.ts";
import { dmaCloseCall } from "./dma-close.ts";
import { dmaOpenCall } from "./dma-open.ts";
import { dmaReleaseCall } from "./dma-release.ts";
import { endFaultCall } from "./end-fault.ts";
import { endSignalCall } from "./end-signal.ts";
import { executeCall } from "./execute.ts";
import { exitCall } from "./exit.ts";
import { forkCall } from "./fork.ts";
import { frameCopyCall } from "./frame-copy.ts";
import { frameZeroCall } from "./frame-zero.ts";
import { getCrashCall } from "./get-crash.ts";
import { getFaultCall } from "./get-fault.ts";
import { getSignalCall } from "./get-signal.ts";
import { informationCall } from "./information.ts";
import { interruptControlCall } from "./interrupt-control.ts";
import { killCall } from "./kill.ts";
import { logCall } from "./log.ts";
import { privilegeCall } from "./privilege.ts";
import { returnSignalCall } from "./return-signal.ts";
import { runControlCall } from "./run-control.ts";
import { safeCopyFromCall, safeCopyToCall } from "./safe-copy.ts";
import { scheduleCall } from "./schedule.ts";
import { sendSignalCall } from "./send-signal.ts";
import { setAlarmCall } from "./set-alarm.ts";
import { setGrantsCall } from "./set-grants.ts";
import { spaceCreateCall } from "./space-create.ts";
import { spaceMapCall } from "./space-map.ts";
import { spaceQueryCall } from "./space-query.ts";
import { spaceUnmapCall } from "./space-unmap.ts";
import { virtualCopyCall } from "./virtual-copy.ts";

type Handler = (caller: Process) => i32;

const handlers: Record<KernelCall, Handler> = {
  [KernelCall.Exit]: exitCall,
  [KernelCall.SafeCopyFrom]: safeCopyFromCall,
  [KernelCall.SafeCopyTo]: safeCopyToCall,
  [KernelCall.SetGrants]: setGrantsCall,
  [KernelCall.SetAlarm]: setAlarmCall,
  [KernelCall.Log]: logCall,
  [KernelCall.Information]: informationCall,
  [KernelCall.Create]: createCall,
  [KernelCall.Fork]: forkCall,
  [KernelCall.Execute]: executeCall,
  [KernelCall.Clear]: clearCall,
  [KernelCall.RunControl]: runControlCall,
  [KernelCall.Schedule]: scheduleCall,
  [KernelCall.Privilege]: privilegeCall,
  [KernelCall.Kill]: killCall,
  [KernelCall.GetSignal]: getSignalCall,
  [KernelCall.EndSignal]: endSignalCall,
  [KernelCall.SendSignal]: sendSignalCall,
  [KernelCall.ReturnSignal]: returnSignalCall,
  [KernelCall.GetCrash]: getCrashCall,
  [KernelCall.VirtualCopy]: virtualCopyCall,
  [KernelCall.SpaceCreate]: spaceCreateCall,
  [KernelCall.SpaceMap]: spaceMapCall,
  [KernelCall.SpaceUnmap]: spaceUnmapCall,
  [KernelCall.SpaceQuery]: spaceQueryCall,
  [KernelCall.FrameZero]: frameZeroCall,
  [KernelCall.FrameCopy]: frameCopyCall,
  [KernelCall.GetFault]: getFaultCall,
  [KernelCall.EndFault]: endFaultCall,
  [KernelCall.DeviceInformation]: deviceInformationCall,
  [KernelCall.InterruptControl]: interruptControlCall,
  [KernelCall.DmaOpen]: dmaOpenCall,
  [KernelCall.DmaClose]: dmaCloseCall,
  [KernelCall.DmaRelease]: dmaReleaseCall,
  [KernelCall.Abort]: abortCall,
};

/** Does what the caller asks, if its rights allow it. */
export function kernelCall(caller: Process, number: u32): i32 {
  if (number > KernelCall.Abort) return Status.NoSuchCall;
  if (!caller.calls.has(i32(number))) return Status.Denied;
  return handlers[number as KernelCall](caller);
}
