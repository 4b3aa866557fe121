/**
 * Which bits of a value can be set: what masks, shifts, narrow loads and comparisons tell about their results.
 */
import { isComparison, type Value } from "./ssa.ts";

/** How far to look into operands. */
const DEPTH = 5;

/** A mask: every bit that the value may have. 0 only for the constant 0. */
export function possibleBits(value: Value, depth = DEPTH): number {
  if (value.kind === "constant") return value.offset;
  if (isComparison(value.kind)) return 1;
  if (value.kind === "load" && !value.signed && value.bytes < 4) return (1 << (8 * value.bytes)) - 1;
  if (depth === 0) return -1;
  const [left, right] = value.inputs;
  switch (value.kind) {
    case "and":
      return possibleBits(left!, depth - 1) & possibleBits(right!, depth - 1);
    case "or":
    case "xor":
      return possibleBits(left!, depth - 1) | possibleBits(right!, depth - 1);
    case "shiftLeft":
      return right!.kind === "constant" ? possibleBits(left!, depth - 1) << right!.offset : -1;
    case "shiftRightUnsigned":
      return right!.kind === "constant" ? (possibleBits(left!, depth - 1) >>> right!.offset) | 0 : -1;
    case "remainderUnsigned":
      return right!.kind === "constant" && right!.offset > 0 ? smear(right!.offset - 1) : -1;
    case "divideUnsigned":
      return right!.kind === "constant" && right!.offset > 0 ? smear(2 ** 32 / right!.offset) : -1;
    case "add":
      return sum(possibleBits(left!, depth - 1), possibleBits(right!, depth - 1));
    default:
      return -1;
  }
}

/** All bits up to the highest one of a number below 2^32. */
function smear(greatest: number): number {
  const leading = Math.clz32(Math.min(greatest, 0xffff_ffff) >>> 0);
  return leading === 0 ? -1 : (1 << (32 - leading)) - 1;
}

function sum(left: number, right: number): number {
  const greatest = (left >>> 0) + (right >>> 0);
  return greatest > 0xffff_ffff ? -1 : smear(greatest);
}
