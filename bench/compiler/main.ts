/**
 * How good is the compiled code? The same algorithms as guest TypeScript and as C by `gcc -O2`, and how many instructions each executes.
 *
 * Every algorithm is a file in guest/, twice. Both sides run on the machine, which counts exactly; their results must agree. Without
 * riscv64-unknown-elf-gcc there is nothing to compare with, and only our counts are reported. Begin reading at `compilerBench`.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "../../compiler/compiler.ts";
import { formatDiagnostic } from "../../compiler/errors.ts";
import { Machine } from "../../machine/machine.ts";
import { atMost, type Figure, geometricMean, reported } from "../figure.ts";

export const ALGORITHMS = [
  ...["sieve", "sha256", "quicksort", "matrix", "crc32"],
  ...["search", "list", "queens", "bytecode", "messages"],
];

/** Executed instructions, ours by those of gcc -O2: geometric mean. */
const GOAL = 1.3;
const SOURCES = "bench/compiler/guest";
const CYCLE_LIMIT = 1_000_000_000;
const GCC = "riscv64-unknown-elf-gcc";
const GCC_FLAGS = "-O2 -march=rv32ima_zicsr -mabi=ilp32 -ffreestanding -nostdlib -static".split(" ");

interface Count {
  readonly status: number;
  readonly instructions: number;
}

export async function compilerBench(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const ratios: number[] = [];
  const withGcc = gccIsThere();
  const ours = compileAlgorithms();
  for (const name of ALGORITHMS) {
    const mine = count(ours.get(name)!);
    figures.push(reported(`compiler: ${name}, instructions`, mine.instructions, "instructions"));
    if (!withGcc) continue;
    const reference = count(compileC(name));
    if (reference.status !== mine.status) {
      throw new Error(`${name}: our result is ${mine.status}, that of gcc's code ${reference.status}`);
    }
    ratios.push(mine.instructions / reference.instructions);
    figures.push(reported(`compiler: ${name}, instructions / gcc -O2`, ratios.at(-1)!, "×"));
  }
  if (withGcc) figures.push(atMost("compiler: instructions / gcc -O2, geomean", geometricMean(ratios), "×", GOAL));
  return figures;
}

/** Runs a bare-metal image to its end. */
export function count(image: Uint8Array): Count {
  const machine = new Machine({ ramBytes: 4 << 20 });
  machine.loadElf(image);
  const stop = machine.run(CYCLE_LIMIT);
  if (stop.kind !== "finished") throw new Error(`a benchmark did not end: ${JSON.stringify(stop)}`);
  return { status: stop.status, instructions: machine.instructions };
}

/** Our images of all algorithms, by name. Run from the project's root. */
export function compileAlgorithms(optimise = true): ReadonlyMap<string, Uint8Array> {
  const host = {
    read(path: string): string | null {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return null;
      }
    },
  };
  const executables = ALGORITHMS.map((name) => ({
    name,
    entry: `${SOURCES}/${name}.ts`,
    start: `${SOURCES}/start.ts`,
    kind: "kernel" as const,
  }));
  const { diagnostics, images } = compile(host, executables, { optimise });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return images;
}

/** The image that gcc makes of an algorithm. */
export function compileC(name: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "renix-bench-"));
  try {
    const output = join(folder, `${name}.elf`);
    const sources = ["start.s", `${name}.c`, "support.c"].map((file) => `${SOURCES}/${file}`);
    execFileSync(GCC, [...GCC_FLAGS, "-Wl,-n,-Ttext=0x80000000,-e,start", "-o", output, ...sources], { stdio: "pipe" });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function gccIsThere(): boolean {
  try {
    execFileSync(GCC, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
