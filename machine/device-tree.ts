/**
 * The board's device tree: what software finds in a1 at the start, named and shaped as QEMU's `virt` does, so that it
 * finds the devices of both in the same way. What `virt` has and this board has not (flash, PCI, fw_cfg) is absent; the
 * DMA guard is ours.
 */

import { Finish } from "./board/finisher.ts";
import { Base, Line, Size, TICKS_PER_SECOND, VIRTIO_SLOTS } from "./board/memory-map.ts";
import { PLIC_SOURCES } from "./board/plic.ts";
import { flatten, type PropertyValue, type TreeNode } from "./flattened-tree.ts";
import { Interrupt } from "./isa/registers.ts";

const enum Handle {
  Processor = 1,
  ProcessorInterrupts = 2,
  Plic = 3,
  Finisher = 4,
}

/** Input clock of the serial port, as on QEMU; the divisor has no effect. */
const UART_CLOCK_HERTZ = 3_686_400;

export interface BoardDescription {
  readonly ramBytes: number;
  readonly bootArguments: string;
  readonly hasDmaGuard: boolean;
  /** Where an initial file system lies: bus addresses, the end exclusive. */
  readonly initialDisk: { readonly start: number; readonly end: number } | null;
}

/** The flattened tree of a board. */
export function boardTree(board: BoardDescription): Uint8Array {
  return flatten({
    name: "",
    properties: {
      "#address-cells": 2,
      "#size-cells": 2,
      compatible: "riscv-virtio",
      model: "riscv-virtio,renix",
    },
    children: [
      chosen(board),
      switchNode("poweroff", Finish.Pass),
      switchNode("reboot", Finish.Reset),
      node("memory", Base.Ram, { device_type: "memory", reg: range(Base.Ram, board.ramBytes) }),
      processors(),
      {
        name: "soc",
        properties: { "#address-cells": 2, "#size-cells": 2, compatible: "simple-bus", ranges: true },
        children: devices(board.hasDmaGuard),
      },
    ],
  });
}

function chosen({ bootArguments, initialDisk }: BoardDescription): TreeNode {
  return {
    name: "chosen",
    properties: {
      ...(bootArguments === "" ? {} : { bootargs: bootArguments }),
      ...(initialDisk === null ? {} : { "linux,initrd-start": initialDisk.start, "linux,initrd-end": initialDisk.end }),
      "stdout-path": `/soc/serial@${Base.Uart.toString(16)}`,
    },
  };
}

/** A value that software writes to the finisher. */
function switchNode(name: string, value: number): TreeNode {
  return { name, properties: { value, offset: 0, regmap: Handle.Finisher, compatible: `syscon-${name}` } };
}

function processors(): TreeNode {
  const interruptController: TreeNode = {
    name: "interrupt-controller",
    properties: {
      "#interrupt-cells": 1,
      "interrupt-controller": true,
      compatible: "riscv,cpu-intc",
      phandle: Handle.ProcessorInterrupts,
    },
  };
  const processor: TreeNode = {
    name: "cpu@0",
    properties: {
      phandle: Handle.Processor,
      device_type: "cpu",
      reg: 0,
      status: "okay",
      compatible: "riscv",
      "riscv,isa": "rv32imac_zicsr_zifencei_zihintpause",
      "mmu-type": "riscv,sv32",
    },
    children: [interruptController],
  };
  const map: TreeNode = {
    name: "cpu-map",
    properties: {},
    children: [
      { name: "cluster0", properties: {}, children: [{ name: "core0", properties: { cpu: Handle.Processor } }] },
    ],
  };
  return {
    name: "cpus",
    properties: { "#address-cells": 1, "#size-cells": 0, "timebase-frequency": TICKS_PER_SECOND },
    children: [processor, map],
  };
}

function devices(hasDmaGuard: boolean): TreeNode[] {
  const virtio = Array.from({ length: VIRTIO_SLOTS }, (_, slot) => {
    const base = Base.Virtio + slot * Size.VirtioSlot;
    const properties = {
      ...interrupt(Line.Virtio + slot),
      reg: range(base, Size.VirtioSlot),
      compatible: "virtio,mmio",
    };
    return node("virtio_mmio", base, properties);
  });
  const guard = node("dma-guard", Base.DmaGuard, {
    reg: range(Base.DmaGuard, Size.DmaGuard),
    compatible: "renix,dma-guard",
  });
  return [
    node("rtc", Base.RealTimeClock, {
      ...interrupt(Line.RealTimeClock),
      reg: range(Base.RealTimeClock, Size.RealTimeClock),
      compatible: "google,goldfish-rtc",
    }),
    node("serial", Base.Uart, {
      ...interrupt(Line.Uart),
      "clock-frequency": UART_CLOCK_HERTZ,
      reg: range(Base.Uart, Size.Uart),
      compatible: "ns16550a",
    }),
    node("test", Base.Finisher, {
      phandle: Handle.Finisher,
      reg: range(Base.Finisher, Size.Finisher),
      compatible: ["sifive,test1", "sifive,test0", "syscon"],
    }),
    ...virtio.reverse(),
    plic(),
    clint(),
    ...(hasDmaGuard ? [guard] : []),
  ];
}

function plic(): TreeNode {
  return node("plic", Base.Plic, {
    phandle: Handle.Plic,
    "riscv,ndev": PLIC_SOURCES,
    reg: range(Base.Plic, Size.Plic),
    "interrupts-extended": wires(Interrupt.MachineExternal, Interrupt.SupervisorExternal),
    "interrupt-controller": true,
    compatible: ["sifive,plic-1.0.0", "riscv,plic0"],
    "#address-cells": 0,
    "#interrupt-cells": 1,
  });
}

function clint(): TreeNode {
  return node("clint", Base.Clint, {
    "interrupts-extended": wires(Interrupt.MachineSoftware, Interrupt.MachineTimer),
    reg: range(Base.Clint, Size.Clint),
    compatible: ["sifive,clint0", "riscv,clint0"],
  });
}

function node(name: string, base: number, properties: Record<string, PropertyValue>): TreeNode {
  return { name: `${name}@${base.toString(16)}`, properties };
}

function interrupt(line: number): Record<string, PropertyValue> {
  return { interrupts: line, "interrupt-parent": Handle.Plic };
}

/** Inputs of the hart that a controller drives. */
function wires(...interrupts: Interrupt[]): number[] {
  return interrupts.flatMap((input) => [Handle.ProcessorInterrupts, input]);
}

/** Address and size, two cells each. */
function range(base: number, sizeBytes: number): number[] {
  return [0, base, 0, sizeBytes];
}
