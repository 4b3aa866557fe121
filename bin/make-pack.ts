/**
 * Makes the pack of the present build (pack.ts), as the last step of a build: writes the command into one file, and boots once with it,
 * so that what V8 compiles on the way is kept. Does nothing where it is there already.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { interpreterSource } from "../machine/hart/generate.ts";
import { SYSTEM_OPERATIONS, threadedModule } from "../machine/hart/threaded.ts";
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
    minifyWhitespace: true,
    sourcemap: true,
    banner: { js: BEFORE },
    footer: { js: "})" },
    define: { "import.meta.url": "scriptUrl" },
    plugins: [interpretersInPlace, childProcessLater],
    logLevel: "error",
  });
  renameSync(join(unfinished, basename(sourceMap)), sourceMap);
  renameSync(join(unfinished, basename(script)), script);
  rmSync(unfinished, { recursive: true });
  for (const other of readdirSync(folder)) {
    if (!other.startsWith(name)) rmSync(join(folder, other), { recursive: true, force: true });
  }
}

/** Has both interpreters in the pack as they are generated: the reference's text, which is compiled with everything else, and the other's bytes. */
const interpretersInPlace: Plugin = {
  name: "interpreters in place",
  setup({ onLoad }) {
    const reference = `export const makeInterpreter = (parts) => {${interpreterSource()}};`;
    onLoad({ filter: /\bmachine\/hart\/interpreter\.js$/ }, () => ({ contents: reference }));
    const threaded = `export const SYSTEM_OPERATIONS = ${JSON.stringify(SYSTEM_OPERATIONS)};
export const threadedModule = () => Buffer.from("${Buffer.from(threadedModule()).toString("base64")}", "base64");`;
    onLoad({ filter: /\bmachine\/hart\/threaded\.js$/ }, () => ({ contents: threaded }));
  },
};

/** Commander loads this for commands that are programs of their own, of which there are none here: not before it uses it. */
const childProcessLater: Plugin = {
  name: "child process later",
  setup({ onResolve, onLoad }) {
    const namespace = "later";
    const contents = `module.exports = { get spawn() { return require("child_process").spawn; } };`;
    onResolve({ filter: /^node:child_process$/ }, ({ path }) => ({ path, namespace }));
    onLoad({ filter: /./, namespace }, () => ({ contents }));
  },
};

/**
 * The first run with a pack keeps what was compiled: here of both engines. A system that does not compile is not the concern of this
 * step.
 */
function warmUp(): void {
  spawnSync(process.execPath, [RENIX, "boot", "--engine", "lockstep", "--fast", "--exec", "true"], { stdio: "ignore" });
}

chmodSync(RENIX, 0o755); // tsc does not, and npx only when it meets a folder for the first time
const paths = packPaths();
if (!existsSync(paths.script)) {
  await makePack(paths);
  warmUp();
}
