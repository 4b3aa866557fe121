/**
 * What the `renix` command understands: one file for each subcommand beside this one. What a user can get wrong ends as one line on
 * standard error and exit status 2. Begin at `main`; renix.ts calls it.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { DEFAULT_ENGINE, ENGINES, MachineError } from "../machine/machine.ts";
import { compileCommand } from "./compile.ts";
import { ExitStatus, Failure } from "./failure.ts";

const program = new Command("renix")
  .description("A self-healing operating system, and the deterministic RISC-V machine it runs on.")
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "renix: ")) })
  .exitOverride();

program
  .command("boot")
  .description("boot to a shell in this terminal; Ctrl-] opens its menu")
  .option("--disk <file>", "use this disk image and keep its changes (otherwise: a private copy of the built one)")
  .option("--record <file>", "write a recording of the run")
  .option("--exec <command>", "run this command instead of a shell, then power off with its exit status")
  .option("--memory <mebibytes>", "RAM of the machine", integer(16, 1024), 64)
  .option("--fast", "skip idle time instead of waiting for the wall clock")
  .addOption(statistics())
  .addOption(engine())
  .action(later(async () => (await import("./boot.ts")).boot));

program
  .command("run")
  .description("run a crash scenario and report on it")
  .argument("<scenario>", "a YAML file; scenarios/ has some")
  .option("--record <file>", "write a recording of the run")
  .option("--json", "report as JSON")
  .addOption(engine())
  .action(later(async () => (await import("./run.ts")).runScenario));

program
  .command("replay")
  .description("replay a recording and compare every checkpoint")
  .argument("<file>", "a recording, as boot --record and run --record write it")
  .option("--json", "report as JSON")
  .addOption(engine())
  .action(later(async () => (await import("./replay.ts")).replayFile));

program
  .command("build")
  .description("write renix.elf and disk.img, and say how to boot them on QEMU")
  .option("--out <directory>", "where to write them", "build")
  .action(later(async () => (await import("./build.ts")).build));

program
  .command("machine")
  .description("run a bare-metal RV32 executable on the board, its serial port on this terminal; Ctrl-] leaves it")
  .argument("<elf>", "the executable, which runs in M-mode; with --kernel, firmware, and then as with --raw")
  .option("--raw", "the file need not be an ELF file: other bytes are put at the start of RAM, and run from there")
  .option("--kernel <file>", "what firmware is to start in S-mode: an ELF file, or bytes for 4 MiB above RAM's start")
  .option("--initrd <file>", "an initial file system, put into RAM")
  .option("--append <text>", "boot arguments, /chosen/bootargs of the device tree")
  .option("--disk <file>", "a disk image for the block device; its changes are not kept")
  .option("--disk-slot <n>", "the virtio slot that it is in", integer(0, 7), 7)
  .option("--legacy-virtio", "virtio transports of version 1, as QEMU has them by default")
  .option("--memory <mebibytes>", "RAM of the machine", integer(1, 1024), 128)
  .option("--semihosting", "carry out the executable's semihosting calls: console, time, end")
  .option("--signature <file>", "write the words between begin_signature and end_signature there, at the end")
  .option("--max-cycles <n>", "give up after this many cycles", integer(1, Number.MAX_SAFE_INTEGER))
  .option("--fast", "skip idle time instead of waiting for the wall clock; always so where no terminal is typed at")
  .option("--json", "report the end as JSON on standard error")
  .addOption(statistics())
  .addOption(engine())
  .action(later(async () => (await import("./machine.ts")).runMachine));

program.addCommand(compileCommand().copyInheritedSettings(program));

/** Does what the words behind the command's name ask for; sets the exit status. */
export async function main(): Promise<void> {
  // `renix … | head` is no mistake: like any command, this one ends when nobody reads on.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(ExitStatus.NobodyReads);
    throw error;
  });
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof Failure) {
      process.stderr.write(`renix: ${error.message}\n`);
      process.exitCode = error.status;
    } else if (error instanceof MachineError) {
      process.stderr.write(`renix: ${error.message}\n`);
      process.exitCode = ExitStatus.Failed;
    } else if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? ExitStatus.Ok : ExitStatus.Usage;
    } else {
      throw error;
    }
  }
}

/** Loads a subcommand when it is called: nobody waits for what somebody else needs. */
function later<Arguments extends unknown[]>(
  load: () => Promise<(...args: Arguments) => Promise<void>>,
): (...args: Arguments) => Promise<void> {
  return async (...args) => (await load())(...args);
}

/** What executes instructions: it decides how fast, and nothing else. */
function engine(): Option {
  const description = "what runs the instructions; lockstep compares the other two all the time";
  return new Option("--engine <engine>", description).choices(ENGINES).default(DEFAULT_ENGINE);
}

function statistics(): Option {
  return new Option("--statistics", "say on standard error, at the end, what was interpreted and what was translated");
}

/** A parser for a whole number in a range. */
function integer(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`);
    }
    return value;
  };
}
