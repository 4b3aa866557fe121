/**
 * The board: where everything lies on the bus, and which interrupt line it pulls.
 *
 * This is QEMU's `virt` board (hw/riscv/virt.c), so that one image boots on both; what is
 * ours alone (the DMA guard) lies where `virt` has nothing. Begin reading here: the other
 * files of this folder are one device each, registers only.
 */

/** Base address of each device, in bytes on the bus. */
export const enum Base {
  Finisher = 0x0010_0000,
  RealTimeClock = 0x0010_1000,
  Clint = 0x0200_0000,
  DmaGuard = 0x0300_0000,
  Plic = 0x0c00_0000,
  Uart = 0x1000_0000,
  Virtio = 0x1000_1000,
  Ram = 0x8000_0000,
}

/** Bytes each device occupies on the bus. */
export const enum Size {
  Finisher = 0x1000,
  RealTimeClock = 0x1000,
  Clint = 0x1_0000,
  DmaGuard = 0x1000,
  Plic = 0x60_0000,
  Uart = 0x100,
  VirtioSlot = 0x1000,
}

/** Sources of the interrupt controller. Virtio slot n pulls line `Line.Virtio + n`. */
export const enum Line {
  Virtio = 1,
  Uart = 10,
  RealTimeClock = 11,
}

/** Transports a virtio device can sit behind; `virt` fills them from the last. */
export const VIRTIO_SLOTS = 8;

export const MEBIBYTE = 0x10_0000;
export const RAM_DEFAULT_BYTES = 64 * MEBIBYTE;
export const RAM_MAXIMUM_BYTES = 1024 * MEBIBYTE;

/** Nominal processor clock: what turns a cycle count into time. */
export const CYCLES_PER_SECOND = 100_000_000;
/** Rate of `mtime`, as on QEMU. */
export const TICKS_PER_SECOND = 10_000_000;
export const CYCLES_PER_TICK = 10;
