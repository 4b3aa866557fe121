/** DmaOpen: opens a piece of granted memory for a device of the caller's. a0: its `DmaRequest`, whose last fields answer. */
import { GrantFlags } from "../../lib/grant.ts";
import { DmaDirection, DmaRequest } from "../../lib/kernel-call/device.ts";
import { PageFlags } from "../../lib/kernel-call/space.ts";
import { Status } from "../../lib/status.ts";
import { deviceOf } from "../devices.ts";
import { openDma } from "../dma.ts";
import { Granted, verifyGrant } from "../grant.ts";
import { bytesToPageEnd, ensureWritable, fetch, least, READABLE, store, translate, WRITABLE } from "../memory.ts";
import { awaitPage } from "../missing.ts";
import type { Process } from "../process.ts";

const request = new DmaRequest();
const granted = new Granted();

export function dmaOpenCall(caller: Process): i32 {
  const at = vaddr(caller.frame.a0);
  let status = fetch(caller, caller, at, bytesOf(request));
  if (status === Status.Ok) status = ensureWritable(caller, at, sizeOf(DmaRequest));
  if (status !== Status.Ok) return status;
  const device = deviceOf(caller, request.device);
  if (device === null || device.driver !== caller) return Status.NoDevice;
  if (request.bytes === 0 || request.direction === 0 || request.direction > 3) return Status.Invalid;

  status = findMemory(caller);
  if (status !== Status.Ok) return status;
  status = locate(caller);
  if (status !== Status.Ok) return status;
  const handle = openDma(caller, request.bus, request.contiguousBytes, device.line, request.direction);
  if (handle < 0) return handle;
  status = store(caller, at, bytesOf(request));
  return status === Status.Ok ? handle : status;
}

/** Whose memory it is, and whether the caller may have a device touch it. */
function findMemory(caller: Process): i32 {
  const { granter, grant, offset, bytes } = request;
  if (granter !== caller.endpoint) return verifyGrant(caller, granter, grant, offset, bytes, grantAccess(), granted);
  granted.owner = caller;
  granted.place = vaddr(offset);
  return Status.Ok;
}

/** Where it lies on the bus, up to the end of its page. */
function locate(caller: Process): i32 {
  const isWritten = (request.direction & DmaDirection.ToMemory) !== 0;
  const owner = granted.owner!;
  request.bus = translate(owner, granted.place, isWritten ? WRITABLE : READABLE);
  if (request.bus === 0) {
    return awaitPage(caller, owner, granted.place, isWritten ? PageFlags.Write : PageFlags.Read);
  }
  request.contiguousBytes = least(request.bytes, bytesToPageEnd(granted.place));
  return Status.Ok;
}

function grantAccess(): u32 {
  let access: u32 = 0;
  if ((request.direction & DmaDirection.FromMemory) !== 0) access |= GrantFlags.Read;
  if ((request.direction & DmaDirection.ToMemory) !== 0) access |= GrantFlags.Write;
  return access;
}
