/**
 * The board: hart, RAM and devices, and the wires between them. Its map is board/memory-map.ts.
 *
 * Devices are told of time in one order, always the same: that in which they were attached to the bus.
 */
import { Base, Line, MEBIBYTE, Size, VIRTIO_SLOTS } from "./board/memory-map.ts";
import { Bus, type Device } from "./bus.ts";
import { BlockDevice } from "./device/block.ts";
import { Clint } from "./device/clint.ts";
import type { Disk } from "./device/disk.ts";
import { Dma } from "./device/dma.ts";
import { DmaGuard } from "./device/dma-guard.ts";
import { Finisher, type FinisherRequest } from "./device/finisher.ts";
import { Plic } from "./device/plic.ts";
import { RealTimeClock } from "./device/real-time-clock.ts";
import { Uart, type UartClock } from "./device/uart.ts";
import { VirtioSlot } from "./device/virtio-slot.ts";
import { boardTree } from "./device-tree.ts";
import { Hart } from "./hart/hart.ts";
import { HartState } from "./hart/state.ts";
import { Interrupt, Mode } from "./isa/registers.ts";
import { PageFlag, Ram } from "./ram.ts";
import type { Archive, Archived } from "./state/archive.ts";

export interface BoardConfiguration {
  readonly ramBytes: number;
  readonly bootArguments: string;
  readonly initialDisk: Uint8Array | null;
  readonly rtcStartSeconds: number;
  readonly dmaGuard: boolean;
  /** How often code must be jumped to before it is translated; null for never. */
  readonly translateAfter: number | null;
  readonly mostTranslatedBytes: number;
  readonly diskSlot: number;
  readonly legacyVirtio: boolean;
}

/** Where the board reports to the host. */
export interface BoardListener {
  output(byte: number, cycle: number): void;
  finish(request: FinisherRequest): void;
  /** A page of RAM that the host watches was written to. */
  watchedWrite(ramOffset: number, lengthBytes: number): void;
}

/**
 * The device tree begins on a multiple of this, as near to the top of RAM as it fits; QEMU does the same
 * (riscv_compute_fdt_addr).
 */
const TREE_ALIGNMENT_BYTES = 2 * 1024 * 1024;
const TREE_LIMIT = 0xc000_0000;
const SMALL_TREE_ALIGNMENT_BYTES = 4096;

/** An initial file system lies in the middle of RAM, but no higher than this; as on QEMU. */
const INITIAL_DISK_HIGHEST_OFFSET = 128 * MEBIBYTE;

/**
 * Registers that say where it all begins: a0 the hart, a1 the device tree, a2 what firmware is to start, if anything.
 */
const A0 = 10;
const A1 = 11;
const A2 = 12;
/** The words that a2 points to (OpenSBI, fw_dynamic.h): "OSBI", a version, the address, the mode, options, a hart. */
const FIRMWARE_INFORMATION_MAGIC = 0x4942_534f;
const FIRMWARE_INFORMATION_VERSION = 2;
const WORD_BYTES = 4;
const FIRMWARE_INFORMATION_BYTES = 7 * WORD_BYTES; // six, behind a tree that need not end on a word

export class Board implements Archived {
  readonly ram: Ram;
  readonly hart: Hart;
  readonly uart: Uart;
  readonly plic: Plic;
  /** Null where the board has no disk. */
  readonly block: BlockDevice | null;
  /** Where an initial file system is, if there is one. */
  readonly initialDiskAddress: number;
  readonly #bus = new Bus();
  readonly #devices: readonly Device[];
  readonly #clint: Clint;
  readonly #tree: Uint8Array;
  #nextEventCycle = 0;
  #nextTimerCycle = 0;

