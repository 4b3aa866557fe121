/* The primes below 8192, counted with the sieve of Eratosthenes. */
#include "support.h"
#define LIMIT 8192
static u8 composite[LIMIT];

int main(void) {
  int primes = 0;
  for (int round = 0; round < 4; round++) {
    memset(composite, 0, sizeof composite);
    primes = 0;
    for (int candidate = 2; candidate < LIMIT; candidate++) {
      if (composite[candidate] != 0) continue;
      primes++;
      for (int multiple = candidate * 2; multiple < LIMIT; multiple += candidate) composite[multiple] = 1;
    }
  }
  return primes;
}
