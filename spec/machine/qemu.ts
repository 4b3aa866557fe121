/** Runs an image on QEMU's `virt` board, for comparison; absent where QEMU is not installed. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const QEMU = "qemu-system-riscv32";
/** A hart with what ours has, and no more. */
export const PROCESSOR = "rv32,f=off,d=off,h=off,sstc=off,zba=off,zbb=off,zbc=off,zbs=off";
/** With a second hart, QEMU's AMOs are really atomic, and fault as stores do. */
export const TWO_HARTS = ["-smp", "2"];
const PATIENCE_MILLISECONDS = 120_000;

export function isQemuInstalled(): boolean {
  return spawnSync(QEMU, ["--version"]).status === 0;
}

export interface QemuOutcome {
  readonly output: Uint8Array;
  readonly status: number | null;
}

/** Runs a raw image (or an ELF) from the start of RAM, until it ends by the finisher. */
export function runOnQemu(image: Uint8Array, ramMebibytes = 8, more: readonly string[] = []): QemuOutcome {
  const directory = mkdtempSync(join(tmpdir(), "renix-qemu-"));
  try {
    const imagePath = join(directory, "image");
    const outputPath = join(directory, "output");
    writeFileSync(imagePath, image);
    const result = spawnSync(
      QEMU,
      [
        ...["-M", "virt", "-cpu", PROCESSOR, "-m", `${ramMebibytes}M`, "-bios", imagePath],
        ...["-display", "none", "-monitor", "none", "-serial", `file:${outputPath}`, ...more],
      ],
      { timeout: PATIENCE_MILLISECONDS },
    );
    if (result.error) throw result.error;
    return { output: readFileSync(outputPath), status: result.status };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
