/** Where everything lies that random loops share, and what each part of one is told. */
import type { Mode } from "../../../machine/isa/registers.ts";
import { ORIGIN } from "../assembler.ts";

/** Where S-mode's handler sees the image in each address space. */
export const ALIAS = 0xc000_0000;
/** Pages to walk, in regions whose pages have the same places among the translations. */
export const WINDOW = 0x4000_0000;
export const REGIONS = 4;
export const REGION_BYTES = 0x100_0000;
export const PAGES = 16;
export const CLINT_WINDOW = 0x5000_0000;
export const UART_WINDOW = 0x5040_0000;

/** Physical pages of data, and those of the image. */
export const FRAMES = ORIGIN + 0x20_0000;
export const FRAME_PAGES = 16;
export const CODE_PAGES = 6;
/** Two address spaces. Behind the first root stand the tables for the devices' windows, then one for each region. */
export const ROOT = ORIGIN + 0x30_0000;
export const FIRST_REGION_TABLE = ROOT + 0x3000;
export const OTHER_ROOT = ROOT + 0x1_0000;
/** What the second has in the place of some of the image's pages. */
export const VARIANT = ORIGIN + 0x40_0000;
export const STACK_END = ORIGIN + 0x1f_0000;
export const MACHINE_FRAME = ORIGIN + 0x18_0000;
export const SUPERVISOR_FRAME = ORIGIN + 0x18_1000;

export interface LoopContext {
  readonly mode: Mode;
  /** satp says Sv32: M-mode sees that by MPRV. */
  readonly isPaged: boolean;
  /** Whatever upsets things is done in few turns. */
  readonly isCalm: boolean;
  /** Pointers go from page to page, so that most accesses miss. */
  readonly walks: boolean;
}

export function pageOf(region: number, page: number): number {
  return WINDOW + region * REGION_BYTES + page * 0x1000;
}
