/** `renix machine`: the board alone, with any bare-metal executable; for conformance suites and other people's systems. */

import { MEBIBYTE } from "../machine/board/memory-map.ts";
import { SECTOR_BYTES } from "../machine/board/virtio.ts";
import { type Elf, symbolAddress } from "../machine/elf.ts";
import { type Engine, Machine, MachineError, type Stop } from "../machine/machine.ts";
import { Pacer } from "../replay/pacer.ts";
import { ExitStatus, Failure } from "./failure.ts";
import { readWhole, writeBytes } from "./files.ts";
import { HostTargetInterface } from "./host-target-interface.ts";
import { Input } from "./input.ts";
import { turn } from "./pace.ts";
import { Semihosting } from "./semihosting.ts";
import { showStatistics } from "./statistics.ts";

interface Options {
  readonly raw?: boolean;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly disk?: string;
  readonly diskSlot: number;
  readonly legacyVirtio?: boolean;
  readonly memory: number;
  readonly semihosting?: boolean;
  readonly signature?: string;
  readonly maxCycles?: number;
  readonly fast?: boolean;
  readonly json?: boolean;
  readonly statistics?: boolean;
  readonly engine: Engine;
}

/** How a run ended; no status where it did not end by itself. */
interface End {
  readonly stop: Stop["kind"] | "quit" | "asleep" | "unanswered";
  readonly status: number | null;
}

const SLICE_CYCLES = 5_000_000;
/** Between two looks at the terminal while nothing but a key can wake the machine. */
const DOZE_MILLISECONDS = 20;
/** Ctrl-]: typed at a terminal, it leaves. */
const QUIT = "\x1d";

export async function runMachine(path: string, options: Options): Promise<void> {
  const image = readWhole(path, "ELF executable");
  const { machine, elf } = start(path, image, options);
  const htif = elf === null ? null : within(path, () => HostTargetInterface.of(machine, elf, print));
  const signature = options.signature === undefined ? null : signatureOf(path, elf);
  machine.onOutput((byte) => print(Uint8Array.of(byte)));
  const input = new Input();
  const called = [path, options.append ?? ""].join(" ").trim();
  const semihosting = options.semihosting && elf !== null ? new Semihosting(machine, elf, called, input, print) : null;
  const end = await runToEnd(machine, { htif, semihosting }, options, input);
  input.close();
  if (signature !== null) writeBytes(options.signature!, words(machine.readPhysical(signature.start, signature.bytes)));
  if (options.statistics) showStatistics(machine);
  finish(path, end, machine, options);
}

function start(path: string, image: Uint8Array, options: Options): { machine: Machine; elf: Elf | null } {
  const { diskSlot, legacyVirtio = false, memory, engine, append: bootArguments = "" } = options;
  const optional = (file: string | undefined, what: string) => (file === undefined ? null : readWhole(file, what));
  const disk = wholeSectors(optional(options.disk, "disk image"));
  const initialDisk = optional(options.initrd, "initial file system");
  const kernel = optional(options.kernel, "kernel");
  const configuration = {
    ramBytes: memory * MEBIBYTE,
    disk,
    diskSlot,
    legacyVirtio,
    engine,
    bootArguments,
    initialDisk,
  };
  const machine = within(options.initrd ?? options.disk ?? path, () => new Machine(configuration));
  const mayBeRaw = options.raw || kernel !== null;
  const elf = within(path, () => (mayBeRaw ? machine.loadFirmware(image) : machine.loadElf(image)));
  if (kernel !== null) within(options.kernel!, () => machine.loadKernel(kernel));
  return { machine, elf };
}

/** Any file is a disk, as on QEMU: what its last sector lacks is zeros. */
function wholeSectors(image: Uint8Array | null): Uint8Array | null {
  if (image === null || image.length % SECTOR_BYTES === 0) return image;
  const sectors = new Uint8Array(Math.ceil(image.length / SECTOR_BYTES) * SECTOR_BYTES);
  sectors.set(image);
  return sectors;
}

