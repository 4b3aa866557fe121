/** `renix machine`: the board alone, with any bare-metal executable; for conformance suites and other people's systems. */

import { MEBIBYTE } from "../machine/board/memory-map.ts";
import { readElf } from "../machine/elf.ts";
import { MachineError } from "../machine/error.ts";
import { Machine, type Stop } from "../machine/machine.ts";
import { ExitStatus, Failure } from "./failure.ts";
import { readWhole } from "./files.ts";
import { Input } from "./input.ts";
import { turn } from "./pace.ts";

interface Options {
  readonly disk?: string;
  readonly memory: number;
  readonly maxCycles?: number;
  readonly json?: boolean;
}

const SLICE_CYCLES = 5_000_000;
/** Statuses of tests that write `tohost` have seven bits. */
const STATUS_MAXIMUM = 125;

export async function runMachine(path: string, options: Options): Promise<void> {
  const elf = readWhole(path, "ELF executable");
  const disk = options.disk === undefined ? null : readWhole(options.disk, "disk image");
  const machine = start(path, elf, disk, options.memory);
  machine.onOutput((byte) => process.stdout.write(Uint8Array.of(byte)));
  const input = new Input();
  const limit = options.maxCycles ?? Number.MAX_SAFE_INTEGER;
  const stop = await runToEnd(machine, limit, input);
  input.close();
  finish(path, stop, machine, options);
}

function start(path: string, elf: Uint8Array, disk: Uint8Array | null, memory: number): Machine {
  try {
    const machine = new Machine({ ramBytes: memory * MEBIBYTE, disk });
    machine.loadElf(elf);
    const tohost = readElf(elf).symbols.find((symbol) => symbol.name === "tohost");
    if (tohost) machine.watch(tohost.address);
    return machine;
  } catch (error) {
    if (error instanceof MachineError) throw new Failure(`${path}: ${error.message}`);
    throw error;
  }
}

async function runToEnd(machine: Machine, limit: number, input: Input): Promise<Stop> {
  for (;;) {
    const stop = machine.run(Math.min(limit, machine.cycle + SLICE_CYCLES));
    if (stop.kind !== "cycle" || machine.cycle >= limit) return stop;
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
  if (stop.kind === "reset") return 0;
  if (stop.kind !== "watch") return null;
  const value = new DataView(machine.readPhysical(stop.address, 4).buffer).getUint32(0, true);
  return value === 1 ? 0 : Math.min(Math.max(value >>> 1, 1), STATUS_MAXIMUM);
}
