/** Pointer chasing: a chain through 65,536 nodes of 16 bytes in random order, so that nearly every step leads to another page. */
const COUNT = 65536;

class Node {
  static readonly bytes = 16;
  next: Node | null = null;
  value: u32 = 0;
}

const nodes = table(Node, COUNT);
let isChained = false;

export function main(): i32 {
  if (!isChained) chain();
  let sum: u32 = 0;
  for (let node: Node | null = nodes[0]; node !== null; node = node.next) sum = sum * 3 + node.value;
  return i32(sum & 0x7fff_ffff);
}

/** One cycle through all nodes (Sattolo's shuffle), cut open at the first. */
function chain(): void {
  const order = orderOfNodes;
  for (let index = 0; index < COUNT; index++) order[index] = u32(index);
  let seed: u32 = 2463534242;
  for (let index = COUNT - 1; index > 0; index--) {
    seed = seed * 1_664_525 + 1_013_904_223;
    const other = i32((seed >>> 8) % u32(index));
    const moved = order[index];
    order[index] = order[other];
    order[other] = moved;
  }
  let first = 0;
  while (order[first] !== 0) first++;
  for (let index = 0; index < COUNT; index++) {
    const node = nodes[i32(order[(first + index) % COUNT])];
    node.value = u32(index);
    node.next = index === COUNT - 1 ? null : nodes[i32(order[(first + index + 1) % COUNT])];
  }
  isChained = true;
}
const orderOfNodes = new Uint32Array(COUNT);
