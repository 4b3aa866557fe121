/** The primes below 8192, counted with the sieve of Eratosthenes. */
const LIMIT = 8192;
const composite = new Uint8Array(LIMIT);

export function main(): i32 {
  let primes = 0;
  for (let round = 0; round < 4; round++) {
    composite.fill(0);
    primes = 0;
    for (let candidate = 2; candidate < LIMIT; candidate++) {
      if (composite[candidate] !== 0) continue;
      primes++;
      for (let multiple = candidate * 2; multiple < LIMIT; multiple += candidate) composite[multiple] = 1;
    }
  }
  return primes;
}
