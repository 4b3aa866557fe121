/** Messages of 64 bytes copied through a ring of queues, as a kernel does. */
class Letter {
  source: u32 = 0;
  type: u32 = 0;
  readonly words = new Uint32Array(14);
}

const SLOTS = 16;
const ring = table(Letter, SLOTS);
const outgoing = new Letter();
const incoming = new Letter();

export function main(): i32 {
  let sum: u32 = 0;
  let head: u32 = 0;
  let tail: u32 = 0;
  for (let round: u32 = 0; round < 1000; round++) {
    outgoing.source = round;
    outgoing.type = round & 7;
    outgoing.words[round % 14] = round * 3;
    copy(ring[head], outgoing);
    head = (head + 1) % SLOTS;
    if (round % 3 === 0) continue;
    copy(incoming, ring[tail]);
    tail = (tail + 1) % SLOTS;
    sum += incoming.source + incoming.type + incoming.words[incoming.type];
  }
  return i32(sum & 0x7fff);
}
