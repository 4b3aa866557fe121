/**
 * Names of files: giving, taking and moving them. Each operation checks everything first, then does its effects in an order that
 * never leaves a name without a file. Begin at `create`.
 */
import { Mode } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { addEntry, blockOfEntry, checkEmpty, findEntry, Name, setEntry } from "./directory.ts";
import { writeBack } from "./flush.ts";
import { LINKS_MAXIMUM, ROOT_INODE } from "./format.ts";
import { addLinks, allocateInode, changeInode, freeInode, type Inode, inodeAt } from "./inode.ts";
import { freeZones } from "./zones.ts";

const self = new Name();
const parent = new Name();

/** Call once, before anything else. */
export function startNames(): void {
  self.set(".".bytes);
  parent.set("..".bytes);
}

/** Makes a file, which must not be there yet, and returns its inode number. Errors: Exists (`.` and `..`), NoEntry, TooManyLinks, NoSpace, InputOutput. */
export function create(directory: Inode, name: Name, mode: u32, special: u32): i32 {
  if (name.isDots()) return Status.Exists;
  if (directory.disk.links === 0) return Status.NoEntry;
  const isDirectory = (mode & Mode.TypeMask) === Mode.Directory;
  if (isDirectory && directory.disk.links >= LINKS_MAXIMUM) return Status.TooManyLinks;

  const volume = directory.volume!;
  const number = allocateInode(volume, mode);
  if (number < 0) return number;
  const inode = inodeAt(volume, u32(number));
  if (inode === null) return Status.InputOutput;
  if (inode.isDevice()) inode.disk.zones[0] = special;
  inode.disk.links = 1;
  let status = isDirectory ? fillDirectory(inode, directory) : Status.Ok;
  if (status === Status.Ok) status = addEntry(directory, name, inode.number);
  if (status !== Status.Ok) {
    destroy(inode);
    return status;
  }
  if (isDirectory) addLinks(directory, 1);
  return number;
}

/** Errors: NotPermitted (a directory), Exists, NoEntry, TooManyLinks, NoSpace, InputOutput. */
export function link(directory: Inode, name: Name, target: Inode): Status {
  if (target.isDirectory()) return Status.NotPermitted;
  if (target.disk.links === 0 || directory.disk.links === 0) return Status.NoEntry;
  if (target.disk.links >= LINKS_MAXIMUM) return Status.TooManyLinks;
  const present = findEntry(directory, name);
  if (present !== Status.NoEntry) return present < 0 ? present : Status.Exists;
  const status = addEntry(directory, name, target.number);
  if (status === Status.Ok) addLinks(target, 1);
  return status;
}

/** Takes a name away; `wantsDirectory`: of an empty directory, otherwise of anything else. Errors: NoEntry, Invalid, IsDirectory, NotDirectory, NotEmpty, Busy, InputOutput. */
export function unlink(directory: Inode, name: Name, wantsDirectory: boolean): Status {
  if (name.isDots()) return wantsDirectory ? Status.Invalid : Status.IsDirectory;
  const number = findEntry(directory, name);
  if (number < 0) return number;
  const inode = inodeAt(directory.volume!, u32(number));
  if (inode === null) return Status.InputOutput;
  if (!wantsDirectory && inode.isDirectory()) return Status.IsDirectory;
  if (wantsDirectory) {
    const status = checkRemovable(inode);
    if (status !== Status.Ok) return status;
  }
  const status = setEntry(directory, name, 0);
  return status === Status.Ok ? loseName(inode, directory) : status;
}

/**
 * Moves a name. The new name is on the disk before the old one goes: at once when both lie in one block, otherwise by writing back in between.
 * Errors: NoEntry, Invalid, NotDirectory, IsDirectory, NotEmpty, Busy, TooManyLinks, NoSpace, InputOutput.
 */
