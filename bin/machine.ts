/** `renix machine`: the board alone, with any bare-metal executable; for conformance suites and other people's systems. */

import { MEBIBYTE } from "../machine/board/memory-map.ts";
import { type Elf, readElf, symbolAddress } from "../machine/elf.ts";
import { MachineError } from "../machine/error.ts";
import { type Engine, Machine, type Stop } from "../machine/machine.ts";
import { ExitStatus, Failure } from "./failure.ts";
import { readWhole, writeBytes } from "./files.ts";
import { Input } from "./input.ts";
import { turn } from "./pace.ts";
import { showStatistics } from "./statistics.ts";

interface Options {
  readonly disk?: string;
  readonly diskSlot: number;
  readonly legacyVirtio?: boolean;
  readonly memory: number;
  readonly signature?: string;
  readonly maxCycles?: number;
  readonly json?: boolean;
  readonly statistics?: boolean;
  readonly engine: Engine;
}

const SLICE_CYCLES = 5_000_000;
/** Statuses of tests that write `tohost` have seven bits. */
const STATUS_MAXIMUM = 125;

export async function runMachine(path: string, options: Options): Promise<void> {
  const image = readWhole(path, "ELF executable");
  const { machine, elf } = start(path, image, options);
  const signature = options.signature === undefined ? null : signatureOf(path, elf);
  machine.onOutput((byte) => process.stdout.write(Uint8Array.of(byte)));
  const input = new Input();
  const limit = options.maxCycles ?? Number.MAX_SAFE_INTEGER;
  const stop = await runToEnd(machine, limit, input);
  input.close();
  if (signature !== null) writeBytes(options.signature!, words(machine.readPhysical(signature.start, signature.bytes)));
  if (options.statistics) showStatistics(machine);
  finish(path, stop, machine, options);
}

function start(path: string, image: Uint8Array, options: Options): { machine: Machine; elf: Elf } {
  const { diskSlot, legacyVirtio = false, memory, engine } = options;
  const disk = options.disk === undefined ? null : readWhole(options.disk, "disk image");
  try {
    const machine = new Machine({ ramBytes: memory * MEBIBYTE, disk, diskSlot, legacyVirtio, engine });
    machine.loadElf(image);
    const elf = readElf(image);
    const tohost = symbolAddress(elf, "tohost");
    if (tohost !== undefined) machine.watch(tohost);
    return { machine, elf };
  } catch (error) {
    if (error instanceof MachineError) throw new Failure(`${path}: ${error.message}`);
    throw error;
  }
}

/** Where a conformance test leaves what it has computed. */
function signatureOf(path: string, elf: Elf): { start: number; bytes: number } {
  const start = symbolAddress(elf, "begin_signature");
  const end = symbolAddress(elf, "end_signature");
  if (start === undefined || end === undefined || end < start) {
    throw new Failure(`${path}: no signature between begin_signature and end_signature`);
  }
  return { start, bytes: end - start };
}

/** A line for each word, as conformance suites compare them. */
function words(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let text = "";
  for (let at = 0; at + 4 <= bytes.length; at += 4)
    text += `${view.getUint32(at, true).toString(16).padStart(8, "0")}\n`;
  return new TextEncoder().encode(text);
}

async function runToEnd(machine: Machine, limit: number, input: Input): Promise<Stop> {
  for (;;) {
    const stop = machine.run(Math.min(limit, machine.cycle + SLICE_CYCLES));
    if (stop.kind === "reset") machine.reboot();
    else if (stop.kind !== "cycle") return stop;
    if (machine.cycle >= limit) return stop;
    const text = input.take();
    if (text !== "") machine.post({ at: machine.cycle, type: "input", text });
    await turn(0);
  }
}

function finish(path: string, stop: Stop, machine: Machine, options: Options): void {
  const status = statusOf(stop, machine);
  if (options.json) {
    const report = {
      status,
      stop: stop.kind,
      cycles: machine.cycle,
      instructions: machine.instructions,
      hash: machine.hash(),
    };
    process.stderr.write(`${JSON.stringify(report)}\n`);
  }
  if (status === null) throw new Failure(`${path}: still running after ${options.maxCycles} cycles`, ExitStatus.Failed);
  process.exitCode = status;
}

/** The exit status of a run that ended, null for one that did not. A test that writes 1 to `tohost` has passed; otherwise its number is above bit 0. */
function statusOf(stop: Stop, machine: Machine): number | null {
  if (stop.kind === "finished") return stop.status;
  if (stop.kind !== "watch") return null;
  const value = new DataView(machine.readPhysical(stop.address, 4).buffer).getUint32(0, true);
  return value === 1 ? 0 : Math.min(Math.max(value >>> 1, 1), STATUS_MAXIMUM);
}
