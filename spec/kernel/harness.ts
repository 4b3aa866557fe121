/**
 * Builds images to test the kernel with, and runs them: the real kernel, and an archive whose `rs` is a test's director
 * (spec/kernel/guest), whose `vm` is a stand-in, and in which there are puppets. Begin at `buildImages`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, type Executable } from "../../compiler/compiler.ts";
import { formatDiagnostic } from "../../compiler/errors.ts";
import { Machine } from "../../machine/machine.ts";
import { writeArchive } from "../../system/archive.ts";
import { KERNEL_START, SERVICE_START } from "../../system/executables.ts";
import { writeServiceTable } from "../../system/service-table.ts";
import type { Service } from "../../system/services.ts";

const GUEST = "spec/kernel/guest";
const STAND_INS = ["vm", "puppet", "subject", "asker"];
const DISK_BYTES = 0x1_0000;
const CYCLES_MAXIMUM = 2_000_000_000;

/** What the kernel gives its first two processes. RS, the director, may do everything. */
const rows: readonly Service[] = [
  row(
    "rs",
    3,
    1,
    ["SpaceCreate", "SpaceMap", "SpaceUnmap", "SpaceQuery", "FrameZero", "FrameCopy", "DmaRelease"],
    ["Uart"],
  ),
  row("vm", 4, 2, ["SpaceMap", "FrameZero", "GetFault", "EndFault"], []),
];

function row(name: string, slot: number, priority: number, calls: string[], devices: string[]): Service {
  const life = [
    "Create",
    "Fork",
    "Execute",
    "Clear",
    "RunControl",
    "Schedule",
    "Privilege",
    "Kill",
    "GetSignal",
    "EndSignal",
  ];
  const others = ["SendSignal", "ReturnSignal", "GetCrash", "VirtualCopy", "DeviceInformation", "Abort"];
  return {
    name,
    source: `${GUEST}/${name}.ts`,
    slot,
    priority,
    quantumMilliseconds: 100,
    asks: ["rs", "vm"],
    tells: ["programs"],
    calls: name === "rs" ? [...life, ...others, ...calls] : calls,
    devices,
    policy: "vital",
    heartbeatMilliseconds: 0,
  };
}

/** An image for each director, by its name. Throws an Error with the compiler's diagnostics. */
export function buildImages(directors: readonly string[]): Map<string, Uint8Array> {
  const read = (path: string) => readFileSync(path, "utf8");
  const host = { read: (path: string) => (existsSync(path) ? read(path) : null) };
  const service = (name: string): Executable => ({
    name,
    entry: `${GUEST}/${name}.ts`,
    start: SERVICE_START,
    kind: "user",
  });
  const kernel = (director: string): Executable => ({
    name: imageName(director),
    entry: KERNEL_START,
    start: KERNEL_START,
    kind: "kernel",
    linesInMemory: true,
    blobs: [{ symbol: "archive", bytes: (images) => archiveFor(director, images, read) }],
  });
  const { diagnostics, images } = compile(host, [
    ...[...STAND_INS, ...directors].map(service),
    ...directors.map(kernel),
  ]);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return new Map(directors.map((director) => [director, images.get(imageName(director))!]));
}

const imageName = (director: string): string => `image of ${director}`;

function archiveFor(
  director: string,
  images: ReadonlyMap<string, Uint8Array>,
  read: (path: string) => string,
): Uint8Array {
  return writeArchive([
    { name: "services", bytes: writeServiceTable(read, rows) },
    { name: "rs", bytes: images.get(director)! },
    ...STAND_INS.map((name) => ({ name, bytes: images.get(name)! })),
  ]);
}

/** What a run has said and how it ended. */
export interface Run {
  readonly lines: readonly string[];
  /** Exit status; null when it did not end. */
  readonly status: number | null;
  readonly cycles: number;
}

/** Runs an image to its end. `injure` may change the machine after so many cycles. */
export function runOnMachine(image: Uint8Array, cycles = 0, injure: (machine: Machine) => void = () => {}): Run {
  const machine = new Machine({ disk: new Uint8Array(DISK_BYTES) });
  let text = "";
  machine.onOutput((byte) => {
    text += String.fromCharCode(byte);
  });
  machine.loadElf(image);
  machine.run(cycles);
  injure(machine);
  const stop = machine.run(CYCLES_MAXIMUM);
  return { lines: linesOf(text), status: stop.kind === "finished" ? stop.status : null, cycles: machine.cycle };
}

export const QEMU = "qemu-system-riscv32";

/** The same image on QEMU; null where it is not installed. */
export function runOnQemu(image: Uint8Array): Run | null {
  const folder = mkdtempSync(join(tmpdir(), "renix-kernel-"));
  try {
    const elf = join(folder, "image.elf");
    const disk = join(folder, "disk.img");
    writeFileSync(elf, image);
    writeFileSync(disk, new Uint8Array(DISK_BYTES));
    const clock = ["-icount", "shift=3,sleep=off"]; // time is instructions, so that a busy host changes nothing
    const board = ["-M", "virt", "-m", "64M", "-bios", "none", "-nographic", "-monitor", "none", "-kernel", elf];
    const drive = ["-drive", `file=${disk},format=raw,if=none,id=disk`, "-device", "virtio-blk-device,drive=disk"];
    const options = [...clock, ...board, ...drive];
    const { status, stdout, error } = spawnSync(QEMU, options, {
      encoding: "latin1",
      timeout: 120_000,
      input: "",
    });
    if (error !== undefined && "code" in error && error.code === "ENOENT") return null;
    return { lines: linesOf(stdout), status, cycles: 0 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function linesOf(text: string): string[] {
  return text.replaceAll("\r", "").split("\n");
}
