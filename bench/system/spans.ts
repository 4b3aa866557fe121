/**
 * Measures calls: from the instruction behind a process' `ecall` to the one with which it goes on. Begin at `Spans`.
 */
import type { Machine } from "../../machine/machine.ts";
import type { Call, Observer } from "../../replay/observer.ts";

/** A set of measurements of one thing. */
export interface Measured {
  readonly instructions: number[];
  readonly cycles: number[];
}

interface Open {
  readonly call: Call;
  readonly bytes: number;
  readonly cycle: number;
  readonly instructions: number;
}

const enum Trap {
  SendReceive = 3,
  ReplyReceive = 7,
}
const PM_SLOT = 6;
const FIRST_PROGRAM_SLOT = 64;
const SLOTS = 256;
/** Where `VfsDescriptor.bytes` lies in the message. */
const BYTES_OFFSET = 16;
const A1 = 11;
const SATP = 0x180;

export class Spans {
  /**
   * The kernel's part of a program's SENDREC to PM and of the answer: every instruction in machine mode between the program's `ecall` and the
   * instruction behind it, where PM's REPLYREC is the only other trap. PM's own code is not in it; an `ecall` does not retire.
   */
  readonly roundTrips: Measured = { instructions: [], cycles: [] };
  /** From a shell's fork to the start of the program that its child executes. */
  readonly launches: Measured = { instructions: [], cycles: [] };
  private readonly machine: Machine;
  private readonly observer: Observer;
  private readonly types: ReadonlyMap<string, number>;
  private readonly open = new Map<number, Open>();
  private readonly closed: { type: number | null; bytes: number; instructions: number; cycles: number }[] = [];
  private kernelPart = { instructions: 0, cycles: 0, active: false };
  private entry: { cycle: number; instructions: number; trap: number } | null = null;
  private fork: { cycle: number; instructions: number } | null = null;

  constructor(machine: Machine, observer: Observer, types: ReadonlyMap<string, number>) {
    this.machine = machine;
    this.observer = observer;
    this.types = types;
  }

  listen(): void {
    this.observer.onCall((call) => this.enter(call));
    this.observer.onRun((slot) => this.leave(slot));
  }

  /** All measurements of programs' requests of this type (and size). */
  of(type: string, bytes?: number): Measured {
    const wanted = this.types.get(type);
    const fitting = this.closed.filter((each) => each.type === wanted && (bytes === undefined || each.bytes === bytes));
    return {
      instructions: fitting.map(({ instructions }) => instructions),
      cycles: fitting.map(({ cycles }) => cycles),
    };
  }

  private enter(call: Call): void {
    const { cycle, instructions } = this.machine;
    this.entry = { cycle, instructions, trap: call.trap };
    if (call.slot >= FIRST_PROGRAM_SLOT && call.trap === Trap.SendReceive) {
      this.open.set(call.slot, { call, bytes: this.bytesOf(), cycle, instructions });
      this.kernelPart = { instructions: 0, cycles: 0, active: call.endpoint % SLOTS === PM_SLOT };
      if (call.type === this.types.get("PmCall.Fork")) this.fork = { cycle, instructions };
    } else if (call.slot !== PM_SLOT || call.trap !== Trap.ReplyReceive) {
      this.kernelPart.active = false; // PM does more than answer, or somebody else runs
    }
  }

  private leave(slot: number): void {
    const { cycle, instructions } = this.machine;
    if (this.entry && this.kernelPart.active) {
      this.kernelPart.instructions += instructions + 1 - this.entry.instructions;
      this.kernelPart.cycles += cycle - this.entry.cycle;
    }
    const open = this.open.get(slot);
    if (open) this.close(slot, open);
    else if (this.fork && slot >= FIRST_PROGRAM_SLOT) this.startOfProgram();
    this.entry = null;
  }

  private close(slot: number, { call, bytes, cycle, instructions }: Open): void {
    this.open.delete(slot);
    this.closed.push({
      type: call.type,
      bytes,
      instructions: this.machine.instructions - instructions,
      cycles: this.machine.cycle - cycle,
    });
    if (!this.kernelPart.active) return;
    this.roundTrips.instructions.push(this.kernelPart.instructions);
    this.roundTrips.cycles.push(this.kernelPart.cycles);
    this.kernelPart.active = false;
  }

  /** A program is about to run that is in no call: one that has just been made or executed. The child of a fork is in one, its parent's. */
  private startOfProgram(): void {
    const { cycle, instructions } = this.machine;
    this.launches.instructions.push(instructions - this.fork!.instructions);
    this.launches.cycles.push(cycle - this.fork!.cycle);
    this.fork = null;
  }

  private bytesOf(): number {
    const address = this.machine.translate(
      this.machine.hart.readRegister(A1) + BYTES_OFFSET,
      "load",
      this.machine.hart.readCsr(SATP),
    );
    if (address === null) return 0;
    return new DataView(this.machine.readPhysical(address, 4).buffer).getUint32(0, true);
  }
}
