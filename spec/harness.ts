/**
 * The booted system for behaviour tests: the image is built once, booted once to its prompt, and every test goes on from a snapshot of that moment.
 *
 *     const system = await bootedSystem();          // at the prompt
 *     const text = system.run("echo hello");        // "hello\n": types, waits for the next prompt, returns what lay between
 *     system.type("cat\r"); system.waitFor("...");  // anything finer
 *     system.machine …                              // registers, memory, disk
 *
 * Everything is deterministic: a test that passes once always passes.
 */
import { Machine, type Snapshot } from "../machine/machine.ts";
import { buildImage, type SystemImage } from "../system/build.ts";

export const PROMPT = "# ";
/** How long to wait for anything, in machine time: ten seconds. */
const PATIENCE_CYCLES = 1_000_000_000;
const SLICE_CYCLES = 100_000;

let image: SystemImage | null = null;
let booted: { machine: Machine; snapshot: Snapshot } | null = null;

/** The image, built on first use. */
export async function systemImage(): Promise<SystemImage> {
  image ??= await buildImage();
  return image;
}

/** A system at its first prompt; its disk is a fresh copy. */
export async function bootedSystem(): Promise<System> {
  if (booted === null) {
    const { elf, disk } = await systemImage();
    const machine = new Machine({ disk });
    machine.loadElf(elf);
    new System(machine).waitForPrompt();
    booted = { machine, snapshot: machine.snapshot() };
  }
  const machine = booted.machine.fork();
  machine.restore(booted.snapshot);
  return new System(machine);
}

/** A system that runs one command and powers off: what it printed, and its exit status. */
export async function execute(command: string): Promise<{ output: string; status: number }> {
  const { elf, disk } = await systemImage();
  const machine = new Machine({ disk, bootArguments: `renix.exec=${command}` });
  machine.loadElf(elf);
  const system = new System(machine);
  const status = system.runToEnd();
  return { output: system.output, status };
}

export class System {
  readonly machine: Machine;
  /** Everything the terminal has shown, with newlines only. */
  output = "";

  constructor(machine: Machine) {
    this.machine = machine;
    machine.onOutput((byte) => {
      if (byte !== 0x0d) this.output += String.fromCharCode(byte);
    });
  }

  /** Types text, as it is: Return is `\r`. */
  type(text: string): void {
    this.machine.post({ at: this.machine.cycle, type: "input", text });
  }

  /** Types a command, and returns what it has printed before the next prompt. */
  run(command: string): string {
    const begin = this.output.length;
    this.type(`${command}\r`);
    this.waitFor("\n", begin);
    const echoed = this.output.indexOf("\n", begin) + 1;
    this.waitForPrompt(echoed);
    return this.output.slice(echoed, this.output.lastIndexOf(PROMPT));
  }

  /** Runs until a prompt stands at the end of the output, and something has come since `from`. */
  waitForPrompt(from = 0): void {
    this.runUntil(
      () => this.output.length >= from && /(^|\n)# $/.test(this.output.slice(from === 0 ? 0 : from - 1)),
      "a prompt",
    );
  }

  /** Runs until the output holds the text, from a position on. */
  waitFor(text: string, from = 0): void {
    this.runUntil(() => this.output.includes(text, from), JSON.stringify(text));
  }

  /** Runs for so many cycles. */
  advance(cycles: number): void {
    const stop = this.machine.run(this.machine.cycle + cycles);
    if (stop.kind !== "cycle") throw new Error(`the machine stopped: ${JSON.stringify(stop)}\n${this.output}`);
  }

  /** Runs until the system has powered off; its exit status. */
  runToEnd(): number {
    const stop = this.machine.run(this.machine.cycle + 10 * PATIENCE_CYCLES);
    if (stop.kind !== "finished") throw new Error(`still running after ${this.machine.cycle} cycles:\n${this.output}`);
    return stop.status;
  }

  private runUntil(done: () => boolean, what: string): void {
    const limit = this.machine.cycle + PATIENCE_CYCLES;
    while (!done()) {
      if (this.machine.cycle > limit) throw new Error(`waited for ${what} in vain:\n${this.output}`);
      this.advance(SLICE_CYCLES);
    }
  }
}
