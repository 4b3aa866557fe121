/**
 * What is mounted where: volumes of the file server, each on a directory of another, the first on nothing: its root is `/`.
 */
import { panic } from "../../lib/log.ts";
import { FsNode } from "../../lib/protocol/file-server.ts";
import { Major } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { driverOf } from "./driver.ts";
import { mountVolume, setMountPoint, unmountVolume } from "./file-server.ts";
import { dropVnode, referencesTo, shareVnode, takeVnode, type Vnode } from "./vnode.ts";

export class Mount {
  used: boolean = false;
  readOnly: boolean = false;
  volume: u32 = 0;
  /** The device it is on: major number in bits 8 and up, minor below. */
  special: u32 = 0;
  root: Vnode | null = null;
  /** Null: this is the root of all. */
  covered: Vnode | null = null;
}

export const mounts = table(Mount, 4);

/** Where every absolute path begins. */
export function rootVnode(): Vnode {
  return mounts[0].root!;
}

/** Mounts the first disk as `/`. Without it there is nothing to do. */
export function mountRoot(): void {
  const root = new FsNode();
  const special: u32 = Major.Disk << 8;
  const driver = driverOf(special)!;
  const status = mountVolume(driver.name, 0, false, root);
  if (status < 0) {
    panic`cannot mount the root file system from ${driver.name}: status ${status}`;
  }
  enter(mounts[0], root, null, false);
  mounts[0].special = special;
}

/** Mounts the volume on device `special` at a directory. Errors: NoDevice, Busy, NoMemory, NotDirectory, and those of Mount. */
export function mountAt(special: u32, directory: Vnode, readOnly: boolean): Status {
  if (!directory.isDirectory()) return Status.NotDirectory;
  const driver = driverOf(special);
  if (driver === null) return Status.NoDevice;
  const mount = vacantMount();
  if (mount === null) return Status.NoMemory;
  if (isRoot(directory)) return Status.Busy;
  const root = new FsNode();
  let status = mountVolume(driver.name, special & 0xff, readOnly, root);
  if (status < 0) return status;
  status = setMountPoint(directory, true);
  if (status >= 0 && !enter(mount, root, directory, readOnly)) status = Status.NoMemory;
  if (status < 0) unmountVolume(root.volume);
  mount.special = special;
  return status;
}

/** Errors: Busy (a file of it is in use), Invalid (it is the root of all), and what writing back can meet. */
export function unmount(mount: Mount): Status {
  if (mount.covered === null) return Status.Invalid;
  if (referencesTo(mount.volume) > 1) return Status.Busy;
  const status = unmountVolume(mount.volume);
  if (status < 0) return status;
  setMountPoint(mount.covered, false);
  dropVnode(mount.covered);
  mount.root!.references = 0; // the volume is gone, and MFS' hold on it too
  mount.used = false;
  return Status.Ok;
}

/** Unmounts everything, the latest first: the end of the system. */
export function unmountAll(): Status {
  let result: Status = Status.Ok;
  for (let index = mounts.length - 1; index > 0; index--) {
    const mount = mounts[index];
    const status = mount.used ? unmount(mount) : Status.Ok;
    if (status !== Status.Ok) result = status;
  }
  return result;
}

export function mountOf(volume: u32): Mount | null {
  for (const mount of mounts) if (mount.used && mount.volume === volume) return mount;
  return null;
}

/** What is mounted on this directory. */
export function mountOn(volume: u32, inode: u32): Mount | null {
  for (const mount of mounts) {
    const { covered } = mount;
    if (mount.used && covered !== null && covered.volume === volume && covered.inode === inode) return mount;
  }
  return null;
}

export function isReadOnly(volume: u32): boolean {
  const mount = mountOf(volume);
  if (mount === null) return false;
  return mount.readOnly;
}

/** Whether a file system on this device is in use: nobody else may write to it then. */
export function isMounted(special: u32): boolean {
  for (const mount of mounts) if (mount.used && mount.special === special) return true;
  return false;
}

function vacantMount(): Mount | null {
  for (const mount of mounts) if (!mount.used) return mount;
  return null;
}

function isRoot(vnode: Vnode): boolean {
  for (const mount of mounts) if (mount.used && mount.root === vnode) return true;
  return false;
}

function enter(mount: Mount, root: FsNode, covered: Vnode | null, readOnly: boolean): boolean {
  const vnode = takeVnode(root);
  if (vnode === null) return false;
  mount.used = true;
  mount.readOnly = readOnly;
  mount.volume = root.volume;
  mount.root = vnode;
  mount.covered = covered === null ? null : shareVnode(covered);
  return true;
}
