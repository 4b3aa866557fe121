/**
 * The DMA guard: a device may touch only the ranges the kernel has opened for it.
 *
 * A device of our own, found in the device tree as `renix,dma-guard`, and absent on QEMU. It has
 * `DMA_WINDOWS` windows; a transfer is allowed where one window of its device covers it whole, with the right
 * direction. Anything else fails as the device's own I/O error, and `Violations` counts it. Until `Control` is
 * written 1 the guard lets everything pass, as a board without it would.
 */
export const enum DmaGuard {
  /** Bit 0: enforce. */
  Control = 0x00,
  /** How many windows there are. Read only. */
  Windows = 0x04,
  /** Transfers refused since reset. Read only. */
  Violations = 0x08,
  /** The first window; `WindowStride` bytes for each. */
  Window = 0x100,
  WindowStride = 0x10,
}

/** Fields of a window, offsets within it. */
export const enum DmaWindow {
  /** First byte on the bus. */
  Base = 0x0,
  /** Length; 0 closes the window. */
  Bytes = 0x4,
  /** Interrupt line of the device that may use it: its name on the board. */
  Device = 0x8,
  /** `DmaAccess` bits. */
  Access = 0xc,
}

export const enum DmaAccess {
  DeviceReads = 1 << 0,
  DeviceWrites = 1 << 1,
}

export const DMA_WINDOWS = 128;
