/**
 * MFS on a bench: its real machine code on the real machine, and in place of the kernel, VFS, DS and the disk driver this file.
 *
 * The service runs in machine mode at the start of RAM; every `ecall` stops at a breakpoint, and the host carries it out. So a test can ask
 * MFS anything, look at every block it writes, and let the driver fail or die at any request. Begin at `FileServerBench`.
 */
import { readFileSync } from "node:fs";
import { compile } from "../../../compiler/compiler.ts";
import { formatDiagnostic } from "../../../compiler/errors.ts";
import { Machine } from "../../../machine/machine.ts";

export const DISK_DRIVER = 12;
const CLOCK = 2;
const RS = 3;
const DS = 5;
const VFS = 7;
const ANY = -1;

/** What a restart adds to an endpoint. */
const NEXT_LIFE = 256;

const RAM_BYTES = 8 << 20;
const RAM_BASE = 0x8000_0000;
const STACK_TOP = RAM_BASE + (6 << 20);
const TRAP_VECTOR = STACK_TOP + 4096;
const CSR = { mtvec: 0x305, mepc: 0x341, mcause: 0x342, mtval: 0x343 };
const ENVIRONMENT_CALL = 11;
/** What one request may cost: a service that takes longer hangs. */
const CYCLES_PER_REQUEST = 400_000_000;

const Trap = {
  Receive: 2,
  SendReceive: 3,
  Notify: 4,
  SendNonblocking: 5,
  SendAsync: 6,
  ReplyReceive: 7,
  KernelCall: 0x100,
};
const Call = { Exit: 0, SafeCopyFrom: 1, SafeCopyTo: 2, SetGrants: 3, SetAlarm: 4, Log: 5, Information: 6 };
const Block = { Read: 0x400, Write: 0x401, Flush: 0x402, Information: 0x403 };
const Ds = { Retrieve: 0x701, Subscribe: 0x702, Check: 0x703 };
const RS_COMPLAIN = 0x807;
export const Status = {
  Ok: 0,
  NoEntry: -2,
  InputOutput: -5,
  Fault: -14,
  Busy: -16,
  Exists: -17,
  NotDirectory: -20,
  IsDirectory: -21,
  Invalid: -22,
  FileTooLarge: -27,
  NoSpace: -28,
  ReadOnly: -30,
  NameTooLong: -36,
  NotEmpty: -39,
  DeadEndpoint: -101,
  ServiceDown: -106,
  Nothing: -107,
} as const;
const MESSAGE_BYTES = 64;
const REPLY = 0x80;
const NOTIFY = 1;

/** A request that MFS makes of the driver. */
export interface DiskRequest {
  readonly kind: "read" | "write" | "flush" | "information";
  readonly position: number;
  readonly bytes: number;
}
/**
 * What becomes of it: it is carried out; it fails; the driver dies before answering (having carried it out, or not), and DS announces
 * its successor at once or only when MFS waits for that; it answers nonsense.
 */
export type Fate = "done" | "error" | "dies" | "dies after" | "dies slowly" | "nonsense";

let image: Uint8Array | null = null;

/** The service, compiled once for all tests. */
function fileServer(): Uint8Array {
  if (image !== null) return image;
  const host = {
    read: (path: string) => {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return null;
      }
    },
  };
  const executable = {
    name: "mfs",
    entry: "servers/mfs/main.ts",
    start: "lib/start/service.ts",
    kind: "kernel" as const,
  };
  const { diagnostics, images } = compile(host, [executable]);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  image = images.get("mfs")!;
  return image;
}

export class FileServerBench {
  readonly machine = new Machine({ ramBytes: RAM_BYTES });
  readonly log: string[] = [];
  /** Every request to the driver so far. */
  readonly requests: DiskRequest[] = [];
  complaints = 0;
  /** Signs of life that RS got. */
  signsOfLife = 0;
  alarmMilliseconds = 0;
  /** Decides about each request to the driver. */
  fate: (request: DiskRequest) => Fate = () => "done";
  /** The driver's endpoint in DS; null: given up. */
  driver: number | null = DISK_DRIVER;
  /** Whether the memory that VFS grants turns out not to be there. */
  refuseCopies = false;
  /** A request of VFS that comes when MFS next waits for DS. */
  interloper: Uint8Array | null = null;
  /** Called after each write, with the disk as it is then. */
  onWrite: (request: DiskRequest) => void = () => {};

  readonly #grants = new Map<number, Uint8Array>();
  #grantTable = 0;
  #inbox = 0;
  readonly #arriving: Uint8Array[] = [];
  #answer: Uint8Array | null = null;
  #announced = false;
  /** Who will be the driver when MFS waits for one. */
  #successor: number | null = null;

  /** A service that has started and waits for its first request. `disk` is what the driver drives: it is modified in place. */
  constructor(readonly disk: Uint8Array) {
    this.machine.loadElf(fileServer());
    this.machine.addBreakpoint({ physical: TRAP_VECTOR });
    this.machine.hart.writeCsr(CSR.mtvec, TRAP_VECTOR);
    this.machine.hart.writeRegister(2, STACK_TOP);
    this.machine.hart.writePc(RAM_BASE);
    this.#runUntilIdle();
  }

