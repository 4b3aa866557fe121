/* Messages of 64 bytes copied through a ring of queues, as a kernel does. */
#include "support.h"
struct letter {
  u32 source;
  u32 type;
  u32 words[14];
};

#define SLOTS 16
static struct letter ring[SLOTS];
static struct letter outgoing;
static struct letter incoming;

int main(void) {
  u32 sum = 0;
  u32 head = 0;
  u32 tail = 0;
  for (u32 round = 0; round < 1000; round++) {
    outgoing.source = round;
    outgoing.type = round & 7;
    outgoing.words[round % 14] = round * 3;
    ring[head] = outgoing;
    head = (head + 1) % SLOTS;
    if (round % 3 == 0) continue;
    incoming = ring[tail];
    tail = (tail + 1) % SLOTS;
    sum += incoming.source + incoming.type + incoming.words[incoming.type];
  }
  return sum & 0x7fff;
}
