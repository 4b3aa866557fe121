/** The product of two 32 by 32 matrices. */
const SIDE = 32;
const left = new Int32Array(SIDE * SIDE);
const right = new Int32Array(SIDE * SIDE);
const product = new Int32Array(SIDE * SIDE);

export function main(): i32 {
  for (let index = 0; index < SIDE * SIDE; index++) {
    left[index] = index % 17;
    right[index] = index % 23;
  }
  multiply();
  let sum = 0;
  for (const element of product) sum += element;
  return sum & 0x7fff;
}

function multiply(): void {
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      let sum = 0;
      for (let index = 0; index < SIDE; index++) sum += left[row * SIDE + index] * right[index * SIDE + column];
      product[row * SIDE + column] = sum;
    }
  }
}
