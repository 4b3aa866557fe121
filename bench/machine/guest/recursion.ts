/** Recursion for its own sake: Fibonacci's numbers, where half of all calls do nothing, and Ackermann's function, where they nest. */
export function main(): i32 {
  return fibonacci(21) + ackermann(2, 60) + ackermann(1, 300);
}

function fibonacci(n: i32): i32 {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

function ackermann(m: i32, n: i32): i32 {
  if (m === 0) return n + 1;
  if (n === 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}
