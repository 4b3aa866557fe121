/**
 * The bench top: puts assembled code into a machine and runs it, so that a test is the code and what it must have done.
 */
import { Machine, type MachineConfiguration, type Stop } from "../../machine/machine.ts";
import { type Assembler, assemble, ORIGIN, REGISTERS, type Register } from "./assembler.ts";

/** Far beyond what any test runs, so that a test that hangs fails. */
const PATIENCE_CYCLES = 50_000_000;

export interface Outcome {
  readonly machine: Machine;
  readonly stop: Stop;
  readonly output: string;
  /** A register's value, unsigned. */
  x(register: Register): number;
}

/** A machine that holds the code at the start of its RAM. */
export function machineWith(write: (a: Assembler) => void, configuration: MachineConfiguration = {}): Machine {
  const machine = new Machine({ ramBytes: 8 << 20, ...configuration });
  machine.writePhysical(ORIGIN, assemble(write));
  return machine;
}

/** Runs the code to its `finish`. */
export function runCode(write: (a: Assembler) => void, configuration: MachineConfiguration = {}): Outcome {
  return runToEnd(machineWith(write, configuration));
}

export function runToEnd(machine: Machine): Outcome {
  const bytes: number[] = [];
  machine.onOutput((byte) => bytes.push(byte));
  const stop = machine.run(machine.cycle + PATIENCE_CYCLES);
  if (stop.kind === "cycle") throw new Error(`still running, at pc 0x${machine.hart.readPc().toString(16)}`);
  const x = (register: Register) => machine.hart.readRegister(REGISTERS.indexOf(register));
  return { machine, stop, output: String.fromCharCode(...bytes), x };
}

/** The word of RAM at a bus address, unsigned. */
export function wordAt(machine: Machine, address: number): number {
  return new DataView(machine.readPhysical(address, 4).buffer).getUint32(0, true);
}
