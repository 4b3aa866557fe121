/**
 * The test finisher: one 32-bit register at `Base.Finisher` that ends the machine's run (SiFive test device, as in
 * QEMU's hw/misc/sifive_test.c).
 */
export const enum Finish {
  /** Exit status in the upper half-word. */
  Fail = 0x3333,
  /** Exit status 0. */
  Pass = 0x5555,
  Reset = 0x7777,
}