/** What the machine does not accept, said of the file. */
function within<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MachineError) throw new Failure(`${path}: ${error.message}`);
    throw error;
  }
}

/** Where a conformance test leaves what it has computed. */
function signatureOf(path: string, elf: Elf | null): { start: number; bytes: number } {
  const start = elf === null ? undefined : symbolAddress(elf, "begin_signature");
  const end = elf === null ? undefined : symbolAddress(elf, "end_signature");
  if (start === undefined || end === undefined || end < start) {
    throw new Failure(`${path}: no signature between begin_signature and end_signature`);
  }
  return { start, bytes: end - start };
}

function print(bytes: Uint8Array): void {
  process.stdout.write(bytes);
}

/** A line for each word, as conformance suites compare them. */
function words(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let text = "";
  for (let at = 0; at + 4 <= bytes.length; at += 4)
    text += `${view.getUint32(at, true).toString(16).padStart(8, "0")}\n`;
  return new TextEncoder().encode(text);
}

/** Whom a program calls, if anybody. */
interface Host {
  readonly htif: HostTargetInterface | null;
  readonly semihosting: Semihosting | null;
}

async function runToEnd(machine: Machine, { htif, semihosting }: Host, options: Options, input: Input): Promise<End> {
  const limit = options.maxCycles ?? Number.MAX_SAFE_INTEGER;
  const idle = new Idle(machine, input.isTerminal && !options.fast);
  for (;;) {
    const stop = machine.run(Math.min(limit, machine.cycle + SLICE_CYCLES));
    if (stop.kind === "finished") return { stop: stop.kind, status: stop.status };
    if (stop.kind === "reset") machine.reboot();
    const caller = { watch: htif, breakpoint: semihosting, cycle: null, reset: null }[stop.kind];
    const status = caller?.answer() ?? null;
    if (status !== null || machine.cycle >= limit) return { stop: stop.kind, status };
    const isAsking = semihosting?.awaitsInput ?? false;
    if (caller !== null && !isAsking) continue;
    const text = input.take();
    if (input.isTerminal && text.includes(QUIT)) return { stop: "quit", status: ExitStatus.Ok };
    if (text !== "") machine.post({ at: machine.cycle, type: "input", text });
    semihosting?.type(text);
    if (machine.awaitsOutside && input.ended) return { stop: "asleep", status: null };
    if (isAsking && text === "" && input.ended) return { stop: "unanswered", status: null };
    await turn(isAsking ? DOZE_MILLISECONDS : options.maxCycles === undefined ? idle.milliseconds() : 0);
  }
}

/** How long to wait between slices: a machine that sleeps is held to the wall clock for who sits before it, and one that works is not. */
class Idle {
  private pacer: Pacer;

  constructor(
    private readonly machine: Machine,
    private readonly isPaced: boolean,
  ) {
    this.pacer = new Pacer(machine.cycle, performance.now());
  }

  milliseconds(): number {
    const { machine } = this;
    if (machine.awaitsOutside) return DOZE_MILLISECONDS;
    if (!this.isPaced) return 0;
    if (!machine.hart.isWaiting()) this.pacer = new Pacer(machine.cycle, performance.now());
    return this.pacer.aheadMilliseconds(machine.cycle, performance.now());
  }
}

function finish(path: string, { stop, status }: End, machine: Machine, options: Options): void {
  const { cycle: cycles, instructions } = machine;
  if (options.json) {
    process.stderr.write(`${JSON.stringify({ status, stop, cycles, instructions, hash: machine.hash() })}\n`);
  }
  if (stop === "asleep") {
    const why = "no timer is set, and no input is left";
    throw new Failure(`${path}: asleep at cycle ${cycles} for ever: ${why}`, ExitStatus.Failed);
  }
  if (stop === "unanswered") {
    throw new Failure(`${path}: reads the console at cycle ${cycles}, and no input is left`, ExitStatus.Failed);
  }
  if (status === null) throw new Failure(`${path}: still running after ${options.maxCycles} cycles`, ExitStatus.Failed);
  process.exitCode = status;
}
