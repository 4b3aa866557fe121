/** CPU exceptions in words: what crash records, `service status` and the log call them. */

/** By mcause (RISC-V privileged specification, table of exception codes). */
const NAMES: readonly string[] = [
  "fetch misaligned",
  "fetch access fault",
  "illegal instruction",
  "breakpoint",
  "load misaligned",
  "load access fault",
  "store misaligned",
  "store access fault",
  "system call",
  "system call",
  "system call",
  "system call",
  "fetch page fault",
  "load page fault",
  "reserved",
  "store page fault",
];

/** At most 20 characters. */
export function exceptionName(mcause: u32): string {
  return mcause < u32(NAMES.length) ? NAMES[mcause] : "unknown exception";
}
