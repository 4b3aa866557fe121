/** Quicksort of 2,048 numbers. */
const COUNT = 2048;
const numbers = new Int32Array(COUNT);

export function main(): i32 {
  let seed: u32 = 12345;
  for (let index = 0; index < COUNT; index++) {
    seed = seed * 1_103_515_245 + 12345;
    numbers[index] = i32(seed >>> 8);
  }
  sort(numbers, 0, COUNT - 1);
  let ordered = 0;
  for (let index = 1; index < COUNT; index++) if (numbers[index - 1] <= numbers[index]) ordered++;
  return ordered;
}

function sort(values: Int32Array, from: i32, to: i32): void {
  if (from >= to) return;
  const pivot = values[(from + to) / 2];
  let low = from;
  let high = to;
  while (low <= high) {
    while (values[low] < pivot) low++;
    while (values[high] > pivot) high--;
    if (low > high) break;
    const other = values[low];
    values[low] = values[high];
    values[high] = other;
    low++;
    high--;
  }
  sort(values, from, high);
  sort(values, low, to);
}
