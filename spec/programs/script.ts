/**
 * Scripts for the shell inside: typed into a file at the terminal, then run. The judge of most of them is the host's own `sh`.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { System } from "../harness.ts";

export interface Outcome {
  /** Standard output and standard error, as they came. */
  readonly output: string;
  readonly status: number;
}

const SCRIPT = "/tmp/script";
const END_OF_FILE = "\x04";

/** Runs a script inside, in a shell of its own. */
export function runScript(system: System, text: string): Outcome {
  writeGuestFile(system, SCRIPT, text);
  const output = system.run(`sh ${SCRIPT}; echo "<$?>"`);
  const end = output.lastIndexOf("<");
  return { output: output.slice(0, end), status: Number(output.slice(end + 1, output.lastIndexOf(">"))) };
}

/** Types a file. */
export function writeGuestFile(system: System, path: string, text: string): void {
  system.type(`cat > ${path}\r`);
  const lines = text.endsWith("\n") ? text : `${text}\n`;
  for (const line of lines.slice(0, -1).split("\n")) {
    const before = system.output.length;
    system.type(`${line}\r`);
    system.waitFor("\n", before);
  }
  system.type(END_OF_FILE);
  system.waitForPrompt(system.output.length);
}

/** Runs a script on the host, in an empty folder. */
export function runOnHost(text: string): Outcome {
  const folder = mkdtempSync(join(tmpdir(), "renix-"));
  try {
    const path = join(folder, "script");
    const work = join(folder, "work");
    mkdirSync(work);
    writeFileSync(path, text);
    const { stdout, status } = spawnSync("sh", ["-c", `exec 2>&1; . ${path}`], {
      cwd: work,
      encoding: "latin1",
      env: { PATH: process.env.PATH, HOME: "/", LC_ALL: "C" },
    });
    return { output: stdout, status: status ?? -1 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
