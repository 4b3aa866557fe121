/** Descriptors: a second one for the same open file, and what is noted with each. */
import {
  OPEN_MAXIMUM,
  type VfsDescriptorFlags,
  type VfsDuplicate,
  type VfsDuplicateTo,
} from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { closeDescriptor } from "./close.ts";
import { fileOf, freeDescriptor, install, type Process, setCloseOnExec } from "./process.ts";

/** The lowest free descriptor for the same open file. Errors: BadDescriptor, TooManyFiles. */
export function duplicate(process: Process, request: VfsDuplicate): i32 {
  const file = fileOf(process, request.descriptor);
  if (file === null) return Status.BadDescriptor;
  const descriptor = freeDescriptor(process, 0);
  if (descriptor < 0) return descriptor;
  file.references += 1;
  install(process, descriptor, file, false);
  return descriptor;
}

/** That descriptor, whatever it stood for. Errors: BadDescriptor. */
export function duplicateTo(process: Process, request: VfsDuplicateTo): i32 {
  const file = fileOf(process, request.descriptor);
  if (file === null || request.request >= OPEN_MAXIMUM) return Status.BadDescriptor;
  const target = i32(request.request);
  if (target === request.descriptor) return target;
  file.references += 1;
  closeDescriptor(process, target);
  install(process, target, file, false);
  return target;
}

/** Returns the old flags. Errors: BadDescriptor. */
export function setDescriptorFlags(process: Process, request: VfsDescriptorFlags): i32 {
  if (fileOf(process, request.descriptor) === null) return Status.BadDescriptor;
  const was = (process.closeOnExec & (u32(1) << request.descriptor)) !== 0;
  setCloseOnExec(process, request.descriptor, (request.request & 1) !== 0);
  return was ? 1 : 0;
}
