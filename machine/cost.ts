/**
 * What everything costs, in cycles of the nominal 100 MHz clock: the one place where time is decided.
 *
 * Costs belong to architectural events only: an instruction of a class, a trap, a device access. Nothing here depends
 * on a TLB, a cache or an engine, and page walks are free, so every engine on every host counts alike. An instruction
 * costs its class (`InstructionCost`, read by isa/instructions.ts) plus what happened in it (`EventCost`).
 */
export const InstructionCost = {
  /** Register to register, immediates, `lui`, `auipc`. */
  arithmetic: 1,
  multiply: 3,
  /** Division and remainder, whatever the operands. */
  divide: 20,
  load: 2,
  store: 1,
  /** `lr.w`, `sc.w` and the AMOs. */
  atomic: 5,
  /** Conditional branch, taken or not. */
  branch: 1,
  /** `jal`, `jalr`. */
  jump: 2,
  /** Reads and writes of control and status registers. */
  csr: 3,
  fence: 2,
  /** `fence.i`. */
  fenceInstruction: 10,
  /** `sfence.vma`. */
  fenceTranslation: 10,
  /** `mret`, `sret`. */
  trapReturn: 4,
  /** `wfi`; the wait itself lasts until something happens. */
  wait: 1,
  /** `ecall`, `ebreak`: the trap they raise is charged instead, so this is never charged alone. */
  environment: 1,
} as const;

export const EventCost = {
  /** Trap entry, for exceptions and interrupts. The instruction that trapped is not charged besides. */
  trap: 4,
  /** A load or store that is not naturally aligned, in addition. */
  misaligned: 4,
  /** A load or store that reaches a device, in addition. */
  device: 10,
  /** A write to `satp`, in addition. */
  addressSpace: 5,
} as const;

/** Delays of devices. */
export const DeviceDelay = {
  /** Serial line: one character, either direction (100,000 characters a second). */
  uartCharacter: 1_000,
  /**
   * A receive FIFO that holds something below its trigger level interrupts after this silence: four characters
   * (PC16550D, 8.4).
   */
  uartReceiveTimeout: 4_000,
  /** Block device: from the start of a request to its completion: 20 µs, */
  diskRequest: 2_000,
  /** and 1 µs for each sector moved. */
  diskSector: 100,
} as const;
