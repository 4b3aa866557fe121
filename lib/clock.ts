/** The time since the machine started, as every process can read it: the ticks of mtime. */

export const TICKS_PER_MILLISECOND = 10_000n;
/** The board's nominal clock: what turns cycles into time. */
export const CYCLES_PER_MILLISECOND = 100_000n;

/** Ticks since the machine started. */
export function now(): u64 {
  for (;;) {
    const high = csr.timeh;
    const low = csr.time;
    if (csr.timeh === high) return (u64(high) << 32n) | u64(low);
  }
}
