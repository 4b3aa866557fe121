/** A root file system with programs of a test's own in /bin, beside everything that is there anyway. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, formatDiagnostic } from "../../compiler/compiler.ts";
import { Machine } from "../../machine/machine.ts";
import { ROOT } from "../../system/build.ts";
import { PROGRAM_START } from "../../system/executables.ts";
import { type FileEntry, readMinixFs } from "../../system/minix-fs/reader.ts";
import { type FileSource, writeMinixFs } from "../../system/minix-fs/writer.ts";
import { System, systemImage } from "../harness.ts";

const QEMU = "qemu-system-riscv32";
const QEMU_MILLISECONDS = 100_000;

const host = {
  read: (path: string) => (existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), "utf8") : null),
};

/** Boots with these programs (name → module) on the disk, and without some files; runs one command, and powers off. */
export async function executeWith(
  programs: Readonly<Record<string, string>>,
  command: string,
  without: readonly string[] = [],
) {
  const { elf, disk } = await systemImage();
  const machine = new Machine({ disk: changedDisk(disk, programs, without), bootArguments: `renix.exec=${command}` });
  machine.loadElf(elf);
  const system = new System(machine);
  const status = system.runToEnd();
  return { output: system.output, status, cycles: machine.cycle };
}

/** The same on `qemu-system-riscv32`; null where it is not installed. */
export async function executeOnQemu(programs: Readonly<Record<string, string>>, command: string) {
  if (spawnSync(QEMU, ["--version"]).status !== 0) return null;
  const { elf, disk } = await systemImage();
  const folder = mkdtempSync(join(tmpdir(), "renix-qemu-"));
  const kernelFile = join(folder, "renix.elf");
  const diskFile = join(folder, "disk.img");
  writeFileSync(kernelFile, elf);
  writeFileSync(diskFile, changedDisk(disk, programs, []));
  const options = [
    ...["-M", "virt", "-bios", "none", "-m", "64", "-nographic", "-monitor", "none", "-serial", "stdio"],
    ...["-kernel", kernelFile, "-append", `renix.exec=${command}`, "-global", "virtio-mmio.force-legacy=false"],
    ...["-drive", `file=${diskFile},if=none,format=raw,id=disk`, "-device", "virtio-blk-device,drive=disk"],
  ];
  const { stdout, status } = spawnSync(QEMU, options, { encoding: "utf8", input: "", timeout: QEMU_MILLISECONDS });
  rmSync(folder, { recursive: true });
  return { output: stdout, status };
}

/** The same tree, with programs more and files less. */
export function changedDisk(
  disk: Uint8Array,
  programs: Readonly<Record<string, string>>,
  without: readonly string[],
): Uint8Array {
  const files = [...readMinixFs(disk).files]
    .filter(([path]) => path !== "/" && !without.includes(path))
    .map(([path, entry]) => sourceOf(path, entry));
  for (const [name, content] of compilePrograms(programs)) files.push({ path: `/bin/${name}`, mode: 0o755, content });
  return writeMinixFs({ bytes: disk.length, files });
}

function compilePrograms(programs: Readonly<Record<string, string>>): ReadonlyMap<string, Uint8Array> {
  const executables = Object.entries(programs).map(
    ([name, entry]) => ({ name, entry, start: PROGRAM_START, kind: "user" }) as const,
  );
  const { diagnostics, images } = compile(host, executables);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return images;
}

function sourceOf(path: string, { kind, mode, content, major, minor }: FileEntry): FileSource {
  if (kind === "directory") return { path, mode, directory: true };
  if (kind === "regular") return { path, mode, content };
  if (kind === "pipe") throw new Error(`${path}: a pipe on the disk`);
  return { path, mode, device: { kind, major, minor } };
}
