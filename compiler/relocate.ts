/**
 * What the linker writes into the instructions and words that refer to symbols (RISC-V ELF psABI, section 2.3).
 */
import { highPart, jumpOffset } from "./encode.ts";
import type { Section } from "./object.ts";

/** What `jal` reaches, in bytes. */
const JUMP_REACH = 1 << 20;

/** Completes a section that lies at `at` in the view and will be loaded to `address`. Throws RangeError where a jump does not reach. */
export function applyRelocations(
  view: DataView,
  at: number,
  address: number,
  section: Section,
  addressOf: (symbol: string) => number,
): void {
  for (const { offset, kind, symbol, addend } of section.relocations) {
    const target = (addressOf(symbol) + addend) | 0;
    const place = at + offset;
    const word = view.getUint32(place, true);
    switch (kind) {
      case "word":
        view.setUint32(place, target, true);
        break;
      case "high":
        view.setUint32(place, word | highPart(target), true);
        break;
      case "lowLoad":
        view.setUint32(place, word | (target << 20), true);
        break;
      case "lowStore":
        view.setUint32(place, word | ((target & 0xfe0) << 20) | ((target & 31) << 7), true);
        break;
      case "jump": {
        const distance = (target - (address + offset)) | 0;
        if (distance < -JUMP_REACH || distance >= JUMP_REACH) {
          throw new RangeError(`${section.symbol}: ${symbol} is farther away than a jump reaches (1 MiB)`);
        }
        view.setUint32(place, word | jumpOffset(distance), true);
      }
    }
  }
}
