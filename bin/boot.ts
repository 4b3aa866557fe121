/**
 * `renix boot`: the system at this terminal. With a terminal on standard input it is interactive; a pipe is typed as if at the
 * keyboard, a line whenever the system waits; `--exec` runs one command instead.
 */
import { BOOT_ARGUMENTS_MAXIMUM_BYTES, EXEC_ARGUMENT } from "../machine/board/boot-arguments.ts";
import { MEBIBYTE } from "../machine/board/memory-map.ts";
import type { Engine, Stop } from "../machine/machine.ts";
import { Recorder } from "../replay/recorder.ts";
import { defaultConfiguration, Session } from "../replay/session.ts";
import { DiskFile } from "./disk-file.ts";
import { ExitStatus, Failure } from "./failure.ts";
import { startFile } from "./files.ts";
import { readyImage } from "./image.ts";
import { Input } from "./input.ts";
import { Menu } from "./menu.ts";
import { drive } from "./pace.ts";
import { showStatistics } from "./statistics.ts";
import { Typist } from "./typist.ts";

interface Options {
  readonly disk?: string;
  readonly record?: string;
  readonly exec?: string;
  readonly memory: number;
  readonly fast?: boolean;
  readonly statistics?: boolean;
  readonly engine: Engine;
}

export async function boot(options: Options): Promise<void> {
  const bootArguments = options.exec === undefined ? "" : EXEC_ARGUMENT + checkedCommand(options.exec);
  const image = await readyImage();
  const disk = options.disk === undefined ? null : new DiskFile(options.disk);
  const configuration = {
    ...defaultConfiguration,
    ramBytes: options.memory * MEBIBYTE,
    bootArguments,
    // A person expects today's date; everybody else the same run every time.
    ...(process.stdin.isTTY ? { rtcStartSeconds: Math.floor(Date.now() / 1000) } : {}),
  };
  const booted = disk ? { elf: image.elf, disk: disk.content } : image;
  const recorder =
    options.record === undefined ? null : new Recorder(startFile(options.record), booted, configuration, disk?.path);
  const session = new Session(booted, configuration, recorder, options.engine);
  session.machine.onOutput(writeOut);
  disk?.follow(session);
  const input = new Input();
  try {
    const stop = await drive(session, {
      fast: options.fast ?? !input.isTerminal,
      between: operator(session, input, options),
    });
    finish(session, stop);
  } finally {
    input.close();
    flush();
    if (options.statistics) showStatistics(session.machine);
    disk?.close();
  }
}

/** The command, if it can be handed over whole. */
function checkedCommand(command: string): string {
  const limitBytes = BOOT_ARGUMENTS_MAXIMUM_BYTES - EXEC_ARGUMENT.length;
  const bytes = Buffer.byteLength(command);
  if (bytes > limitBytes) throw new Failure(`--exec: the command has ${bytes} bytes; there is room for ${limitBytes}`);
  if (command.includes("\n")) throw new Failure("--exec: the command must be one line");
  return command;
}

/** Who sits at the keyboard: returns what to do between two slices, true to leave. */
function operator(session: Session, input: Input, options: Options): () => boolean {
  const menu = new Menu(session);
  const typist = new Typist(session, input, options.exec !== undefined);
  return () => {
    flush();
    return input.isTerminal ? menu.take(input.take()) : typist.type();
  };
}

function finish(session: Session, stop: Stop | null): void {
  if (stop === null) {
    session.end("left", ExitStatus.Ok);
  } else if (stop.kind === "finished") {
    session.end("finished", stop.status);
    process.exitCode = stop.status;
  } else {
    throw new Failure(`the machine stopped: ${stop.kind}`, ExitStatus.Failed);
  }
}

let pendingOutput: number[] = [];

function writeOut(byte: number): void {
  pendingOutput.push(byte);
}

/** Hands on what the serial port has sent since the last time. */
function flush(): void {
  if (pendingOutput.length === 0) return;
  process.stdout.write(Uint8Array.from(pendingOutput));
  pendingOutput = [];
}
