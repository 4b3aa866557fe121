/**
 * The machine: the front door of this package, and all that other packages import from it besides elf.ts.
 *
 * A deterministic RISC-V computer, QEMU's `virt` board with one hart. Give it a program, post what happens outside, run
 * it to a cycle, look at it, take snapshots. The same configuration, program and events give the same states at the
 * same cycles, always. Begin with `run`; the loop behind it is all there is: deliver what is due, then let the hart run
 * to the next moment at which something is.
 */

import { Base } from "./board/memory-map.ts";
import { Board } from "./board.ts";
import { type Breakpoint, Breakpoints } from "./breakpoints.ts";
import { completed, type MachineConfiguration } from "./configuration.ts";
import { Disk, type DiskView } from "./device/disk.ts";
import type { FinisherRequest } from "./device/finisher.ts";
import type { Elf } from "./elf.ts";
import { MachineError } from "./error.ts";
import { Access, NO_ADDRESS } from "./hart/mmu.ts";
import { HartView } from "./hart/view.ts";
import { Mode } from "./isa/registers.ts";
import { type Loaded, NOTHING, place, withBytes, withElf, withFirmware, withKernel } from "./loading.ts";
import { Lockstep, type Runnable } from "./lockstep.ts";
import { type Edit, inputBytes, type OutsideEvent, OutsideQueue } from "./outside.ts";
import { type Archive, type Archived, Loader, Saver } from "./state/archive.ts";
import { digestOf, hexadecimal } from "./state/digest.ts";
import type { PageTree } from "./state/pages.ts";
import type { Statistics } from "./statistics.ts";

export type { Breakpoint } from "./breakpoints.ts";
export { DEFAULT_ENGINE, ENGINES, type Engine, type MachineConfiguration } from "./configuration.ts";
export { MachineError } from "./error.ts";
export type { Edit, OutsideEvent } from "./outside.ts";

/** Why a run ended. */
export type Stop =
  | { readonly kind: "cycle" }
  /** The guest wrote to the finisher. It stays finished. */
  | { readonly kind: "finished"; readonly status: number }
  /** The guest asked for a reset: `reboot` carries it out. */
  | { readonly kind: "reset" }
  /** A watched word was written; the instruction that did so has completed. */
  | { readonly kind: "watch"; readonly address: number }
  /** The hart stands before a marked instruction; `pc` is its virtual address. */
  | { readonly kind: "breakpoint"; readonly pc: number };

/** The whole state at a moment: immutable, sharing unchanged pages with others of its kind. */
export interface Snapshot {
  readonly state: Float64Array;
  readonly ram: PageTree;
  readonly disk: PageTree | null;
}

export type AccessKind = "fetch" | "load" | "store";

const ACCESS: Record<AccessKind, Access> = { fetch: Access.Fetch, load: Access.Load, store: Access.Store };

export class Machine implements Archived {
  readonly configuration: Required<MachineConfiguration>;
  readonly #board: Board;
  readonly #disk: Disk | null;
  readonly #outside = new OutsideQueue();
  readonly #breakpoints: Breakpoints;
  readonly #outputListeners: ((byte: number, cycle: number) => void)[] = [];
  #loaded: Loaded = NOTHING;
  /** With a machine that interprets; null unless the engines are compared. */
  readonly #lockstep: Lockstep | null;
  /** How the guest has ended the run. */
  #ended: FinisherRequest | null = null;

  /**
   * A machine at power-on, its RAM empty but for the device tree. Throws a MachineError for a configuration that cannot
   * be. (`disk` is for `fork`: a disk that exists already.)
   */
  constructor(configuration: MachineConfiguration = {}, disk: Disk | null = diskOf(configuration)) {
    this.configuration = completed(configuration);
    this.#disk = disk;
    const translateAfter = this.configuration.engine !== "interpreter" ? this.configuration.translateAfter : null;
    this.#board = new Board({ ...this.configuration, translateAfter }, disk, {
      output: (byte, cycle) => {
        for (const listener of this.#outputListeners) listener(byte, cycle);
      },
      finish: (request) => {
        this.#ended = request;
        this.#board.uart.drain();
      },
      watchedWrite: (ramOffset, lengthBytes) => this.#breakpoints.wrote(ramOffset, lengthBytes),
    });
    this.#breakpoints = new Breakpoints(this.#board.hart);
    this.hart = new HartView(this.#board.hart, () => this.#lockstep?.changed());
    this.#start(this.#initialDisk());
    this.#lockstep = this.configuration.engine === "lockstep" ? this.#besideReference(disk) : null;
  }