  /** Sends a request as VFS, and returns the answer. Throws when the service crashes, hangs or does not answer. */
  call(request: Uint8Array): DataView {
    this.#answer = null;
    this.#deliver(request, VFS);
    this.#arrive();
    this.#runUntilIdle();
    if (this.#answer === null) throw new Error("MFS did not answer");
    return new DataView((this.#answer as Uint8Array).buffer);
  }

  /** The answer to an interloper, if there has been one. */
  get lateAnswer(): DataView | null {
    return this.#answer === null ? null : new DataView(this.#answer.buffer);
  }

  /** What the service does when its alarm rings. */
  ringAlarm(): void {
    this.alarmMilliseconds = 0;
    this.#answer = null;
    this.#notify(CLOCK);
    this.#arrive();
    this.#runUntilIdle();
  }

  /** Memory that VFS grants: a number for requests. */
  grant(bytes: Uint8Array): number {
    const id = 1000 + this.#grants.size;
    this.#grants.set(id, bytes);
    return id;
  }
  revokeAll(): void {
    this.#grants.clear();
  }

  // --- The loop ------------------------------------------------------------------------------------------------------

  #runUntilIdle(): void {
    const { machine } = this;
    const limit = machine.cycle + CYCLES_PER_REQUEST;
    for (;;) {
      const stop = machine.run(limit);
      if (stop.kind !== "breakpoint") throw new Error(`MFS hangs at ${hex(machine.hart.readPc())}`);
      const cause = machine.hart.readCsr(CSR.mcause)!;
      const pc = machine.hart.readCsr(CSR.mepc)!;
      if (cause !== ENVIRONMENT_CALL) {
        throw new Error(`MFS crashed at ${hex(pc)}: cause ${cause}, value ${hex(machine.hart.readCsr(CSR.mtval)!)}`);
      }
      const [a0, a1, a2, a3, a4] = [10, 11, 12, 13, 14].map((register) => machine.hart.readRegister(register));
      const result = this.#trap(machine.hart.readRegister(17), a0!, a1!, a2!, a3!, a4!);
      machine.hart.writePc(pc + 4);
      machine.hart.writeRegister(10, result ?? Status.Ok);
      if (result === null) return;
    }
  }

  /** Carries a trap out; null: the service waits. */
  #trap(number: number, a0: number, a1: number, a2: number, a3: number, a4: number): number | null {
    switch (number) {
      case Trap.Receive:
        if ((a0 | 0) !== ANY) throw new Error("MFS waits for one alone");
        return this.#receive(a1);
      case Trap.SendReceive:
        return this.#sendReceive(a0, a1);
      case Trap.Notify:
        if (a0 === RS) this.signsOfLife++;
        return Status.Ok;
      case Trap.SendNonblocking:
        if (a0 === VFS) this.#answer = this.machine.readPhysical(a1, MESSAGE_BYTES);
        return Status.Ok;
      case Trap.ReplyReceive:
        if (a0 === VFS) this.#answer = this.machine.readPhysical(a1, MESSAGE_BYTES);
        return this.#receive(a2);
      case Trap.SendAsync:
        if (this.#word(a0 + 4) === RS_COMPLAIN && this.#word(a0 + MESSAGE_BYTES) === RS) this.complaints++;
        return Status.Ok;
      default:
        return this.#kernelCall(number - Trap.KernelCall, a0, a1, a2, a3, a4);
    }
  }

  #receive(inbox: number): number | null {
    this.#inbox = inbox;
    if (this.#successor !== null) this.#announceSuccessor();
    return this.#arrive() ? Status.Ok : null;
  }

  #kernelCall(call: number, a0: number, a1: number, a2: number, a3: number, a4: number): number {
    switch (call) {
      case Call.SafeCopyFrom:
      case Call.SafeCopyTo:
        return this.#safeCopy(call === Call.SafeCopyTo, a1, a2, a3, a4);
      case Call.SetGrants:
        this.#grantTable = a0;
        return Status.Ok;
      case Call.SetAlarm:
        this.alarmMilliseconds = a0;
        return Status.Ok;
      case Call.Log:
        this.log.push(new TextDecoder().decode(this.machine.readPhysical(a0, a1)));
        return Status.Ok;
      case Call.Information:
        return Status.Ok;
      default:
        throw new Error(`MFS uses kernel call ${call}, with ${hex(a0)}: ${this.log.join("")}`);
    }
  }

  #safeCopy(isTo: boolean, grant: number, offset: number, address: number, bytes: number): number {
    const memory = this.#grants.get(grant);
    if (this.refuseCopies || memory === undefined || offset + bytes > memory.length) return Status.Fault;
    if (isTo) memory.set(this.machine.readPhysical(address, bytes), offset);
    else this.machine.writePhysical(address, memory.slice(offset, offset + bytes));
    return Status.Ok;
  }

