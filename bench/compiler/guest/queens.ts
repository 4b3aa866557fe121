/** In how many ways eight queens fit on a board: recursion over rows, with the threatened lines as sets of bits. */
const SIDE = 8;
const ALL: u32 = (1 << SIDE) - 1;

export function main(): i32 {
  return place(0, 0, 0);
}

function place(columns: u32, falling: u32, rising: u32): i32 {
  if (columns === ALL) return 1;
  let ways = 0;
  let free = ALL & ~(columns | falling | rising);
  while (free !== 0) {
    const queen = free & (~free + 1);
    free ^= queen;
    ways += place(columns | queen, (falling | queen) >>> 1, (rising | queen) << 1);
  }
  return ways;
}