  /**
   * Loads an ELF32 RISC-V executable's segments into RAM, instead of whatever was loaded; the hart stands at its entry.
   * Gives the file as it was loaded. Throws a MachineError, in one line, when it is not one or does not fit.
   */
  loadElf(image: Uint8Array): Elf {
    const { loaded, elf } = withElf(this.#initialDisk(), image, this.#board.ram);
    this.#start(loaded);
    return elf;
  }

  /**
   * The same for firmware, which need not be an ELF file: other bytes are for the start of RAM, and the result null.
   */
  loadFirmware(image: Uint8Array): Elf | null {
    const { loaded, elf } = withFirmware(this.#initialDisk(), image, this.#board.ram);
    this.#start(loaded);
    return elf;
  }

  /**
   * Adds the kernel that the loaded firmware is to start in S-mode: where that is, firmware learns from a2, as from
   * QEMU (OpenSBI's "dynamic information").
   */
  loadKernel(image: Uint8Array): void {
    this.#start(withKernel(this.#loaded, image, this.#board.ram));
  }

  /** Cycles since power-on, at 100 MHz: an exact integer. */
  get cycle(): number {
    return this.#board.hart.state.cycle;
  }

  /** Instructions retired since power-on. */
  get instructions(): number {
    return this.#board.hart.state.instructions;
  }

  /** What the engines have done so far: no part of the state. */
  get statistics(): Readonly<Statistics> {
    return this.#board.hart.statistics;
  }

  /**
   * Runs until the cycle is reached, or the machine stops by itself. An instruction is indivisible: the machine stops
   * before the first whose start would be at or after `untilCycle`. Slices of any size give identical states.
   */
  run(untilCycle: number): Stop {
    if (!Number.isSafeInteger(untilCycle)) throw new MachineError(`cannot run until cycle ${untilCycle}`);
    return this.#lockstep === null ? this.#run(untilCycle) : this.#lockstep.run(untilCycle);
  }

  #run(untilCycle: number): Stop {
    const { hart } = this.#board;
    for (;;) {
      if (this.#ended !== null) return this.#ended;
      const address = this.#breakpoints.takeWritten();
      if (address !== null) return { kind: "watch", address };
      if (hart.state.cycle >= untilCycle) return { kind: "cycle" };
      if (hart.state.cycle >= this.#nextDueCycle) this.#deliver();
      if (hart.markedOffset !== null) hart.stepOverMark();
      else hart.run(Math.min(untilCycle, this.#nextOtherCycle), this.#board.nextTimerCycle);
      if (hart.markedOffset !== null && this.#breakpoints.shouldStop(hart.markedOffset)) {
        return { kind: "breakpoint", pc: hart.state.pc >>> 0 };
      }
    }
  }

  /**
   * The one door. The event takes effect before the first instruction that starts at or after `event.at`, which must
   * not lie in the past; events of one cycle in the order of posting. An event not due yet is part of the state. Throws
   * a MachineError for an impossible event.
   */
  post(event: OutsideEvent): void {
    if (event.at < this.cycle)
      throw new MachineError(`event at cycle ${event.at}, but it is cycle ${this.cycle} already`);
    if (event.type === "inject" && event.edit.kind === "memory") this.#ramOffset(event.edit.address, 4);
    this.#outside.add(event);
    this.#lockstep?.post(event);
    this.#board.hart.state.leaveHart();
  }

  /** Calls the listener for every byte that has left the serial port, with the cycle at which its last bit did. */
  onOutput(listener: (byte: number, cycle: number) => void): void {
    this.#outputListeners.push(listener);
  }

  /**
   * After a stop of kind "reset" (or whenever the reset button is pressed): hart and devices start over, the program is
   * loaded again. Time goes on.
   */
  reboot(): void {
    this.#ended = null;
    this.#start(this.#loaded);
  }

  // Snapshots

  /** The state now. Costs what changed since the last snapshot, restore or hash. */
  snapshot(): Snapshot {
    return { state: this.#savedState(), ram: this.#board.ram.capture(), disk: this.#disk?.capture() ?? null };
  }

  /** Goes back (or forth) to a snapshot of this machine or of one configured alike. Costs the pages that differ. */
  restore(snapshot: Snapshot): void {
    const isAlike =
      snapshot.ram.pageCount === this.#board.ram.flags.length && (snapshot.disk === null) === (this.#disk === null);
    if (!isAlike) throw new MachineError("snapshot of a machine with another configuration");
    this.#board.ram.restore(snapshot.ram);
    if (snapshot.disk !== null) this.#disk?.restore(snapshot.disk);
    const { hart } = this.#board;
    const protection = hart.state.pmp.changes;
    this.exchange(new Loader(snapshot.state));
    // All else that the hart keeps belongs to pages, which say themselves when they change, or to a context.
    if (hart.state.pmp.changes === protection) hart.forgetContext();
    else hart.forgetEverything();
    this.#breakpoints.forgetStop();
    this.#lockstep?.changed();
  }

  /** Another machine in the same state, without listeners, breakpoints and watches. Pages of snapshots are shared. */
  fork(): Machine {
    const twin = new Machine(this.configuration, this.#disk?.twin() ?? null);
    twin.#loaded = this.#loaded;
    twin.restore(this.snapshot());
    return twin;
  }

  /**
   * 128 bits, as hexadecimal, of the whole state: registers, RAM, devices, disk, outside events not due yet. Costs what
   * changed.
   */
  hash(): string {
    const { state, ram, disk } = this.snapshot();
    return hexadecimal(digestOf(state, disk === null ? [ram.digest] : [ram.digest, disk.digest]));
  }

  exchange(archive: Archive): void {
    this.#board.exchange(archive);
    this.#outside.exchange(archive);
    this.#ended = JSON.parse(archive.text(JSON.stringify(this.#ended))) as FinisherRequest | null;
  }

  // Looking, and stopping on purpose

  /**
   * The processor's registers, for the host. Writing here is for tests and loaders; what a recording shall repeat is
   * posted.
   */
  readonly hart: HartView;

  /** The disk, for the host: null where there is none. */
  get disk(): DiskView | null {
    return this.#disk;
  }

  /** A copy of RAM's bytes at a bus address. Throws a MachineError outside RAM. */
  readPhysical(address: number, lengthBytes: number): Uint8Array {
    const offset = this.#ramOffset(address, lengthBytes);
    return this.#board.ram.bytes.slice(offset, offset + lengthBytes);
  }

  /** Writes RAM as a loader would, which no watch hears of. What a recording shall repeat is posted as an edit. */
  writePhysical(address: number, bytes: Uint8Array): void {
    this.#write(this.#ramOffset(address, bytes.length), bytes);
    this.#breakpoints.takeWritten();
    this.#lockstep?.changed();
  }

  /**
   * The bus address that an address space (a value of satp; default: the present one) maps for user mode, or for
   * `mode`. Null where that access would fault. Changes nothing, and leaves PMP aside.
   */
  translate(virtual: number, access: AccessKind, satp = this.#board.hart.state.satp, mode = Mode.User): number | null {
    const address = this.#board.hart.mmu.inspect(virtual | 0, ACCESS[access], mode, satp | 0);
    return address === NO_ADDRESS ? null : address;
  }

  /** Stops `run` before the instruction, each time it is about to run, without changing any count. */
  addBreakpoint(breakpoint: Breakpoint): void {
    if ("physical" in breakpoint) this.#ramOffset(breakpoint.physical, 2);
    this.#breakpoints.add(breakpoint);
    this.#lockstep?.reference.addBreakpoint(breakpoint);
  }

  clearBreakpoints(): void {
    this.#breakpoints.clear();
    this.#lockstep?.reference.clearBreakpoints();
  }

  /** Stops `run` after every write to the aligned word at a bus address, whoever writes: such as an ELF's `tohost`. */
  watch(address: number): void {
    this.#ramOffset(address, 4);
    this.#breakpoints.watch(address);
    this.#lockstep?.reference.watch(address);
  }

  clearWatches(): void {
    this.#breakpoints.clearWatches();
    this.#lockstep?.reference.clearWatches();
  }

  // What is due

  /** Whether the hart sleeps, and only what is posted can wake it. */
  get awaitsOutside(): boolean {
    return this.hart.isWaiting() && this.#nextDueCycle === Number.POSITIVE_INFINITY;
  }

  /** The cycle at which an outside event or a device's own doing is due. */
  get #nextDueCycle(): number {
    return Math.min(this.#nextOtherCycle, this.#board.nextTimerCycle);
  }

  /** The same without the timer. */
  get #nextOtherCycle(): number {
    return Math.min(this.#outside.nextCycle, this.#board.nextEventCycle);
  }

  #deliver(): void {
    const { hart } = this.#board;
    for (let event = this.#outside.take(this.cycle); event !== undefined; event = this.#outside.take(this.cycle)) {
      if (event.type === "input") this.#board.type(inputBytes(event));
      else this.#apply(event.edit);
    }
    this.#board.advance(hart.state.cycle);
  }

  #apply(edit: Edit): void {
    const { hart, plic, block } = this.#board;
    switch (edit.kind) {
      case "register":
        hart.state.x[edit.register] = edit.value;
        break;
      case "pc":
        hart.state.pc = edit.value | 0;
        hart.markedOffset = null;
        break;
      case "memory":
        this.#write(
          this.#ramOffset(edit.address, 4),
          Uint8Array.of(edit.value, edit.value >>> 8, edit.value >>> 16, edit.value >>> 24),
        );
        break;
      case "lose-interrupt":
        plic.loseNext(edit.line);
        break;
      case "raise-interrupt":
        plic.raiseOnce(edit.line);
        break;
      case "disk-error":
        block?.failNext(edit.count, edit.direction);
        break;
    }
  }

  #write(ramOffset: number, bytes: Uint8Array): void {
    this.#board.ram.write(ramOffset, bytes);
    this.#board.hart.ramWrittenByOthers(ramOffset, bytes.length);
  }

  #ramOffset(address: number, lengthBytes: number): number {
    if (!this.#board.ram.contains(address, lengthBytes)) {
      throw new MachineError(`0x${address.toString(16)}, ${lengthBytes} bytes: not in RAM`);
    }
    return address - Base.Ram;
  }

  #besideReference(disk: Disk | null): Lockstep {
    const reference = new Machine({ ...this.configuration, engine: "interpreter" }, disk?.twin() ?? null);
    const runnable = (machine: Machine): Runnable => ({
      machine,
      runAlone: (untilCycle) => machine.#run(untilCycle),
      get mark() {
        return machine.#board.hart.markedOffset;
      },
      set mark(mark) {
        machine.#board.hart.markedOffset = mark;
      },
    });
    return new Lockstep(runnable(this), runnable(reference));
  }

  #initialDisk(): Loaded {
    const { initialDisk } = this.configuration;
    const { ram, initialDiskAddress } = this.#board;
    return initialDisk === null ? NOTHING : withBytes(NOTHING, initialDiskAddress, initialDisk, ram);
  }

  /** Power-on, or a reset, with this in RAM. */
  #start(loaded: Loaded): void {
    this.#loaded = loaded;
    this.#board.reset(loaded);
    place(loaded, this.#board.ram);
    this.#breakpoints.forgetStop();
    this.#lockstep?.changed();
  }

  #savedState(): Float64Array {
    const saver = new Saver();
    this.exchange(saver);
    return saver.saved;
  }
}

function diskOf(configuration: MachineConfiguration): Disk | null {
  return configuration.disk ? Disk.from(configuration.disk) : null;
}
