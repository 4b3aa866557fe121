/** Making, removing and moving names. Each walks to the directories in question and has MFS do the rest. */
import { FsNode } from "../../lib/protocol/file-server.ts";
import {
  Mode,
  type VfsLink,
  type VfsMakeDirectory,
  type VfsPath,
  type VfsRename,
  type VfsTwoPaths,
} from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { Creation, createFile, FileId, linkFile, renameFile, SECOND_TEXT, unlinkFile } from "./file-server.ts";
import { fetchPath, Path, walk, walkToParent } from "./path.ts";
import type { Process } from "./process.ts";

export function makeDirectory(process: Process, request: VfsMakeDirectory): i32 {
  const path = new Path();
  const parent = new FileId();
  const status = findParent(process, request, path, parent);
  if (status !== Status.Ok) return status;
  const creation = new Creation();
  creation.mode = Mode.Directory | (request.flags & ~process.creationMask & Mode.Permissions);
  creation.exclusive = true;
  const node = new FsNode();
  return createFile(parent, path.nameOffset, path.nameBytes, creation, node);
}

export function removeDirectory(process: Process, request: VfsPath): i32 {
  return remove(process, request, true);
}

export function unlink(process: Process, request: VfsPath): i32 {
  return remove(process, request, false);
}

/** Errors: CrossDevice, and those of MFS' Link. */
export function link(process: Process, request: VfsLink): i32 {
  const oldPath = new Path();
  const newPath = new Path();
  let status = fetchBoth(process, request, oldPath, newPath);
  const target = new FsNode();
  if (status === Status.Ok) status = walk(process, oldPath, false, target);
  const parent = new FileId();
  if (status === Status.Ok) status = walkToParent(process, newPath, parent);
  if (status !== Status.Ok) return status;
  if (newPath.slashed) return Status.NoEntry;
  if (target.volume !== parent.volume) return Status.CrossDevice;
  return linkFile(parent, newPath.nameOffset, newPath.nameBytes, target.inode);
}

/** Errors: CrossDevice, and those of MFS' Rename. */
export function rename(process: Process, request: VfsRename): i32 {
  const oldPath = new Path();
  const newPath = new Path();
  let status = fetchBoth(process, request, oldPath, newPath);
  const from = new FileId();
  const to = new FileId();
  if (status === Status.Ok) status = walkToParent(process, oldPath, from);
  if (status === Status.Ok) status = walkToParent(process, newPath, to);
  if (status === Status.Ok && (oldPath.slashed || newPath.slashed)) status = checkDirectory(process, oldPath);
  if (status !== Status.Ok) return status;
  if (from.volume !== to.volume) return Status.CrossDevice;
  return renameFile(from, oldPath.nameOffset, oldPath.nameBytes, to, newPath.nameOffset, newPath.nameBytes);
}

function remove(process: Process, request: VfsPath, isDirectory: boolean): i32 {
  const path = new Path();
  const parent = new FileId();
  let status = findParent(process, request, path, parent);
  if (status === Status.Ok && path.slashed && !isDirectory) status = checkDirectory(process, path);
  if (status !== Status.Ok) return status;
  return unlinkFile(parent, path.nameOffset, path.nameBytes, isDirectory);
}

function findParent(process: Process, request: VfsPath, path: Path, parent: FileId): Status {
  const status = fetchPath(process, request.path, request.pathBytes, 0, path);
  return status === Status.Ok ? walkToParent(process, path, parent) : status;
}

function fetchBoth(process: Process, request: VfsTwoPaths, first: Path, second: Path): Status {
  const status = fetchPath(process, request.path, request.pathBytes, 0, first);
  return status === Status.Ok ? fetchPath(process, request.second, request.secondBytes, SECOND_TEXT, second) : status;
}

/** A name with a slash behind it is a directory's. Errors: NotDirectory, NoEntry. */
function checkDirectory(process: Process, path: Path): Status {
  const node = new FsNode();
  const status = walk(process, path, false, node);
  if (status !== Status.Ok) return status;
  return (node.mode & Mode.TypeMask) === Mode.Directory ? Status.Ok : Status.NotDirectory;
}
