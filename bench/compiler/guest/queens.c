/* In how many ways eight queens fit on a board: recursion over rows, with the threatened lines as sets of bits. */
#include "support.h"
#define SIDE 8
#define ALL ((1u << SIDE) - 1)

static i32 place(u32 columns, u32 falling, u32 rising) {
  if (columns == ALL) return 1;
  i32 ways = 0;
  u32 free = ALL & ~(columns | falling | rising);
  while (free != 0) {
    u32 queen = free & (~free + 1);
    free ^= queen;
    ways += place(columns | queen, (falling | queen) >> 1, (rising | queen) << 1);
  }
  return ways;
}

int main(void) { return place(0, 0, 0); }
