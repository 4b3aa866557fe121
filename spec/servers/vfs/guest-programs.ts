/**
 * Boots the system with programs of a test's own on its disk, runs one as `renix boot --exec` would, and gives back what it printed and the disk
 * as it is after power-off.
 */
import { Machine } from "../../../machine/machine.ts";
import { readMinixFs } from "../../../system/minix-fs/reader.ts";
import { type FileSource, writeMinixFs } from "../../../system/minix-fs/writer.ts";
import { System, systemImage } from "../../harness.ts";
import { changedDisk } from "../test-disk.ts";

export interface Run {
  /** What the terminal showed, with newlines only. */
  readonly output: string;
  readonly status: number;
  readonly disk: Uint8Array;
}

/** Runs a shell command on a system that has these programs (name → module) in /bin besides its own. */
export async function runWith(programs: Readonly<Record<string, string>>, command: string): Promise<Run> {
  const { elf, disk } = await systemImage();
  const machine = new Machine({ disk: changedDisk(disk, programs, []), bootArguments: `renix.exec=${command}` });
  machine.loadElf(elf);
  const system = new System(machine);
  const status = system.runToEnd();
  return { output: system.output, status, disk: machine.disk!.content() };
}

/** The same file system, with these files in it besides. */
export function withFiles(disk: Uint8Array, files: readonly FileSource[]): Uint8Array {
  const all: FileSource[] = [];
  for (const [path, { kind, mode, major, minor, content }] of readMinixFs(disk).files) {
    if (path === "/") continue;
    if (kind === "directory") all.push({ path, mode, directory: true });
    else if (kind === "character" || kind === "block") all.push({ path, mode, device: { kind, major, minor } });
    else all.push({ path, mode, content });
  }
  return writeMinixFs({ bytes: disk.length, files: [...all, ...files] });
}