  // --- Messages --------------------------------------------------------------------------------------------------------

  #deliver(message: Uint8Array, source: number): void {
    const letter = message.slice();
    new DataView(letter.buffer).setInt32(0, source, true);
    this.#arriving.push(letter);
  }

  #notify(source: number): void {
    const letter = new Uint8Array(MESSAGE_BYTES);
    new DataView(letter.buffer).setUint32(4, NOTIFY, true);
    this.#deliver(letter, source);
  }

  /** Puts the next message into the inbox that the service waits with. */
  #arrive(): boolean {
    const letter = this.#inbox === 0 ? undefined : this.#arriving.shift();
    if (letter === undefined) return false;
    this.machine.writePhysical(this.#inbox, letter);
    this.#inbox = 0;
    return true;
  }

  #sendReceive(to: number, address: number): number {
    const letter = new DataView(this.machine.readPhysical(address, MESSAGE_BYTES).buffer);
    const answer = new DataView(new ArrayBuffer(MESSAGE_BYTES));
    answer.setInt32(0, to, true);
    answer.setUint32(4, REPLY, true);
    let status: number = Status.Ok;
    if (to === DS) this.#askStore(letter, answer);
    else if (to === this.driver && this.#successor === null) status = this.#askDriver(letter, answer);
    else status = Status.DeadEndpoint;
    if (status === Status.Ok) this.machine.writePhysical(address, new Uint8Array(answer.buffer));
    return status;
  }

  #askStore(letter: DataView, answer: DataView): void {
    const type = letter.getUint32(4, true);
    let status: number = Status.Ok;
    if (type === Ds.Retrieve) {
      if (this.driver === null) status = Status.ServiceDown;
      answer.setInt32(12, this.driver ?? -2, true);
    } else if (type === Ds.Subscribe) {
      this.#notify(DS);
      this.#announced = true;
    } else if (type === Ds.Check) {
      if (!this.#announced) status = Status.Nothing;
      this.#announced = false;
    }
    answer.setInt32(8, status, true);
  }

  #askDriver(letter: DataView, answer: DataView): number {
    const type = letter.getUint32(4, true);
    const isTransfer = type === Block.Read || type === Block.Write;
    const request: DiskRequest = {
      kind: (["read", "write", "flush", "information"] as const)[type - Block.Read]!,
      position: isTransfer ? Number(letter.getBigUint64(16, true)) : 0,
      bytes: isTransfer ? letter.getUint32(24, true) : 0,
    };
    this.requests.push(request);
    const fate = this.fate(request);
    if (fate === "done" || fate === "dies after") {
      if (isTransfer) this.#transfer(request, letter.getUint32(12, true));
      if (request.kind === "write") this.onWrite(request);
    }
    if (fate === "dies slowly") this.#successor = this.driver! + NEXT_LIFE;
    else if (fate === "dies" || fate === "dies after") this.#publish(this.driver! + NEXT_LIFE);
    if (fate.startsWith("dies")) return Status.DeadEndpoint;
    answer.setInt32(8, fate === "error" ? Status.InputOutput : Status.Ok, true);
    answer.setUint32(12, fate === "nonsense" ? request.bytes + 1 : request.bytes, true);
    answer.setBigUint64(16, BigInt(this.disk.length), true);
    answer.setUint32(24, 512, true);
    return Status.Ok;
  }

  #publish(driver: number): void {
    this.driver = driver;
    this.#announced = true;
    this.#notify(DS);
  }

  /** RS asks for a sign of life first: MFS has to give one even while it waits. */
  #announceSuccessor(): void {
    if (this.interloper !== null) this.#deliver(this.interloper, VFS);
    this.interloper = null;
    this.#notify(RS);
    this.#notify(CLOCK);
    this.#publish(this.#successor!);
    this.#successor = null;
  }

  /** Between the disk and what MFS has granted, after checking it as the kernel would. */
  #transfer(request: DiskRequest, grant: number): void {
    const row = this.#grantTable + (grant & 0xff) * 24;
    const isRead = request.kind === "read";
    const [flags, sequence, grantee, address, bytes] = [0, 4, 8, 12, 16].map((offset) => this.#word(row + offset));
    const needed = isRead ? 1 | 4 : 1 | 2;
    if ((flags! & needed) !== needed || sequence !== grant >>> 8 || grantee !== this.driver)
      throw new Error("bad grant");
    if (request.bytes > bytes!) throw new Error(`${request.bytes} bytes with a grant of ${bytes}`);
    if (address! >>> 12 !== (address! + request.bytes - 1) >>> 12) throw new Error("a buffer crosses a page");
    if (request.position + request.bytes > this.disk.length) throw new Error("beyond the end of the disk");
    if (isRead)
      this.machine.writePhysical(address!, this.disk.slice(request.position, request.position + request.bytes));
    else this.disk.set(this.machine.readPhysical(address!, request.bytes), request.position);
  }

  #word(address: number): number {
    return new DataView(this.machine.readPhysical(address, 4).buffer).getUint32(0, true);
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
