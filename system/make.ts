/**
 * Makes the two files of the system from sources: archive and kernel into renix.elf, programs and root/ into disk.img.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Cache, compile, type Executable, formatDiagnostic } from "../compiler/compiler.ts";
import { writeArchive } from "./archive.ts";
import { BuildError, DISK_BYTES, filesUnder, type SystemImage } from "./build.ts";
import {
  bootServices,
  INIT,
  KERNEL,
  KERNEL_START,
  PROGRAM_START,
  programs,
  SERVICE_START,
  type Source,
} from "./executables.ts";
import { type FileSource, writeMinixFs } from "./minix-fs/writer.ts";
import { writeServiceTable } from "./service-table.ts";
import { stripElf } from "./strip.ts";

/** The boot program that holds the table of services, among the archive's files. */
const SERVICES_ENTRY = "services";

/** What a disk holds besides the programs and files of the project. */
export interface Extras {
  readonly programs: readonly Source[];
  readonly files: readonly FileSource[];
}

/** Compiles and puts together. `objects`, if given, is a folder where compiled modules are kept by content. Throws a BuildError. */
export function makeSystem(root: string, objects?: string, extras: Extras = { programs: [], files: [] }): SystemImage {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const host = { read: (path: string) => (existsSync(join(root, path)) ? read(path) : null) };
  const services = bootServices().map((source) => user(source, SERVICE_START));
  const onDisk = [...programs(root), ...extras.programs];
  const commands = [INIT, ...onDisk].map((source) => user(source, PROGRAM_START));
  const inArchive = [...services.map(({ name }) => name), INIT.name];

  const archive = (images: ReadonlyMap<string, Uint8Array>) =>
    writeArchive([
      { name: SERVICES_ENTRY, bytes: writeServiceTable(read) },
      ...inArchive.map((name) => ({ name, bytes: images.get(name)! })),
    ]);
  const kernel: Executable = {
    name: KERNEL.name,
    entry: KERNEL.entry,
    start: KERNEL_START,
    kind: "kernel",
    linesInMemory: true,
    blobs: [{ symbol: "archive", bytes: archive }],
  };
  const { diagnostics, images } = compile(host, [...services, ...commands, kernel], {
    cache: objects === undefined ? undefined : folderCache(objects),
  });
  if (diagnostics.length > 0) throw new BuildError(diagnostics.map(formatDiagnostic).join("\n"));

  const binaries = onDisk.map(({ name }) => ({ name, elf: images.get(name)! }));
  const files = [...rootFiles(root, binaries), ...extras.files];
  return { elf: images.get(KERNEL.name)!, disk: writeMinixFs({ bytes: DISK_BYTES, files }) };
}

function user({ name, entry }: Source, start: string): Executable {
  return { name, entry, start, kind: "user" };
}

/** What the root file system holds: programs, devices, empty folders, and every file of system/root. */
function rootFiles(root: string, binaries: { name: string; elf: Uint8Array }[]): FileSource[] {
  const folder = join(root, "system", "root");
  const directories = ["bin", "dev", "etc", "mnt", "root", "tmp"].map(
    (path) => ({ path: `/${path}`, mode: 0o755, directory: true }) as const,
  );
  const devices = [
    { path: "/dev/ram", mode: 0o660, device: { kind: "block", major: 1, minor: 0 } },
    { path: "/dev/null", mode: 0o666, device: { kind: "character", major: 1, minor: 3 } },
    { path: "/dev/zero", mode: 0o666, device: { kind: "character", major: 1, minor: 5 } },
    { path: "/dev/disk", mode: 0o660, device: { kind: "block", major: 3, minor: 0 } },
    { path: "/dev/tty", mode: 0o666, device: { kind: "character", major: 4, minor: 0 } },
    { path: "/dev/klog", mode: 0o444, device: { kind: "character", major: 5, minor: 0 } },
  ] as const;
  const files = filesUnder(folder).map((path) => ({
    path: `/${relative(folder, path)}`,
    mode: 0o644,
    content: new Uint8Array(readFileSync(path)),
  }));
  const commands = binaries.map(({ name, elf }) => ({ path: `/bin/${name}`, mode: 0o755, content: stripElf(elf) }));
  return [...directories, ...devices, ...commands, ...files];
}

/** Compiled modules in a folder, by key. */
export function folderCache(folder: string): Cache {
  mkdirSync(folder, { recursive: true });
  return {
    get(key) {
      const path = join(folder, key);
      return existsSync(path) ? new Uint8Array(readFileSync(path)) : null;
    },
    put(key, value) {
      const unfinished = join(folder, `${key}.${process.pid}`);
      writeFileSync(unfinished, value);
      renameSync(unfinished, join(folder, key));
    },
  };
}
