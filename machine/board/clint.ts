/**
 * The core-local interruptor: software interrupt, timer compare, time. Offsets from `Base.Clint` (SiFive U54 manual,
 * chapter 9).
 */
export const enum Clint {
  /** Bit 0 raises the machine software interrupt. */
  SoftwareInterrupt = 0x0000,
  /** 64 bits: the timer interrupt is pending while `Time >= TimeCompare`. */
  TimeCompare = 0x4000,
  /** 64 bits, counting at `TICKS_PER_SECOND`. */
  Time = 0xbff8,
}
