/**
 * `npm start`: brings the command up to date where its sources have changed, then boots. Operands go to `renix boot`.
 *
 * Finding out that there is nothing to do takes tsc longer than a boot, so it is asked only if a source is younger than the last build that
 * succeeded. Imports nothing of the project before that: it would be the old one.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const ROOT = dirname(dirname(import.meta.dirname));
const COMMON_FILES = ["package.json", "tsconfig.host.json"];
/** Its time is when the last build that succeeded began. */
const STAMP = join(ROOT, "build", "command-built");
const MAKE_PACK = join(ROOT, "dist", "bin", "make-pack.js");

/** Whether any source of the command is younger than the last build. */
function isStale(): boolean {
  const built = statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = [...projectsFrom(join(ROOT, "bin"))].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.ts$|^tsconfig\.json$/.test(name))
      .map((name) => join(folder, name)),
  );
  const files = [...COMMON_FILES.map((name) => join(ROOT, name)), ...sources];
  return files.some((file) => statSync(file).mtimeMs > built);
}

/** The folder of a project, and those of all that it refers to. */
function projectsFrom(folder: string, found: Set<string> = new Set()): Set<string> {
  if (found.has(folder)) return found;
  found.add(folder);
  const { references = [] } = JSON.parse(readFileSync(join(folder, "tsconfig.json"), "utf8")) as Project;
  for (const { path } of references) projectsFrom(join(folder, path), found);
  return found;
}

interface Project {
  readonly references?: readonly { readonly path: string }[];
}

/** Runs tsc, and puts what it has written into one file; tsc's exit status. */
function rebuild(): number {
  const began = new Date();
  const tsc = createRequire(import.meta.url).resolve("typescript/lib/tsc.js");
  const show = process.stderr.isTTY;
  if (show) process.stderr.write("building the command ...");
  const { status } = spawnSync(process.execPath, [tsc, "--build", "bin"], { cwd: ROOT, stdio: "inherit" });
  if (status === 0) {
    spawnSync(process.execPath, [MAKE_PACK], { stdio: "inherit" });
    mkdirSync(dirname(STAMP), { recursive: true });
    writeFileSync(STAMP, "");
    utimesSync(STAMP, began, began);
  }
  if (show) process.stderr.write("\r\x1b[K");
  return status ?? 1;
}

const status = isStale() ? rebuild() : 0;
if (status === 0) {
  process.argv.splice(2, 0, "boot");
  await import("./renix.ts");
} else {
  process.exitCode = status;
}
