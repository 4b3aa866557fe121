/** The end of descriptors and open files. Begin at `closeDescriptor`. */
import { OPEN_MAXIMUM } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { closeDevice } from "./device.ts";
import { FileKind, type OpenFile } from "./open-file.ts";
import { closePipeEnd } from "./pipe.ts";
import { fileOf, type Process, setCloseOnExec } from "./process.ts";
import { dropVnode } from "./vnode.ts";

/** Errors: BadDescriptor. */
export function closeDescriptor(process: Process, descriptor: i32): Status {
  const file = fileOf(process, descriptor);
  if (file === null) return Status.BadDescriptor;
  process.files[descriptor] = null;
  setCloseOnExec(process, descriptor, false);
  dropFile(file);
  return Status.Ok;
}

/** Every descriptor, or (`atExec`) those that are marked for it. */
export function closeAll(process: Process, atExec: boolean): void {
  for (let descriptor = 0; descriptor < OPEN_MAXIMUM; descriptor++) {
    const isMarked = (process.closeOnExec & (u32(1) << descriptor)) !== 0;
    if (process.files[descriptor] !== null && (isMarked || !atExec)) closeDescriptor(process, descriptor);
  }
}

/** One reference less. */
export function dropFile(file: OpenFile): void {
  file.references -= 1;
  if (file.references !== 0) return;
  switch (file.kind) {
    case FileKind.PipeReader:
    case FileKind.PipeWriter:
      closePipeEnd(file);
      return;
    case FileKind.Device:
      closeDevice(file);
      break;
    default:
  }
  dropVnode(file.vnode!);
}
