/** The platform-level interrupt controller: offsets from `Base.Plic` (RISC-V PLIC specification 1.0.0, section 3). */
export const enum Plic {
  /** One word for each source; 0 never interrupts. */
  Priority = 0x0000_0000,
  /** One bit for each source, read only. */
  Pending = 0x0000_1000,
  /** One bit for each source; `EnableStride` bytes for each context. */
  Enable = 0x0000_2000,
  EnableStride = 0x80,
  /** A context is one hart in one mode; `ContextStride` bytes for each. */
  Threshold = 0x0020_0000,
  /** Read to claim, write to complete. */
  Claim = 0x0020_0004,
  ContextStride = 0x1000,
}

/** Contexts of hart 0. */
export const enum Context {
  Machine = 0,
  Supervisor = 1,
}

/** Sources the controller of the board has; source 0 does not exist. */
export const PLIC_SOURCES = 96;
