/**
 * Programs compiled by gcc, drivers among them, run on QEMU and on our machine with the same output, status and disk.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Machine } from "../../machine/machine.ts";
import { isQemuInstalled, runOnQemu } from "./qemu.ts";

const GCC = "riscv64-unknown-elf-gcc";
const SOURCES = join(process.cwd(), "spec/machine/programs");
const DISK_BYTES = 32 * 1024;
const LIMIT_CYCLES = 1_000_000_000;

function compile(program: string, directory: string, options: readonly string[]): Uint8Array {
  const output = join(directory, "program.elf");
  const { status, stderr } = spawnSync(GCC, [
    ...["-march=rv32imac_zicsr_zifencei", "-mabi=ilp32", "-O2", "-nostdlib", "-ffreestanding", ...options],
    ...["-T", join(SOURCES, "link.ld"), join(SOURCES, "start.S"), join(SOURCES, `${program}.c`), "-o", output, "-lgcc"],
  ]);
  if (status !== 0) throw new Error(stderr.toString());
  return readFileSync(output);
}

function diskImage(): Uint8Array {
  return Uint8Array.from({ length: DISK_BYTES }, (_, i) => (i * 13) ^ (i >> 8));
}

describe("programs compiled by gcc", () => {
  let directory = "";

  before(function () {
    if (!isQemuInstalled() || spawnSync(GCC, ["--version"]).status !== 0) this.skip();
    directory = mkdtempSync(join(tmpdir(), "renix-programs-"));
  });

  after(() => {
    if (directory !== "") rmSync(directory, { recursive: true });
  });

  for (const { what, diskSlot, legacyVirtio, options = [] } of [
    { what: "virtio of version 2, in the last slot", diskSlot: 7, legacyVirtio: false },
    { what: "legacy virtio, in the first slot", diskSlot: 0, legacyVirtio: true },
    { what: "legacy virtio, nothing acknowledged", diskSlot: 0, legacyVirtio: true, options: ["-DACKNOWLEDGES=0"] },
  ]) {
    it(`drive the board's devices by interrupts, alike on both: ${what}`, () => {
      const elf = compile("board", directory, options);
      const machine = new Machine({ disk: diskImage(), diskSlot, legacyVirtio });
      const output: number[] = [];
      machine.onOutput((byte) => output.push(byte));
      machine.loadElf(elf);
      const stop = machine.run(LIMIT_CYCLES);

      const path = join(directory, "disk.img");
      writeFileSync(path, diskImage());
      const theirs = runOnQemu(elf, 64, [
        ...["-global", `virtio-mmio.force-legacy=${legacyVirtio}`, "-drive", `file=${path},if=none,format=raw,id=disk`],
        ...["-device", `virtio-blk-device,drive=disk,bus=virtio-mmio-bus.${diskSlot}`],
      ]);
      expect(String.fromCharCode(...output)).to.equal(String.fromCharCode(...theirs.output));
      expect(stop).to.deep.equal({ kind: "finished", status: theirs.status });
      const ours = Array.from({ length: DISK_BYTES / 512 }, (_, sector) => [...machine.disk!.read(sector)]).flat();
      expect(Uint8Array.from(ours)).to.deep.equal(new Uint8Array(readFileSync(path)));
    });
  }
});
