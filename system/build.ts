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
/** Host code that decides how they end up there, as compiled. */
const COMPILER = "dist/compiler";
const TOOL_FOLDERS = [COMPILER, "dist/system"];

/** Builds, or reads what an earlier call has built; `building` hears of it when it takes a while. Throws a BuildError. */
export async function buildImage(building: () => void = () => {}): Promise<SystemImage> {
  const folder = join(ROOT, "build", "cache", contentKey([...GUEST_FOLDERS, ...TOOL_FOLDERS]));
  const elf = join(folder, "renix.elf");
  const disk = join(folder, "disk.img");
  if (!existsSync(disk)) {
    building();
    store(folder, await compileSystem());
  }
  return { elf: new Uint8Array(readFileSync(elf)), disk: new Uint8Array(readFileSync(disk)) };
}

/** The compiler and all that hangs on it are loaded only when there is something to compile. */
async function compileSystem(): Promise<SystemImage> {
  const { makeSystem } = await import("./make.ts");
  return makeSystem(ROOT, objectsFolder());
}

/** Where compiled modules are kept: what one version of the compiler has made is never given to another. */
export function objectsFolder(): string {
  return join(ROOT, "build", "objects", contentKey([COMPILER]));
}

/** Writes both files, then gives them their name: a build that was cut off leaves nothing behind that looks whole. */
function store(folder: string, image: SystemImage): void {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, "renix.elf"), image.elf);
  writeFileSync(join(unfinished, "disk.img"), image.disk);
  if (!existsSync(folder)) renameSync(unfinished, folder);
}

function contentKey(folders: readonly string[]): string {
  const hash = createHash("sha256");
  for (const folder of folders) {
    for (const path of filesUnder(join(ROOT, folder))) {
      hash
        .update(`${relative(ROOT, path)}\0`)
        .update(readFileSync(path))
        .update("\0");
    }
  }
  return hash.digest("hex").slice(0, 32);
}

/** What tsc leaves beside the code it makes. `core.d.ts` is a source. */
const NOT_SOURCES = /(?<!^core)\.d\.ts$|\.map$|\.tsbuildinfo$/;

/** Every file below a folder, in a fixed order. */
export function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile() && !NOT_SOURCES.test(item.name))
    .map((item) => join(item.parentPath, item.name))
    .sort();
}
