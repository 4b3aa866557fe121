/** The requests of programs (lib/protocol/vfs.ts): who asks, and which function knows the answer. */
import { Mode, VfsCall, type VfsCreationMask, type VfsRequest } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { closeDescriptor } from "./close.ts";
import { duplicate, duplicateTo, setDescriptorFlags } from "./descriptors.ts";
import { changeDirectory, getDirectory } from "./directory.ts";
import {
  access,
  changeMode,
  fileSystemInfo,
  mount,
  stat,
  statDescriptor,
  sync,
  syncDescriptor,
  truncate,
  unmountPath,
} from "./files.ts";
import { link, makeDirectory, removeDirectory, rename, unlink } from "./names.ts";
import { open, openPipe } from "./open.ts";
import { type Process, processOf } from "./process.ts";
import { control, getEntries, read, seek, write } from "./transfer.ts";

/** Returns a status, or ANSWERED. Errors: NoProcess (PM has not told of it), NoSuchCall. */
export function serve(request: VfsRequest): i32 {
  const process = processOf(request.source);
  if (process === null) return Status.NoProcess;
  switch (request.type) {
    case VfsCall.Open:
      return open(process, request);
    case VfsCall.Close:
      return closeDescriptor(process, request.descriptor);
    case VfsCall.Read:
      return read(process, request);
    case VfsCall.Write:
      return write(process, request);
    case VfsCall.Seek:
      return seek(process, request);
    case VfsCall.GetEntries:
      return getEntries(process, request);
    case VfsCall.Control:
      return control(process, request);
    case VfsCall.Pipe:
      return openPipe(process, request);
    case VfsCall.Duplicate:
      return duplicate(process, request);
    case VfsCall.DuplicateTo:
      return duplicateTo(process, request);
    case VfsCall.DescriptorFlags:
      return setDescriptorFlags(process, request);
    case VfsCall.StatDescriptor:
      return statDescriptor(process, request);
    case VfsCall.SyncDescriptor:
      return syncDescriptor(process, request);
    default:
      return serveByName(process, request);
  }
}

/** Requests about paths, and about nothing in particular. */
function serveByName(process: Process, request: VfsRequest): i32 {
  switch (request.type) {
    case VfsCall.Stat:
      return stat(process, request);
    case VfsCall.Access:
      return access(process, request);
    case VfsCall.ChangeDirectory:
      return changeDirectory(process, request);
    case VfsCall.GetDirectory:
      return getDirectory(process, request);
    case VfsCall.MakeDirectory:
      return makeDirectory(process, request);
    case VfsCall.RemoveDirectory:
      return removeDirectory(process, request);
    case VfsCall.Unlink:
      return unlink(process, request);
    case VfsCall.Link:
      return link(process, request);
    case VfsCall.Rename:
      return rename(process, request);
    case VfsCall.Truncate:
      return truncate(process, request);
    case VfsCall.ChangeMode:
      return changeMode(process, request);
    case VfsCall.Mount:
      return mount(process, request);
    case VfsCall.Unmount:
      return unmountPath(process, request);
    case VfsCall.Sync:
      return sync();
    case VfsCall.FileSystemInfo:
      return fileSystemInfo(process, request);
    case VfsCall.CreationMask:
      return setCreationMask(process, request);
    default:
      return Status.NoSuchCall;
  }
}

/** Returns the old mask. */
function setCreationMask(process: Process, request: VfsCreationMask): i32 {
  const old = process.creationMask;
  process.creationMask = request.mask & Mode.Permissions;
  return i32(old);
}
