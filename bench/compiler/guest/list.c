/* A linked list of 512 nodes: built, reversed, searched and summed, many times. */
#include "support.h"
struct node {
  i32 value;
  struct node *next;
};

static struct node nodes[512];
static struct node *first;

static void build(i32 seed) {
  first = 0;
  for (int index = 0; index < 512; index++) {
    struct node *node = &nodes[index];
    node->value = (index * 7 + seed) & 1023;
    node->next = first;
    first = node;
  }
}

static void reverse(void) {
  struct node *reversed = 0;
  struct node *node = first;
  while (node) {
    struct node *next = node->next;
    node->next = reversed;
    reversed = node;
    node = next;
  }
  first = reversed;
}

static int find(i32 value) {
  for (struct node *node = first; node; node = node->next) if (node->value == value) return 1;
  return 0;
}

static i32 total(void) {
  i32 sum = 0;
  for (struct node *node = first; node; node = node->next) sum += node->value;
  return sum;
}

int main(void) {
  i32 sum = 0;
  for (int round = 0; round < 20; round++) {
    build(round);
    reverse();
    if (find(round * 3 + 7)) sum++;
    sum += total();
  }
  return sum & 0x7fff;
}
