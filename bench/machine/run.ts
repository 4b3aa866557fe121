/**
 * Runs an image as a user would, as a process of its own, and takes the time: `renix machine` and QEMU, with the options that both need. Begin at
 * `timeProcess`.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../system/build.ts";
import type { Engine } from "../options.ts";

const QEMU = "qemu-system-riscv32";
const RENIX = join(ROOT, "dist", "bin", "renix.js");
const RAM_MEBIBYTES = 64;

/** A way to run something: program and arguments, but for the last. */
export interface Runner {
  readonly name: string;
  readonly command: readonly string[];
}

/** What chooses the engine, on every command that runs the machine. */
const engineOption = (engine: Engine): string[] => ["--engine", engine];

/** The machine with an image; the image's path comes last. */
export function renix(engine: Engine): Runner {
  return { name: engine, command: [process.execPath, RENIX, "machine", ...engineOption(engine)] };
}

/** The system with a command; the command comes last. */
export function renixBoot(engine: Engine): Runner {
  return { name: engine, command: [process.execPath, RENIX, "boot", "--fast", ...engineOption(engine), "--exec"] };
}

const qemu = (name: string, more: readonly string[]): Runner => ({
  name,
  command: [QEMU, "-M", "virt", "-bios", "none", "-m", String(RAM_MEBIBYTES), "-nographic", ...more, "-kernel"],
});
export const QEMU_TCG = qemu("QEMU TCG", []);
/** Time is instructions there too: what QEMU offers to those who want the same run twice. */
export const QEMU_ICOUNT = qemu("QEMU -icount", ["-icount", "shift=0,sleep=off"]);

export function isQemuInstalled(): boolean {
  return spawnSync(QEMU, ["--version"]).status === 0;
}

export interface Outcome {
  readonly seconds: number;
  /** What the guest has printed. */
  readonly output: string;
}

/** The wall time of a whole process, from its start to its end. Throws an Error unless the guest ended with status 0. */
export function timeProcess({ name, command }: Runner, image: string): Outcome {
  const begin = performance.now();
  const [program, ...options] = command;
  const { status, stdout, stderr, error } = spawnSync(program, [...options, image], { encoding: "latin1", input: "" });
  const seconds = (performance.now() - begin) / 1000;
  if (error) throw error;
  if (status !== 0) throw new Error(`${image} on ${name}: status ${status}: ${stdout}${stderr}`);
  return { seconds, output: stdout.replaceAll("\r", "") };
}
