/**
 * Builds the system: compiles everything, puts the boot programs into the archive inside renix.elf, and the others onto the disk.
 *
 * What was built is kept under build/, by the content of every source that went into it; a second build only reads it back, and the
 * compiler is not even loaded.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The system: the kernel with its archive, and the root file system. */
export interface SystemImage {
  readonly elf: Uint8Array;
  readonly disk: Uint8Array;
}

/** Guest sources do not compile; `message` holds tsc's form of report, a line for each error. */
export class BuildError extends Error {}

/** Size of the root file system's disk. */
export const DISK_BYTES = 16 * 1024 * 1024;
/** The project's root: where package.json lies, beside dist/. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Folders whose sources end up in the image. */
const GUEST_FOLDERS = [
  "machine/board",
  "lib",
  "kernel",
  "servers",
  "drivers",
  "reincarnation",
  "programs",
  "system/root",
];
/** What tsc keeps of host code that decides how they end up there: the hashes of its sources among other things. */
const COMPILER_RECORD = "dist/compiler/tsconfig.tsbuildinfo";
const SYSTEM_RECORD = "dist/system/tsconfig.tsbuildinfo";

/** Builds, or reads what an earlier call has built; `building` hears of it when it takes a while. Throws a BuildError. */
export async function buildImage(building: () => void = () => {}): Promise<SystemImage> {
  const sources = GUEST_FOLDERS.flatMap((folder) => filesUnder(join(ROOT, folder)));
  const folder = join(ROOT, "build", "cache", contentKey([...sources, ...recordsOf(COMPILER_RECORD, SYSTEM_RECORD)]));
  const elf = join(folder, "renix.elf");
  const disk = join(folder, "disk");
  if (existsSync(disk)) return { elf: new Uint8Array(readFileSync(elf)), disk: readDisk(disk) };
  building();
  const image = await compileSystem();
  store(folder, image);
  return image;
}

/** The compiler and all that hangs on it are loaded only when there is something to compile. */
async function compileSystem(): Promise<SystemImage> {
  const { makeSystem } = await import("./make.ts");
  return makeSystem(ROOT, objectsFolder());
}

/** Where compiled modules are kept: what one version of the compiler has made is never given to another. */
export function objectsFolder(): string {
  return join(ROOT, "build", "objects", contentKey(recordsOf(COMPILER_RECORD)));
}

/** Writes both files, then gives them their name: a build that was cut off leaves nothing behind that looks whole. */
function store(folder: string, image: SystemImage): void {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, "renix.elf"), image.elf);
  writeDisk(join(unfinished, "disk"), image.disk);
  if (!existsSync(folder)) renameSync(unfinished, folder);
}

const ZEROS_BYTES = 64 * 1024;

/** Without the zeros at the end, most of a fresh disk: each start reads it. */
function writeDisk(path: string, bytes: Uint8Array): void {
  const zeros = new Uint8Array(ZEROS_BYTES);
  let end = bytes.length;
  while (end >= ZEROS_BYTES && Buffer.compare(bytes.subarray(end - ZEROS_BYTES, end), zeros) === 0) end -= ZEROS_BYTES;
  writeFileSync(path, bytes.subarray(0, end));
}

function readDisk(path: string): Uint8Array {
  const disk = new Uint8Array(DISK_BYTES);
  disk.set(readFileSync(path));
  return disk;
}

function recordsOf(...records: readonly string[]): string[] {
  return records.map((record) => join(ROOT, record));
}

function contentKey(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    hash
      .update(`${relative(ROOT, path)}\0`)
      .update(readFileSync(path))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 32);
}

/** Every file below a folder, in a fixed order. */
export function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name))
    .sort();
}
