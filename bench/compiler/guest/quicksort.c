/* Quicksort of 2,048 numbers. */
#include "support.h"
#define COUNT 2048
static i32 numbers[COUNT];

static void sort(i32 *values, i32 from, i32 to) {
  if (from >= to) return;
  i32 pivot = values[(from + to) / 2];
  i32 low = from;
  i32 high = to;
  while (low <= high) {
    while (values[low] < pivot) low++;
    while (values[high] > pivot) high--;
    if (low > high) break;
    i32 other = values[low];
    values[low] = values[high];
    values[high] = other;
    low++;
    high--;
  }
  sort(values, from, high);
  sort(values, low, to);
}

int main(void) {
  u32 seed = 12345;
  for (int index = 0; index < COUNT; index++) {
    seed = seed * 1103515245 + 12345;
    numbers[index] = (i32)(seed >> 8);
  }
  sort(numbers, 0, COUNT - 1);
  int ordered = 0;
  for (int index = 1; index < COUNT; index++) if (numbers[index - 1] <= numbers[index]) ordered++;
  return ordered;
}
