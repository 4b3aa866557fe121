/** VFS in miniature: file-server requests as methods, for tests that ask MFS on its bench. Paths are walked from the root. */
import { FileServerBench, Status } from "./bench.ts";

/** lib/protocol/file-server.ts' numbers. */
const Fs = {
  Mount: 0x300,
  Unmount: 0x301,
  Lookup: 0x302,
  Release: 0x303,
  Read: 0x304,
  Write: 0x305,
  Truncate: 0x306,
  Entries: 0x307,
  Stat: 0x308,
  ChangeMode: 0x309,
  Create: 0x30a,
  Link: 0x30b,
  Unlink: 0x30c,
  Rename: 0x30d,
  MountPoint: 0x30e,
  Sync: 0x30f,
  Space: 0x310,
};
export const ROOT = 1;
export const REGULAR = 0o100000;
export const DIRECTORY = 0o040000;

export interface Node {
  readonly status: number;
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly bytes: number;
  readonly created: boolean;
}

export class Client {
  volume = 0;

  constructor(readonly bench: FileServerBench) {}

  mount(options: { readOnly?: boolean; name?: string } = {}): number {
    const answer = this.#send(Fs.Mount, (letter) => {
      new Uint8Array(letter.buffer).set(new TextEncoder().encode(options.name ?? "disk"), 8);
      letter.setUint32(28, options.readOnly === true ? 1 : 0, true);
    });
    this.volume = answer.getUint32(12, true);
    return answer.getInt32(8, true);
  }
  unmount(): number {
    return this.#status(Fs.Unmount, 0, () => {});
  }
  sync(): number {
    return this.#status(Fs.Sync, 0, () => {});
  }

  /** A request to sync, to be sent by somebody else. */
  syncLetter(): Uint8Array {
    const letter = new DataView(new ArrayBuffer(64));
    letter.setUint32(4, Fs.Sync, true);
    letter.setUint32(8, this.volume, true);
    return new Uint8Array(letter.buffer);
  }

  lookup(path: string, hold = false): Node {
    return this.#node(Fs.Lookup, ROOT, (letter) => {
      this.#name(letter, 16, path);
      letter.setUint32(28, hold ? 1 : 0, true);
    });
  }
  release(inode: number): number {
    return this.#status(Fs.Release, inode, () => {});
  }

  create(path: string, mode: number, options: { exclusive?: boolean; special?: number; hold?: boolean } = {}): Node {
    return this.#inParent(path, (parent, name) =>
      this.#node(Fs.Create, parent, (letter) => {
        this.#name(letter, 16, name);
        letter.setUint32(28, mode, true);
        letter.setUint32(32, options.special ?? 0, true);
        letter.setUint32(36, options.exclusive === false ? 0 : 1, true);
        letter.setUint32(40, options.hold === true ? 1 : 0, true);
      }),
    );
  }
  link(path: string, newPath: string): number {
    const target = this.lookup(path);
    if (target.status < 0) return target.status;
    return this.#inParent(newPath, (parent, name) =>
      this.#node(Fs.Link, parent, (letter) => {
        this.#name(letter, 16, name);
        letter.setUint32(28, target.inode, true);
      }),
    ).status;
  }
  unlink(path: string, isDirectory = false): number {
    return this.#inParent(path, (parent, name) =>
      this.#node(Fs.Unlink, parent, (letter) => {
        this.#name(letter, 16, name);
        letter.setUint32(28, isDirectory ? 1 : 0, true);
      }),
    ).status;
  }
  rename(path: string, newPath: string): number {
    const [, parents, name] = split(newPath);
    const to = this.lookup(parents);
    if (to.status < 0) return to.status;
    return this.#inParent(path, (parent, oldName) =>
      this.#node(Fs.Rename, parent, (letter) => {
        const both = new TextEncoder().encode(oldName + name);
        letter.setUint32(16, this.bench.grant(both), true);
        letter.setUint32(24, oldName.length, true);
        letter.setUint32(28, to.inode, true);
        letter.setUint32(32, oldName.length, true);
        letter.setUint32(36, name.length, true);
      }),
    ).status;
  }

  read(inode: number, position: number, bytes: number): { status: number; content: Uint8Array } {
    const content = new Uint8Array(bytes);
    const status = this.#status(Fs.Read, inode, (letter) => this.#transfer(letter, content, position));
    return { status, content: content.subarray(0, Math.max(0, status)) };
  }
  write(inode: number, position: number, content: Uint8Array, append = false): number {
    return this.#status(Fs.Write, inode, (letter) => {
      this.#transfer(letter, content, position);
      letter.setUint32(32, append ? 1 : 0, true);
    });
  }
  truncate(inode: number, bytes: number): number {
    return this.#status(Fs.Truncate, inode, (letter) => letter.setBigUint64(16, BigInt(bytes), true));
  }
  changeMode(inode: number, mode: number): number {
    return this.#status(Fs.ChangeMode, inode, (letter) => letter.setUint32(16, mode, true));
  }

  /** Names in a directory, without the dots. */
  list(inode: number): string[] {
    const names: string[] = [];
    for (let position = 0n; ; ) {
      const buffer = new Uint8Array(72 * 5);
      const answer = this.#send(Fs.Entries, (letter) => {
        letter.setUint32(12, inode, true);
        this.#transfer(letter, buffer, Number(position));
      });
      const bytes = answer.getInt32(8, true);
      if (bytes < 0) throw new Error(`status ${bytes}`);
      if (bytes === 0) return names.filter((name) => name !== "." && name !== "..").sort();
      const view = new DataView(buffer.buffer);
      for (let at = 0; at < bytes; at += 72) {
        names.push(new TextDecoder().decode(buffer.subarray(at + 8, at + 8 + view.getUint32(at + 4, true))));
      }
      position = answer.getBigUint64(16, true);
    }
  }

  space(): { blocks: number; freeBlocks: number; inodes: number; freeInodes: number } {
    const answer = this.#send(Fs.Space, () => {});
    const [blocks, freeBlocks, inodes, freeInodes] = [16, 20, 24, 28].map((offset) => answer.getUint32(offset, true));
    return { blocks: blocks!, freeBlocks: freeBlocks!, inodes: inodes!, freeInodes: freeInodes! };
  }

  /** A whole file, whatever its length. Throws when there is none. */
  content(path: string): Uint8Array {
    const node = this.lookup(path);
    if (node.status < 0) throw new Error(`${path}: status ${node.status}`);
    return this.read(node.inode, 0, node.bytes).content;
  }

  /** Creates or replaces a file. Returns a status. */
  put(path: string, content: Uint8Array): number {
    const node = this.create(path, REGULAR | 0o644, { exclusive: false });
    if (node.status < 0) return node.status;
    const status = this.truncate(node.inode, 0);
    return status < 0 ? status : this.write(node.inode, 0, content);
  }

  // --- Letters ---------------------------------------------------------------------------------------------------------

  #inParent(path: string, ask: (parent: number, name: string) => Node): Node {
    const [, parents, name] = split(path);
    const parent = this.lookup(parents);
    return parent.status < 0 ? parent : ask(parent.inode, name);
  }

  #send(type: number, fill: (letter: DataView) => void): DataView {
    const letter = new DataView(new ArrayBuffer(64));
    letter.setUint32(4, type, true);
    letter.setUint32(8, this.volume, true);
    fill(letter);
    const answer = this.bench.call(new Uint8Array(letter.buffer));
    this.bench.revokeAll();
    return answer;
  }

  #status(type: number, inode: number, fill: (letter: DataView) => void): number {
    const answer = this.#send(type, (letter) => {
      letter.setUint32(12, inode, true);
      fill(letter);
    });
    return answer.getInt32(8, true);
  }

  #node(type: number, inode: number, fill: (letter: DataView) => void): Node {
    const answer = this.#send(type, (letter) => {
      letter.setUint32(12, inode, true);
      fill(letter);
    });
    return {
      status: answer.getInt32(8, true),
      inode: answer.getUint32(16, true),
      mode: answer.getUint32(20, true),
      links: answer.getUint32(28, true),
      bytes: Number(answer.getBigUint64(48, true)),
      created: answer.getUint32(40, true) === 1,
    };
  }

  #name(letter: DataView, at: number, name: string): void {
    const bytes = new TextEncoder().encode(name);
    letter.setUint32(at, this.bench.grant(bytes), true);
    letter.setUint32(at + 4, 0, true);
    letter.setUint32(at + 8, bytes.length, true);
  }

  #transfer(letter: DataView, content: Uint8Array, position: number): void {
    letter.setUint32(16, this.bench.grant(content), true);
    letter.setUint32(20, content.length, true);
    letter.setBigUint64(24, BigInt(position), true);
  }
}

/** A mounted file system on its bench. */
export function mounted(disk: Uint8Array): Client {
  const client = new Client(new FileServerBench(disk));
  const status = client.mount();
  if (status !== Status.Ok) throw new Error(`mount: status ${status}`);
  return client;
}

function split(path: string): [string, string, string] {
  const at = path.lastIndexOf("/");
  return [path, path.slice(0, at), path.slice(at + 1)];
}
