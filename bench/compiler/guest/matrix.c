/* The product of two 32 by 32 matrices. */
#include "support.h"
#define SIDE 32
static i32 left[SIDE * SIDE];
static i32 right[SIDE * SIDE];
static i32 product[SIDE * SIDE];

static void multiply(void) {
  for (int row = 0; row < SIDE; row++) {
    for (int column = 0; column < SIDE; column++) {
      int sum = 0;
      for (int index = 0; index < SIDE; index++) sum += left[row * SIDE + index] * right[index * SIDE + column];
      product[row * SIDE + column] = sum;
    }
  }
}

int main(void) {
  for (int index = 0; index < SIDE * SIDE; index++) {
    left[index] = index % 17;
    right[index] = index % 23;
  }
  multiply();
  int sum = 0;
  for (int index = 0; index < SIDE * SIDE; index++) sum += product[index];
  return sum & 0x7fff;
}
