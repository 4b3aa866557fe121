/** Mounted file systems. */
import { VFS } from "../endpoint.ts";
import type { Message } from "../message.ts";
import { type VfsFileSystem, VfsFileSystemInfo, VfsMount, VfsUnmount } from "../protocol/vfs.ts";
import { call } from "./call.ts";
import { callPath, callTwoPaths } from "./file.ts";

/** Mounts the file system on `device` at the directory `path`. Errors: Busy, Invalid (no file system on it), NoDevice, NotDirectory. */
export function mount(device: string, path: string, flags: u32): i32 {
  const request = new VfsMount();
  request.flags = flags;
  return callTwoPaths(request, device, path);
}

/** Errors: Busy, Invalid (nothing is mounted there). */
export function unmount(path: string): i32 {
  return callPath(new VfsUnmount(), path);
}

/** The mounted file system of this number, from 0. Errors: Nothing (there are no more). */
export function fileSystem(index: u32, result: VfsFileSystem): i32 {
  const request = new VfsFileSystemInfo();
  request.index = index;
  const status = call(VFS, request);
  if (status >= 0) copy(result, request as Message as VfsFileSystem);
  return status;
}
