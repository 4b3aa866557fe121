/**
 * What the IR's operators compute: the one definition that constant folding, conditional constant propagation and the tests share.
 */
import type { BinaryOperator, Comparison } from "./ir.ts";

/** The operator on two i32 words; null where the machine would have no answer (a division by zero, which a check precedes). */
export function evaluate(operator: BinaryOperator, left: number, right: number): number | null {
  switch (operator) {
    case "add":
      return (left + right) | 0;
    case "subtract":
      return (left - right) | 0;
    case "multiply":
      return Math.imul(left, right);
    case "multiplyHigh":
      return Number((BigInt(left) * BigInt(right)) >> 32n) | 0;
    case "multiplyHighUnsigned":
      return Number((BigInt(left >>> 0) * BigInt(right >>> 0)) >> 32n) | 0;
    case "divide":
      return right === 0 ? null : (left / right) | 0;
    case "divideUnsigned":
      return right === 0 ? null : ((left >>> 0) / (right >>> 0)) | 0;
    case "remainder":
      return right === 0 ? null : (left % right) | 0;
    case "remainderUnsigned":
      return right === 0 ? null : ((left >>> 0) % (right >>> 0)) | 0;
    case "and":
      return left & right;
    case "or":
      return left | right;
    case "xor":
      return left ^ right;
    case "shiftLeft":
      return left << right;
    case "shiftRight":
      return left >> right;
    case "shiftRightUnsigned":
      return (left >>> right) | 0;
    default:
      return compare(operator, left, right) ? 1 : 0;
  }
}

/** Whether the comparison holds between two i32 words. */
export function compare(operator: Comparison, left: number, right: number): boolean {
  switch (operator) {
    case "equal":
      return left === right;
    case "notEqual":
      return left !== right;
    case "less":
      return left < right;
    case "lessEqual":
      return left <= right;
    case "greater":
      return left > right;
    case "greaterEqual":
      return left >= right;
    case "lessUnsigned":
      return left >>> 0 < right >>> 0;
    case "lessEqualUnsigned":
      return left >>> 0 <= right >>> 0;
    case "greaterUnsigned":
      return left >>> 0 > right >>> 0;
    case "greaterEqualUnsigned":
      return left >>> 0 >= right >>> 0;
  }
}
