/**
 * Watches a running system from outside, through breakpoints and the registers of the machine: calls into the kernel, processes
 * that are about to run, addresses in a service or the kernel. Nothing inside can tell: no count and no hash changes.
 */
import { type Elf, readElf } from "../machine/elf.ts";
import type { Breakpoint, Stop } from "../machine/machine.ts";
import type { Session } from "./session.ts";

/** A process asks the kernel for something: an `ecall`. */
export interface Call {
  readonly cycle: number;
  /** The caller's slot in the process table. */
  readonly slot: number;
  /** a7: lib/ipc.ts' `Trap`, or above it a kernel call. */
  readonly trap: number;
  /** a0: for a message, to whom or from whom. */
  readonly endpoint: number;
  /** The type of the message at a1, where there is one. */
  readonly type: number | null;
}

/** An address to stop at: of the kernel, or of whatever runs with this satp. */
export interface Mark {
  readonly pc: number;
  readonly satp: number | null;
  readonly reached: () => void;
}

const enum Csr {
  Satp = 0x180,
  Cause = 0x342,
}
const enum Register {
  A0 = 10,
  A1 = 11,
  A7 = 17,
}
const USER_CALL = 8;
const MRET = 0x3020_0073;
const MESSAGE_TRAPS = 7;
const TYPE_OFFSET = 4;
const MACHINE_MODE = 3;

export class Observer {
  private readonly session: Session;
  private readonly trapEntry: number;
  /** Every `mret` of the kernel: behind it, a process runs. */
  private readonly exits: readonly number[];
  private callListener: ((call: Call) => void) | null = null;
  private runListener: ((slot: number, satp: number) => void) | null = null;
  private marks: Mark[] = [];

  /** `kernel` is renix.elf, as it was loaded. */
  constructor(session: Session, kernel: Uint8Array) {
    this.session = session;
    const elf = readElf(kernel);
    this.trapEntry = kernelSymbol(elf, "kernel/trap.ts:entry").address;
    this.exits = findExits(elf);
  }

  /** Hears of every call into the kernel; null stops that. */
  onCall(listener: ((call: Call) => void) | null): void {
    this.callListener = listener;
    this.arm();
  }

  /** Hears of every process that is about to run, with its address space; null stops that. */
  onRun(listener: ((slot: number, satp: number) => void) | null): void {
    this.runListener = listener;
    this.arm();
  }

  addMark(mark: Mark): void {
    this.marks.push(mark);
    this.arm();
  }

  removeMark(mark: Mark): void {
    this.marks = this.marks.filter((other) => other !== mark);
    this.arm();
  }

  /** Runs to the cycle, telling the listeners what happens; or until the machine stops by itself. `interrupted` ends it early. */
  advance(untilCycle: number, interrupted: () => boolean = () => false): Stop {
    for (;;) {
      const stop = this.session.advance(untilCycle);
      if (stop.kind !== "breakpoint") return stop;
      this.tell(stop.pc);
      if (interrupted()) return { kind: "cycle" };
    }
  }

  private tell(pc: number): void {
    const { hart } = this.session.machine;
    const satp = hart.readCsr(Csr.Satp) ?? 0;
    const inKernel = hart.readMode() === MACHINE_MODE;
    if (inKernel && pc === this.trapEntry && hart.readCsr(Csr.Cause) === USER_CALL)
      this.callListener?.(this.call(satp));
    if (inKernel && this.exits.includes(pc)) this.runListener?.(slotOfSpace(satp), satp);
    for (const mark of [...this.marks]) {
      if (mark.pc === pc && (mark.satp === null ? inKernel : mark.satp === satp)) mark.reached();
    }
  }

  private call(satp: number): Call {
    const { machine } = this.session;
    const trap = machine.hart.readRegister(Register.A7);
    const message = machine.hart.readRegister(Register.A1);
    const place = trap <= MESSAGE_TRAPS ? machine.translate(message + TYPE_OFFSET, "load", satp) : null;
    return {
      cycle: machine.cycle,
      slot: slotOfSpace(satp),
      trap,
      endpoint: machine.hart.readRegister(Register.A0) | 0,
      type: place === null ? null : wordAt(machine.readPhysical(place, 4)),
    };
  }

  private arm(): void {
    const { machine } = this.session;
    const wanted: Breakpoint[] = [];
    if (this.callListener) wanted.push({ physical: this.trapEntry });
    if (this.runListener) wanted.push(...this.exits.map((physical) => ({ physical })));
    for (const { pc, satp } of this.marks) wanted.push(satp === null ? { physical: pc } : { virtual: pc, satp });
    machine.clearBreakpoints();
    for (const breakpoint of wanted) machine.addBreakpoint(breakpoint);
  }
}

/** A symbol of renix.elf. */
export function kernelSymbol(elf: Elf, name: string): { address: number; bytes: number } {
  const found = elf.symbols.find((symbol) => symbol.name === name);
  if (!found) throw new Error(`renix.elf has no symbol ${name}`);
  return { address: found.address, bytes: found.sizeBytes };
}

/** The kernel gives every process the address-space identifier of its slot (Privileged Specification, section 4.1.11). */
export function slotOfSpace(satp: number): number {
  return (satp >>> 22) & 0x1ff;
}

function findExits(elf: Elf): number[] {
  return ["kernel/trap.ts:entry", "kernel/trap.ts:resume"].flatMap((name) => {
    const { address, bytes } = kernelSymbol(elf, name);
    const segment = elf.segments.find((each) => address >= each.address && address < each.address + each.bytes.length)!;
    const view = new DataView(segment.bytes.buffer, segment.bytes.byteOffset + address - segment.address, bytes);
    const found: number[] = [];
    for (let offset = 0; offset < bytes; offset += 4) {
      if (view.getUint32(offset, true) === MRET) found.push(address + offset);
    }
    return found;
  });
}

function wordAt(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}
