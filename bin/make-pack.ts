/**
 * Makes the pack of the present build (pack.ts), as the last step of a build: writes the command into one file, and boots once with it,
 * so that what V8 compiles on the way is kept. Does nothing where it is there already.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { type PackPaths, packPaths } from "./pack.ts";

const COMMAND = join(import.meta.dirname, "command.js");
const RENIX = join(import.meta.dirname, "renix.js");
/** Large, and needed by few subcommands: they stay where they are. */
const LEFT_OUT = ["typescript", "zod", "yaml"];
/** What loadPack calls. ES modules ask for their own URL, which is the script's now. */
const BEFORE = `(function (module, require, __filename) {
const scriptUrl = require("node:url").pathToFileURL(__filename).href;`;

async function makePack({ folder, name, script, sourceMap }: PackPaths): Promise<void> {
  const unfinished = join(folder, `${name}.${process.pid}`);
  await build({
    entryPoints: [COMMAND],
    outfile: join(unfinished, basename(script)),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: LEFT_OUT,
    sourcemap: true,
    banner: { js: BEFORE },
    footer: { js: "})" },
    define: { "import.meta.url": "scriptUrl" },
    logLevel: "error",
  });
  renameSync(join(unfinished, basename(sourceMap)), sourceMap);
  renameSync(join(unfinished, basename(script)), script);
  rmSync(unfinished, { recursive: true });
  for (const other of readdirSync(folder)) {
    if (!other.startsWith(name)) rmSync(join(folder, other), { recursive: true, force: true });
  }
}

/** The first run with a pack keeps what was compiled. A system that does not compile is not the concern of this step. */
function warmUp(): void {
  spawnSync(process.execPath, [RENIX, "boot", "--fast", "--exec", "true"], { stdio: "ignore" });
}

const paths = packPaths();
if (!existsSync(paths.script)) {
  await makePack(paths);
  warmUp();
}
