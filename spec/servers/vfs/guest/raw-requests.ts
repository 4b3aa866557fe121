/** Requests to VFS and PM with addresses of the caller's choice, where the library would only pass on memory of its own. */
import { PM, VFS } from "../../../../lib/endpoint.ts";
import { call } from "../../../../lib/library/call.ts";
import { PmExec } from "../../../../lib/protocol/pm.ts";
import { VfsGetDirectory, VfsGetEntries, VfsOpen, VfsRead, VfsStat, VfsWrite } from "../../../../lib/protocol/vfs.ts";

export function readTo(descriptor: i32, place: vaddr, bytes: u32): i32 {
  const request = new VfsRead();
  request.descriptor = descriptor;
  request.address = place;
  request.bytes = bytes;
  return call(VFS, request);
}

export function writeFrom(descriptor: i32, place: vaddr, bytes: u32): i32 {
  const request = new VfsWrite();
  request.descriptor = descriptor;
  request.address = place;
  request.bytes = bytes;
  return call(VFS, request);
}

export function openAt(place: vaddr, bytes: u32): i32 {
  const request = new VfsOpen();
  request.path = place;
  request.pathBytes = bytes;
  return call(VFS, request);
}

export function statTo(place: vaddr): i32 {
  const request = new VfsStat();
  request.path = address("/".bytes);
  request.pathBytes = 1;
  request.argument = place;
  return call(VFS, request);
}

export function getDirectoryTo(place: vaddr): i32 {
  const request = new VfsGetDirectory();
  request.address = place;
  request.bytes = 1000;
  return call(VFS, request);
}

export function getEntriesTo(descriptor: i32, place: vaddr, bytes: u32): i32 {
  const request = new VfsGetEntries();
  request.descriptor = descriptor;
  request.address = place;
  request.bytes = bytes;
  return call(VFS, request);
}

export function executeWith(path: string, frame: vaddr, bytes: u32): i32 {
  const request = new PmExec();
  request.path = address(path.bytes);
  request.pathBytes = u32(path.length);
  request.frame = frame;
  request.frameBytes = bytes;
  return call(PM, request);
}
