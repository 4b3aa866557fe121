/** `renix build`: writes the two files of the system, and how to boot them elsewhere. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileFailure } from "./failure.ts";
import { writeBytes } from "./files.ts";
import { readyImage } from "./image.ts";

export async function build(options: { out: string }): Promise<void> {
  const image = await readyImage();
  try {
    mkdirSync(options.out, { recursive: true });
  } catch (error) {
    throw fileFailure(options.out, error);
  }
  const elf = join(options.out, "renix.elf");
  const disk = join(options.out, "disk.img");
  writeBytes(elf, image.elf);
  writeBytes(disk, image.disk);
  process.stdout.write(
    `${elf} (${image.elf.length} bytes), ${disk} (${image.disk.length} bytes)\n${qemuCommand(elf, disk)}\n`,
  );
}

/** How QEMU boots the image: the last virtio slot, in the layout of the standard's version 1 (not the legacy one). */
export function qemuCommand(elf: string, disk: string): string {
  return [
    "qemu-system-riscv32 -M virt -bios none -m 64 -nographic",
    `-kernel ${elf}`,
    "-global virtio-mmio.force-legacy=false",
    `-drive file=${disk},format=raw,if=none,id=disk -device virtio-blk-device,drive=disk`,
  ].join(" \\\n  ");
}
