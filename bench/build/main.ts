/**
 * How long a developer waits: for everything compiled from nothing, and from a changed line of a driver to the prompt of the system that has it.
 * Begin at `buildBench`.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ROOT } from "../../system/build.ts";
import { makeSystem } from "../../system/make.ts";
import { atMost, type Figure, median } from "../figure.ts";
import type { BenchOptions } from "../options.ts";

const COMPILE_GOAL_SECONDS = 8;
const EDIT_GOAL_SECONDS = 2;
/** The driver's line that is changed, each time to something else. */
const EDITED = { file: "drivers/memory/main.ts", line: /const CHUNK_BYTES = \d+;/ };
const PROMPT = "\n# ";

export async function buildBench({ quick, progress }: BenchOptions): Promise<Figure[]> {
  const runs = quick ? 1 : 5;
  progress("compiling everything");
  const compiling = Array.from({ length: runs }, () => secondsOf(() => makeSystem(ROOT)));
  progress("from an edit to the prompt");
  const editing = await editToPrompt(runs);
  return [
    atMost("compile everything", median(compiling), "s", COMPILE_GOAL_SECONDS),
    atMost("from an edited driver to the prompt", median(editing), "s", EDIT_GOAL_SECONDS),
  ];
}

function secondsOf(work: () => void): number {
  const begin = performance.now();
  work();
  return (performance.now() - begin) / 1000;
}

/** In a copy of the project: edits a line, then does what `npm start` does, until the prompt is there. Seconds of each run. */
async function editToPrompt(runs: number): Promise<number[]> {
  const copy = mkdtempSync(join(tmpdir(), "renix-edit-"));
  try {
    copyProject(copy);
    await startToPrompt(copy); // fills the caches, as the start before an edit has
    const seconds: number[] = [];
    for (let run = 0; run < runs; run++) {
      const path = join(copy, EDITED.file);
      const source = readFileSync(path, "utf8");
      if (!EDITED.line.test(source)) throw new Error(`${EDITED.file} has lost the line to edit`);
      writeFileSync(path, source.replace(EDITED.line, `const CHUNK_BYTES = ${4092 - 4 * run};`));
      seconds.push(await startToPrompt(copy));
    }
    return seconds;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Sources and everything made of them, with their times, so that nothing looks changed. */
function copyProject(copy: string): void {
  const apart = new Set([join(ROOT, "node_modules"), join(ROOT, ".git")]);
  cpSync(ROOT, copy, { recursive: true, preserveTimestamps: true, filter: (path) => !apart.has(path) });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
}

/** Runs package.json's `start` (npm's own start apart) until the prompt shows. Seconds. */
function startToPrompt(folder: string): Promise<number> {
  const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { scripts: { start: string } };
  const begin = performance.now();
  const path = [join(folder, "node_modules", ".bin"), process.env.PATH].join(delimiter);
  const child = spawn(scripts.start, { shell: true, cwd: folder, env: { ...process.env, PATH: path } });
  return new Promise((resolve, reject) => {
    let output = "";
    let seconds: number | null = null;
    child.stderr.on("data", (bytes) => {
      output += bytes;
    });
    child.stdout.on("data", (bytes) => {
      output += bytes;
      if (seconds !== null || !output.endsWith(PROMPT)) return;
      seconds = (performance.now() - begin) / 1000;
      child.stdin.end("poweroff\n");
    });
    child.on("error", reject);
    child.on("close", (status) => {
      if (seconds === null) reject(new Error(`${scripts.start}: status ${status}: ${output}`));
      else resolve(seconds);
    });
  });
}