  constructor(configuration: BoardConfiguration, disk: Disk | null, listener: BoardListener) {
    this.ram = new Ram(configuration.ramBytes);
    const state = new HartState(this.ram.memory);
    const clock: UartClock = {
      get cycle() {
        return state.cycle;
      },
      stall: (cycles) => state.charge(cycles),
    };
    const wire = (interrupt: Interrupt) => (level: boolean) => state.setWire(interrupt, level);
    const plic = new Plic([wire(Interrupt.MachineExternal), wire(Interrupt.SupervisorExternal)]);
    const line = (source: number) => (level: boolean) => plic.setLevel(source, level);
    // Drivers that never acknowledge their device get one interrupt for each event there, as on QEMU (xv6 has two).
    const edge = (source: number) => (level: boolean) => plic.pulse(source, level);
    const slotLine = configuration.legacyVirtio ? edge : line;
    const clint = new Clint(clock, state);
    const guard = configuration.dmaGuard ? new DmaGuard() : null;
    const bus = this.#bus;

    this.plic = plic;
    this.#clint = clint;
    this.hart = new Hart(state, this.ram, bus, clint, configuration);
    this.uart = new Uart(clock, edge(Line.Uart), (byte, cycle) => listener.output(byte, cycle));
    const dmaOf = (slot: number) => {
      return new Dma(this.ram, guard, Line.Virtio + slot, (offset, bytes) =>
        this.hart.ramWrittenByOthers(offset, bytes),
      );
    };
    const { diskSlot, legacyVirtio } = configuration;
    this.block = disk === null ? null : new BlockDevice(disk, dmaOf(diskSlot));
    const slots = Array.from({ length: VIRTIO_SLOTS }, (_, slot) => {
      const device = slot === diskSlot ? this.block : null;
      return new VirtioSlot(device, dmaOf(slot), clock, slotLine(Line.Virtio + slot), legacyVirtio);
    });

    bus.attach(Base.Uart, Size.Uart, this.uart);
    bus.attach(Base.Plic, Size.Plic, plic);
    bus.attach(Base.Clint, Size.Clint, clint);
    for (const [index, slot] of slots.entries()) {
      bus.attach(Base.Virtio + index * Size.VirtioSlot, Size.VirtioSlot, slot);
    }
    const rtc = new RealTimeClock(configuration.rtcStartSeconds, clock, line(Line.RealTimeClock));
    bus.attach(Base.RealTimeClock, Size.RealTimeClock, rtc);
    bus.attach(Base.Finisher, Size.Finisher, new Finisher((request) => listener.finish(request)));
    if (guard !== null) bus.attach(Base.DmaGuard, Size.DmaGuard, guard);
    this.#devices = bus.devices;
    this.ram.onWrite = (offset, bytes, flags) => {
      this.hart.ramWritten(offset, bytes, flags);
      if (flags & PageFlag.Watched) listener.watchedWrite(offset, bytes);
    };
    this.initialDiskAddress = Base.Ram + Math.min(configuration.ramBytes / 2, INITIAL_DISK_HIGHEST_OFFSET);
    this.#tree = boardTree({
      ...configuration,
      hasDmaGuard: guard !== null,
      initialDisk:
        configuration.initialDisk === null
          ? null
          : { start: this.initialDiskAddress, end: this.initialDiskAddress + configuration.initialDisk.length },
    });
  }

  /** The cycle at which some device other than the timer will next do something by itself; Infinity if never. */
  get nextEventCycle(): number {
    this.#lookAhead();
    return this.#nextEventCycle;
  }

  /** The cycle at which the timer will ring, which translated code knows how to serve; Infinity if never. */
  get nextTimerCycle(): number {
    this.#lookAhead();
    return this.#nextTimerCycle;
  }

  #lookAhead(): void {
    if (!this.#bus.takeChange()) return;
    const others = this.#devices.filter((device) => device !== this.#clint);
    this.#nextEventCycle = Math.min(...others.map((device) => device.nextEventCycle));
    this.#nextTimerCycle = this.#clint.nextEventCycle;
  }

  /** Somebody types. */
  type(bytes: readonly number[]): void {
    this.uart.type(bytes);
    this.#bus.change();
  }

  /** Lets the devices do what is due. */
  advance(cycle: number): void {
    for (const device of this.#devices) if (device.nextEventCycle <= cycle) device.advance(cycle);
    this.#bus.change();
  }

  /**
   * Power-on, or a reset: the hart stands at `entry` in M-mode with a0 = its number, a1 = the device tree, and a2 =
   * what firmware is to start, as after the boot code of QEMU's `virt`. Otherwise RAM keeps its contents.
   */
  reset({ entry, kernelEntry }: { entry: number; kernelEntry: number | null }): void {
    const { state } = this.hart;
    state.reset();
    this.hart.forgetEverything();
    for (const device of this.#devices) device.reset();
    this.#bus.change();
    const treeOffset = this.#treeOffset;
    this.ram.write(treeOffset, this.#tree);
    state.pc = entry | 0;
    state.x[A0] = 0;
    state.x[A1] = Base.Ram + treeOffset;
    if (kernelEntry === null) return;
    const information = treeOffset + Math.ceil(this.#tree.length / WORD_BYTES) * WORD_BYTES;
    const words = [FIRMWARE_INFORMATION_MAGIC, FIRMWARE_INFORMATION_VERSION, kernelEntry, Mode.Supervisor, 0, 0];
    this.ram.write(information, new Uint8Array(Uint32Array.from(words).buffer));
    state.x[A2] = Base.Ram + information;
  }

  exchange(archive: Archive): void {
    this.hart.state.exchange(archive);
    for (const device of this.#devices) device.exchange(archive);
    this.#bus.change();
  }

  get #treeOffset(): number {
    const top =
      Math.min(Base.Ram + this.ram.sizeBytes, TREE_LIMIT) - Base.Ram - this.#tree.length - FIRMWARE_INFORMATION_BYTES;
    const aligned = top - (top % TREE_ALIGNMENT_BYTES);
    return aligned > 0 ? aligned : top - (top % SMALL_TREE_ALIGNMENT_BYTES);
  }
}
