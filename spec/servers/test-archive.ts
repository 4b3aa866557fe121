/**
 * Boots the real kernel with an archive of a test's own: some service stands in RS' slot, and puts the servers beside it through
 * their paces. It ends the run itself, with 0 when all was well; a failed assertion ends it with the kernel's report on the console.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, type Executable, formatDiagnostic } from "../../compiler/compiler.ts";
import { Machine } from "../../machine/machine.ts";
import { type ArchiveFile, writeArchive } from "../../system/archive.ts";
import { ROOT } from "../../system/build.ts";
import { KERNEL, KERNEL_START, SERVICE_START } from "../../system/executables.ts";
import { writeServiceTable } from "../../system/service-table.ts";

export interface Outcome {
  /** What the guest gave the test finisher; null: it did not end. */
  readonly status: number | null;
  readonly console: string;
  readonly cycles: number;
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const host = { read: (path: string) => (existsSync(join(ROOT, path)) ? read(path) : null) };

/** Compiles services (archive name → module), as ELF files. */
export function compileServices(entries: Readonly<Record<string, string>>): Map<string, Uint8Array> {
  return compileAll(
    Object.entries(entries).map(([name, entry]) => ({ name, entry, start: SERVICE_START, kind: "user" })),
  );
}

/** Boots an archive of these services and files, and runs it to its end, at most `limitCycles`. */
export function bootArchive(
  services: ReadonlyMap<string, Uint8Array>,
  extra: readonly ArchiveFile[] = [],
  limitCycles = 2e9,
): Outcome {
  const bytes = writeArchive([
    { name: "services", bytes: writeServiceTable(read) },
    ...[...services].map(([name, image]) => ({ name, bytes: image })),
    ...extra,
  ]);
  const kernel: Executable = {
    name: "kernel",
    entry: KERNEL.entry,
    start: KERNEL_START,
    kind: "kernel",
    linesInMemory: true,
    blobs: [{ symbol: "archive", bytes }],
  };
  const machine = new Machine();
  machine.loadElf(compileAll([kernel]).get("kernel")!);
  const output: number[] = [];
  machine.onOutput((byte) => output.push(byte));
  const stop = machine.run(limitCycles);
  const console = new TextDecoder().decode(Uint8Array.from(output));
  return { status: stop.kind === "finished" ? stop.status : null, console, cycles: machine.cycle };
}

function compileAll(executables: readonly Executable[]): Map<string, Uint8Array> {
  const { diagnostics, images } = compile(host, executables);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return new Map(images);
}
