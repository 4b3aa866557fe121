/**
 * What a file system should do, as simply as it can be said: a tree of objects in the host's memory. The judge of random operations.
 * Every operation returns what MFS should answer, and happens only when that is no error.
 */
import type { MinixFs } from "../../../system/minix-fs/reader.ts";
import { Status } from "./bench.ts";

export class File {
  content = new Uint8Array(0);
  links = 1;
}
export class Directory {
  readonly entries = new Map<string, File | Directory>();
}

export class Model {
  readonly root = new Directory();

  /** The file there, or why there is none. */
  find(path: string): File | Directory | number {
    let at: File | Directory = this.root;
    for (const name of path.split("/").filter((one) => one !== "")) {
      if (at instanceof File) return Status.NotDirectory;
      const next: File | Directory | undefined = at.entries.get(name);
      if (next === undefined) return Status.NoEntry;
      at = next;
    }
    return at;
  }

  create(path: string, isDirectory: boolean): number {
    return this.#inParent(path, (parent, name) => {
      if (parent.entries.has(name)) return Status.Exists;
      parent.entries.set(name, isDirectory ? new Directory() : new File());
      return Status.Ok;
    });
  }

  write(path: string, position: number, content: Uint8Array): number {
    const file = this.find(path);
    if (typeof file === "number") return file;
    if (file instanceof Directory) return Status.IsDirectory;
    const grown = new Uint8Array(Math.max(file.content.length, position + content.length));
    grown.set(file.content);
    grown.set(content, position);
    file.content = content.length === 0 ? file.content : grown;
    return content.length;
  }

  truncate(path: string, bytes: number): number {
    const file = this.find(path);
    if (typeof file === "number") return file;
    if (file instanceof Directory) return Status.IsDirectory;
    const cut = new Uint8Array(bytes);
    cut.set(file.content.subarray(0, bytes));
    file.content = cut;
    return Status.Ok;
  }

  unlink(path: string, wantsDirectory: boolean): number {
    return this.#inParent(path, (parent, name) => {
      const file = parent.entries.get(name);
      if (file === undefined) return Status.NoEntry;
      if (file instanceof Directory) {
        if (!wantsDirectory) return Status.IsDirectory;
        if (file.entries.size > 0) return Status.NotEmpty;
      } else {
        if (wantsDirectory) return Status.NotDirectory;
        file.links--;
      }
      parent.entries.delete(name);
      return Status.Ok;
    });
  }

  link(path: string, newPath: string): number {
    const file = this.find(path);
    if (typeof file === "number") return file;
    return this.#inParent(newPath, (parent, name) => {
      if (file instanceof Directory) return NOT_PERMITTED;
      if (parent.entries.has(name)) return Status.Exists;
      parent.entries.set(name, file);
      file.links++;
      return Status.Ok;
    });
  }

  rename(path: string, newPath: string): number {
    const to = this.#parentOf(newPath);
    if (typeof to === "number") return to;
    return this.#inParent(path, (from, name) => {
      if (to.parent instanceof File) return Status.NotDirectory;
      const file = from.entries.get(name);
      const replaced = to.parent.entries.get(to.name);
      if (file === undefined) return Status.NoEntry;
      if (file === replaced) return Status.Ok;
      if (file instanceof Directory) {
        if (replaced instanceof File) return Status.NotDirectory;
        if (replaced !== undefined && replaced.entries.size > 0) return Status.NotEmpty;
        if (`${newPath}/`.startsWith(`${path}/`)) return Status.Invalid;
      } else if (replaced instanceof Directory) return Status.IsDirectory;
      if (replaced instanceof File) replaced.links--;
      from.entries.delete(name);
      to.parent.entries.set(to.name, file);
      return Status.Ok;
    });
  }

  /** Every path, with what is there. */
  *paths(directory = this.root, prefix = ""): Generator<[string, File | Directory]> {
    yield [prefix === "" ? "/" : prefix, directory];
    for (const [name, file] of directory.entries) {
      if (file instanceof Directory) yield* this.paths(file, `${prefix}/${name}`);
      else yield [`${prefix}/${name}`, file];
    }
  }

  /** How a disk differs from this; empty if it does not. */
  differences(disk: MinixFs): string[] {
    const found: string[] = [];
    const mine = new Map(this.paths());
    for (const path of disk.files.keys()) if (!mine.has(path)) found.push(`${path} should not be there`);
    for (const [path, file] of mine) {
      const other = disk.files.get(path);
      if (other === undefined) found.push(`${path} is missing`);
      else if (file instanceof Directory) {
        if (other.kind !== "directory") found.push(`${path} should be a directory`);
      } else if (other.kind !== "regular" || other.links !== file.links) {
        found.push(`${path}: ${other.kind} with ${other.links} links, not ${file.links}`);
      } else if (Buffer.compare(other.content, file.content) !== 0) {
        found.push(`${path}: ${describeDifference(other.content, file.content)}`);
      }
    }
    return found;
  }

  #parentOf(path: string): { parent: File | Directory; name: string } | number {
    const at = path.lastIndexOf("/");
    const parent = this.find(path.slice(0, at));
    return typeof parent === "number" ? parent : { parent, name: path.slice(at + 1) };
  }

  #inParent(path: string, act: (parent: Directory, name: string) => number): number {
    const place = this.#parentOf(path);
    if (typeof place === "number") return place;
    return place.parent instanceof File ? Status.NotDirectory : act(place.parent, place.name);
  }
}

const NOT_PERMITTED = -1;

function describeDifference(actual: Uint8Array, expected: Uint8Array): string {
  if (actual.length !== expected.length) return `${actual.length} bytes, not ${expected.length}`;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  return `byte ${at} is ${actual[at]}, not ${expected[at]}`;
}
