/**
 * What compiled code calls without any source naming it: comparing strings, dividing 64-bit numbers, moving and filling bytes.
 *
 * The compiler knows these functions by name (`RuntimeSymbol` in compiler/ir.ts). Nothing here may use what it implements:
 * no string comparison, no u64 division, no `set` or `fill`. Begin anywhere.
 */

// Named so that nobody puts them behind `at`: these accesses need not be volatile.
class PlainByte {
  value: u8 = 0;
}

class PlainWord {
  value: u32 = 0;
}

/** Whether two strings, given by their bytes, are equal. */
export function stringEqual(left: u32, leftLength: u32, right: u32, rightLength: u32): boolean {
  if (leftLength !== rightLength) return false;
  for (let index: u32 = 0; index < leftLength; index++)
    if (view(left + index, PlainByte).value !== view(right + index, PlainByte).value) return false;
  return true;
}

/** Copies bytes between places that may overlap. Words where both are aligned. */
export function moveBytes(target: u32, source: u32, bytes: u32): void {
  if (target - source < bytes) moveBackward(target, source, bytes);
  else moveForward(target, source, bytes);
}

function moveForward(target: u32, source: u32, bytes: u32): void {
  const end = target + bytes;
  if (((target ^ source) & 3) === 0) {
    while (target !== end && (target & 3) !== 0) view(target++, PlainByte).value = view(source++, PlainByte).value;
    while (end - target >= 16) {
      copyWord(target, source);
      copyWord(target + 4, source + 4);
      copyWord(target + 8, source + 8);
      copyWord(target + 12, source + 12);
      target += 16;
      source += 16;
    }
    while (end - target >= 4) {
      copyWord(target, source);
      target += 4;
      source += 4;
    }
  }
  while (target !== end) view(target++, PlainByte).value = view(source++, PlainByte).value;
}

/** From the end, for a target that begins inside the source. */
function moveBackward(target: u32, source: u32, bytes: u32): void {
  let to = target + bytes;
  let from = source + bytes;
  if (((to ^ from) & 3) === 0) {
    while (to !== target && (to & 3) !== 0) view(--to, PlainByte).value = view(--from, PlainByte).value;
    while (to - target >= 4) {
      to -= 4;
      from -= 4;
      copyWord(to, from);
    }
  }
  while (to !== target) view(--to, PlainByte).value = view(--from, PlainByte).value;
}

function copyWord(target: u32, source: u32): void {
  view(target, PlainWord).value = view(source, PlainWord).value;
}

/** Stores the low byte of `value` everywhere. */
export function fillBytes(target: u32, value: u32, bytes: u32): void {
  const end = target + bytes;
  const byte = value & 0xff;
  const word = byte * 0x0101_0101;
  while (target !== end && (target & 3) !== 0) view(target++, PlainByte).value = u8(byte);
  for (; end - target >= 32; target += 32) {
    view(target, PlainWord).value = word;
    view(target + 4, PlainWord).value = word;
    view(target + 8, PlainWord).value = word;
    view(target + 12, PlainWord).value = word;
    view(target + 16, PlainWord).value = word;
    view(target + 20, PlainWord).value = word;
    view(target + 24, PlainWord).value = word;
    view(target + 28, PlainWord).value = word;
  }
  while (end - target >= 4) {
    view(target, PlainWord).value = word;
    target += 4;
  }
  while (target !== end) view(target++, PlainByte).value = u8(byte);
}

/** Quotient of 64-bit numbers. The compiler has checked that the divisor is not zero. */
export function divideLong(dividend: u64, divisor: u64): u64 {
  if (divisor >> 32n === 0n) return divideByWord(dividend, u32(divisor));
  return quotientByBits(dividend, divisor);
}

export function remainderLong(dividend: u64, divisor: u64): u64 {
  return dividend - divideLong(dividend, divisor) * divisor;
}

/** Schoolbook division with digits of 32 bits: the upper word by the machine, then what is left, sixteen bits at a time where that fits. */
function divideByWord(dividend: u64, divisor: u32): u64 {
  const high = u32(dividend >> 32n);
  const low = u32(dividend);
  if (high === 0) return u64(low / divisor);
  const upper = high / divisor;
  let rest = high % divisor;
  if (divisor <= 0x1_0000) {
    const middle = (rest << 16) | (low >>> 16);
    rest = middle % divisor;
    const last = (rest << 16) | (low & 0xffff);
    return (u64(upper) << 32n) | u64(((middle / divisor) << 16) + last / divisor);
  }
  let quotient: u32 = 0;
  for (let bit = 31; bit >= 0; bit--) {
    const carry = rest >>> 31;
    rest = (rest << 1) | ((low >>> bit) & 1);
    quotient <<= 1;
    if (carry !== 0 || rest >= divisor) {
      rest -= divisor;
      quotient |= 1;
    }
  }
  return (u64(upper) << 32n) | u64(quotient);
}

/** A divisor above 2^32: the quotient has at most 32 bits. */
function quotientByBits(dividend: u64, divisor: u64): u64 {
  let rest = dividend >> 32n;
  const low = u32(dividend);
  let quotient: u32 = 0;
  for (let bit = 31; bit >= 0; bit--) {
    const carry = rest >> 63n;
    rest = (rest << 1n) | u64((low >>> bit) & 1);
    quotient <<= 1;
    if (carry !== 0n || rest >= divisor) {
      rest -= divisor;
      quotient |= 1;
    }
  }
  return u64(quotient);
}
