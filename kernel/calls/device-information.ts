/** DeviceInformation: where a service's nth device lies. a0: the service (oneself, or for VM anybody); a1: n; a2: where to write. */
import { VM } from "../../lib/endpoint.ts";
import { DeviceInformation } from "../../lib/kernel-call/device.ts";
import { Status } from "../../lib/status.ts";
import { describeDevice, deviceOf } from "../devices.ts";
import { store } from "../memory.ts";
import { lookup, type Process } from "../process.ts";

const answer = new DeviceInformation();

export function deviceInformationCall(caller: Process): i32 {
  const { a0, a1, a2 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  if (process !== caller && caller.endpoint !== VM) return Status.Denied;
  const device = deviceOf(process, a1);
  if (device === null) return Status.NoDevice;
  describeDevice(device, answer);
  return store(caller, vaddr(a2), bytesOf(answer));
}
