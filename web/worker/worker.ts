/**
 * The machine in a Web Worker: the same code as in Node, run in slices so that messages get in between. Begin at `start`.
 *
 * It needs nothing but messages: no shared memory, so no special headers of whoever serves the page.
 */
import type { Machine } from "../../machine/machine.ts";
import { Pacer, SLICE_CYCLES } from "../../replay/pacer.ts";
import { defaultConfiguration, Session } from "../../replay/session.ts";
import type { Progress, Report, Request } from "./protocol.ts";

/** How often the page hears how far the machine is. */
const REPORT_MILLISECONDS = 100;

let session: Session | null = null;
let isPaused = false;

self.onmessage = ({ data }: MessageEvent<Request>): void => {
  switch (data.type) {
    case "start":
      start(data).catch((error: Error) => report({ type: "failed", message: error.message }));
      break;
    case "input":
      session?.type(data.text);
      break;
    case "pause":
    case "continue":
      isPaused = data.type === "pause";
      break;
  }
};

async function start({ elf, disk, bootArguments, engine, fast }: Extract<Request, { type: "start" }>): Promise<void> {
  session = new Session({ elf, disk }, { ...defaultConfiguration, bootArguments }, null, engine);
  session.onCheckpoint = (cycle, hash) => report({ type: "checkpoint", cycle, hash });
  const output = new Output(session.machine);
  const status = await runToEnd(session, fast, output);
  const { machine } = session;
  report({ type: "stopped", status, hash: machine.hash(), ...progressOf(machine) });
}

/** A slice with fewer instructions per cycle than this was mostly idle, and says nothing about speed. */
const BUSY_SHARE = 0.25;
let busyInstructions = 0;
let busyMilliseconds = 0;

/** Runs slice after slice until the system has powered off; its exit status. */
async function runToEnd(running: Session, fast: boolean, output: Output): Promise<number> {
  const { machine } = running;
  let pacer = new Pacer(machine.cycle, performance.now());
  let reportedAt = 0;
  for (;;) {
    const begin = performance.now();
    const before = machine.instructions;
    const stop = running.advance(machine.cycle + SLICE_CYCLES);
    const end = performance.now();
    count(machine.instructions - before, end - begin);
    output.flush();
    if (stop.kind === "finished") return stop.status;
    if (stop.kind !== "cycle") throw new Error(`the machine stopped: ${stop.kind}`);
    if (end - reportedAt >= REPORT_MILLISECONDS) {
      reportedAt = end;
      report({ type: "progress", ...progressOf(machine) });
    }
    await turn(fast ? 0 : pacer.aheadMilliseconds(machine.cycle, end));
    if (!isPaused) continue;
    while (isPaused) await turn(REPORT_MILLISECONDS);
    pacer = new Pacer(machine.cycle, performance.now());
  }
}

function count(instructions: number, milliseconds: number): void {
  if (instructions < BUSY_SHARE * SLICE_CYCLES) return;
  busyInstructions += instructions;
  busyMilliseconds += milliseconds;
}

function progressOf({ cycle, instructions }: Machine): Progress {
  return { cycle, instructions, busyInstructions, busySeconds: busyMilliseconds / 1000 };
}

/** What the serial port has sent, handed to the page once per slice. */
class Output {
  private bytes: number[] = [];

  constructor(machine: Machine) {
    machine.onOutput((byte) => this.bytes.push(byte));
  }

  flush(): void {
    if (this.bytes.length === 0) return;
    report({ type: "output", bytes: Uint8Array.from(this.bytes) });
    this.bytes = [];
  }
}

function report(message: Report): void {
  self.postMessage(message);
}

/** Lets messages in; waits at least so long. A timer of zero would wait four milliseconds. */
function turn(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    if (milliseconds >= 1) {
      setTimeout(resolve, milliseconds);
      return;
    }
    ownMessages.port1.onmessage = () => resolve();
    ownMessages.port2.postMessage(null);
  });
}
const ownMessages = new MessageChannel();