export function rename(oldDirectory: Inode, oldName: Name, newDirectory: Inode, newName: Name): Status {
  if (oldName.isDots() || newName.isDots()) return Status.Invalid;
  if (newDirectory.disk.links === 0) return Status.NoEntry;
  const volume = oldDirectory.volume!;
  const number = findEntry(oldDirectory, oldName);
  if (number < 0) return number;
  const replaced = findEntry(newDirectory, newName);
  if (replaced < 0 && replaced !== Status.NoEntry) return replaced;
  if (replaced === number) return Status.Ok; // two names of one file: nothing to do, says POSIX
  const inode = inodeAt(volume, u32(number));
  const target = replaced > 0 ? inodeAt(volume, u32(replaced)) : null;
  if (inode === null || (replaced > 0 && target === null)) return Status.InputOutput;

  let status = target === null ? Status.Ok : checkReplaceable(inode, target);
  if (status === Status.Ok && inode.isDirectory()) status = checkMove(inode, oldDirectory, newDirectory);
  if (status !== Status.Ok) return status;

  addLinks(inode, 1); // it has two names for a moment
  status = putEntry(newDirectory, newName, inode.number);
  if (status !== Status.Ok) {
    addLinks(inode, -1);
    return status;
  }
  if (target !== null) status = loseName(target, newDirectory);
  if (blockOfEntry(oldDirectory, oldName) !== blockOfEntry(newDirectory, newName)) {
    const written = writeBack(volume);
    if (written !== Status.Ok) return written; // then it keeps both
  }
  const left = leave(oldDirectory, oldName, newDirectory, inode);
  return left === Status.Ok ? status : left;
}

/** Frees a file that has no name, if nobody holds it. */
export function freeUnnamed(inode: Inode): Status {
  return inode.disk.links === 0 && !inode.held ? destroy(inode) : Status.Ok;
}

/** `.` and `..` of a new directory. */
function fillDirectory(inode: Inode, directory: Inode): Status {
  const status = addEntry(inode, self, inode.number);
  if (status !== Status.Ok) return status;
  inode.disk.links = 2;
  return addEntry(inode, parent, directory.number);
}

/** The file has lost a name in `directory`; a directory has lost its only one. */
function loseName(inode: Inode, directory: Inode): Status {
  if (inode.isDirectory()) {
    inode.disk.links = 0;
    changeInode(inode);
    addLinks(directory, -1);
  } else if (inode.disk.links > 0) {
    addLinks(inode, -1);
  }
  return freeUnnamed(inode);
}

function destroy(inode: Inode): Status {
  const freed = inode.isDevice() ? Status.Ok : freeZones(inode, 0);
  inode.disk.bytes = 0;
  inode.disk.links = 0;
  const status = freeInode(inode);
  return freed === Status.Ok ? status : freed;
}

function checkRemovable(inode: Inode): Status {
  if (!inode.isDirectory()) return Status.NotDirectory;
  if (inode.mountPoint || inode.number === ROOT_INODE) return Status.Busy;
  return checkEmpty(inode);
}

function checkReplaceable(inode: Inode, target: Inode): Status {
  if (inode.isDirectory()) return checkRemovable(target);
  return target.isDirectory() ? Status.IsDirectory : Status.Ok;
}

/** Whether a directory may go from one directory to another: it must not become its own ancestor. */
function checkMove(inode: Inode, from: Inode, to: Inode): Status {
  if (inode.mountPoint) return Status.Busy;
  if (from === to) return Status.Ok;
  if (to.disk.links >= LINKS_MAXIMUM) return Status.TooManyLinks;
  let number: i32 = i32(to.number);
  // No tree is deeper than it has inodes: a way up that is longer goes in a circle.
  for (let steps: u32 = 0; steps <= inode.volume!.inodes; steps++) {
    if (number === i32(inode.number)) return Status.Invalid;
    if (number === ROOT_INODE) return Status.Ok;
    const above = inodeAt(inode.volume!, u32(number));
    if (above === null) return Status.InputOutput;
    number = findEntry(above, parent);
    if (number < 0) return number;
  }
  return Status.InputOutput;
}

/** Gives the name to a file, whether it was there or not. */
function putEntry(directory: Inode, name: Name, number: u32): Status {
  const status = setEntry(directory, name, number);
  return status === Status.NoEntry ? addEntry(directory, name, number) : status;
}

/** The second half of a rename: the old name goes, and a directory learns who is above it now. */
function leave(oldDirectory: Inode, oldName: Name, newDirectory: Inode, inode: Inode): Status {
  const status = setEntry(oldDirectory, oldName, 0);
  if (status !== Status.Ok) return status;
  addLinks(inode, -1);
  if (!inode.isDirectory() || oldDirectory === newDirectory) return Status.Ok;
  addLinks(oldDirectory, -1);
  addLinks(newDirectory, 1);
  return setEntry(inode, parent, newDirectory.number);
}
