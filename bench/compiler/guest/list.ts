/** A linked list of 512 nodes: built, reversed, searched and summed, many times. */
class Node {
  value: i32 = 0;
  next: Node | null = null;
}

const nodes = table(Node, 512);
let first: Node | null = null;

export function main(): i32 {
  let sum = 0;
  for (let round = 0; round < 20; round++) {
    build(round);
    reverse();
    if (find(round * 3 + 7)) sum++;
    sum += total();
  }
  return sum & 0x7fff;
}

function build(seed: i32): void {
  first = null;
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    node.value = (index * 7 + seed) & 1023;
    node.next = first;
    first = node;
  }
}

function reverse(): void {
  let reversed: Node | null = null;
  let node = first;
  while (node !== null) {
    const next: Node | null = node.next;
    node.next = reversed;
    reversed = node;
    node = next;
  }
  first = reversed;
}

function find(value: i32): boolean {
  for (let node = first; node !== null; node = node.next) if (node.value === value) return true;
  return false;
}

function total(): i32 {
  let sum = 0;
  for (let node = first; node !== null; node = node.next) sum += node.value;
  return sum;
}
