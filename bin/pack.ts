/**
 * The pack: the command's hundred modules in one file, and beside it what V8 has compiled of them. To find, read and compile each by
 * itself takes half the time that `renix machine` needs to its first instruction.
 *
 * A pack belongs to one build: it is named after the time of the latest of all that it is made from. So one that is out of date is not
 * even looked at, whoever has called tsc. Begin with `loadPack`; make-pack.ts makes it.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire, SourceMap, type SourceMapping } from "node:module";
import { dirname, join, resolve } from "node:path";
import { Script } from "node:vm";

const DIST = dirname(import.meta.dirname);
const FOLDER = join(DIST, "pack");
/** What tsc writes whenever it has written anything of a project of the command; and what decides which packages there are. */
const MADE_FROM = [
  ...["bin", "compiler", "machine", "machine/board", "replay", "system"].map((project) =>
    join(DIST, project, "tsconfig.tsbuildinfo"),
  ),
  join(dirname(DIST), "package-lock.json"),
];

export interface PackPaths {
  /** All packs, of which only that of the present build is of use; its files begin with `name`. */
  readonly folder: string;
  readonly name: string;
  /** A function of what surrounds a CommonJS module, as a script. */
  readonly script: string;
  readonly sourceMap: string;
  /** What V8 has compiled of it, once it has run: of use to the same version of Node, with the same options. */
  readonly compiled: string;
}

/** Where the pack of the present build is, or would be. */
export function packPaths(): PackPaths {
  const latest = Math.max(...MADE_FROM.map((path) => statSync(path, { throwIfNoEntry: false })?.mtime.getTime() ?? 0));
  const name = String(latest);
  const script = join(FOLDER, `${name}.js`);
  return { folder: FOLDER, name, script, sourceMap: `${script}.map`, compiled: `${script}.${process.version}` };
}

/** The command out of its pack; null if the present build has none. */
export function loadPack(): typeof import("./command.ts") | null {
  const paths = packPaths();
  const source = contentOf(paths.script)?.toString("latin1"); // esbuild writes nothing but ASCII
  if (source === undefined) return null;
  const cachedData = contentOf(paths.compiled);
  const script = new Script(source, { filename: paths.script, cachedData });
  if (cachedData === undefined) process.on("exit", (status) => status === 0 && keepCompiled(script, paths));
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${inSources(error.stack ?? String(error), paths)}\n`);
    process.exit(1);
  });
  const module = { exports: {} };
  script.runInThisContext()(module, createRequire(paths.script), paths.script);
  return module.exports as typeof import("./command.ts");
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Keeps what was compiled in this run, the first of the pack with this version of Node, for the next ones. */
function keepCompiled(script: Script, { compiled }: PackPaths): void {
  try {
    const unfinished = `${compiled}.${process.pid}`;
    writeFileSync(unfinished, script.createCachedData());
    renameSync(unfinished, compiled);
  } catch {
    // Whoever may not write here does without.
  }
}

/** A stack trace, with places in the pack as places in the sources. */
function inSources(stack: string, { folder, script, sourceMap }: PackPaths): string {
  const map = new SourceMap(JSON.parse(readFileSync(sourceMap, "utf8")));
  return stack.replaceAll(/([^\s(]+):(\d+):(\d+)/g, (place, path, line, column) => {
    if (path !== script) return place;
    const { originalSource, originalLine, originalColumn } = map.findEntry(
      line - 1,
      column - 1,
    ) as Partial<SourceMapping>;
    if (originalSource === undefined) return place;
    return `${resolve(folder, originalSource)}:${originalLine! + 1}:${originalColumn! + 1}`;
  });
}
