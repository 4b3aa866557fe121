/*
 * A driver's view of the board, to be run on QEMU and on our machine with the same output: finds the disk among the virtio slots,
 * reads and writes it by interrupt through the PLIC, takes timer interrupts, and sends its output by transmitter interrupts.
 */
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

#define REG32(address) (*(volatile u32 *)(address))
#define REG8(address) (*(volatile u8 *)(address))
enum { UART = 0x10000000, PLIC = 0x0c000000, CLINT = 0x02000000, VIRTIO = 0x10001000 };
enum { UART_LINE = 10 };
/* Whether the drivers acknowledge their devices' interrupts; some that run on QEMU do not. */
#ifndef ACKNOWLEDGES
#define ACKNOWLEDGES 1
#endif

static char output[4096];
static volatile u32 outputHead, outputTail;
static volatile u32 ticks, diskInterrupts, diskBase, diskLine;

static void put(char c) {
  while (outputHead - outputTail == sizeof output) {}
  output[outputHead++ % sizeof output] = c;
  REG8(UART + 1) = 2; /* interrupt when the transmitter is empty */
}

static void print(const char *text) {
  while (*text) put(*text++);
}

static void printHex(const char *name, u32 value) {
  print(name);
  for (int shift = 28; shift >= 0; shift -= 4) put("0123456789abcdef"[(value >> shift) & 15]);
  put('\n');
}

static void transmit(void) {
  while (REG8(UART + 5) & 0x20) {
    if (outputTail == outputHead) {
      REG8(UART + 1) = 0;
      return;
    }
    REG8(UART) = output[outputTail++ % sizeof output];
  }
}

__attribute__((interrupt, aligned(4))) static void trap(void) {
  u32 cause;
  asm volatile("csrr %0, mcause" : "=r"(cause));
  if (cause == 0x80000007) {
    ticks++;
    REG32(CLINT + 0x4004) = 0xffffffff;
    return;
  }
  for (u32 line; (line = REG32(PLIC + 0x200004)) != 0; REG32(PLIC + 0x200004) = line) {
    if (line == UART_LINE) {
      if (ACKNOWLEDGES) (void)REG8(UART + 2);
      transmit();
    } else if (line == diskLine) {
      if (ACKNOWLEDGES) REG32(diskBase + 0x64) = REG32(diskBase + 0x60);
      diskInterrupts++;
    }
  }
}

/* Sleeps until an interrupt handler has changed the count; interrupts are off between the look and the sleep. */
static void waitForChange(volatile u32 *count, u32 before) {
  while (*count == before) {
    asm volatile("csrci mstatus, 8" ::: "memory");
    if (*count == before) asm volatile("wfi");
    asm volatile("csrsi mstatus, 8" ::: "memory");
  }
}

static void enableLine(u32 line) {
  REG32(PLIC + 4 * line) = 1;
  REG32(PLIC + 0x2000 + 4 * (line / 32)) |= 1 << (line % 32);
}

/* The queue: eight descriptors, and the rings; as drivers of version 1 have to lay them out. */
struct Descriptor { u32 address, addressHigh, length; u16 flags, next; };
static struct {
  struct Descriptor descriptors[8];
  volatile struct { u16 flags, index, ring[8], usedEvent; } available;
  volatile struct { u16 flags, index; struct { u32 id, length; } ring[8]; } used __attribute__((aligned(4096)));
} queue __attribute__((aligned(4096)));
static struct { u32 type, reserved, sector, sectorHigh; } header;
static volatile u8 status;
static u8 buffer[4096];

static int findDisk(void) {
  for (u32 slot = 0; slot < 8; slot++) {
    u32 base = VIRTIO + slot * 0x1000;
    if (REG32(base) != 0x74726976 || REG32(base + 8) != 2) continue;
    diskBase = base;
    diskLine = slot + 1;
    return 1;
  }
  return 0;
}

/* Virtio 1.1, section 4.2.4. The size of a page outlives the reset. */
static void startLegacyDisk(void) {
  REG32(diskBase + 0x28) = 4096;
  REG32(diskBase + 0x70) = 0;
  REG32(diskBase + 0x70) = 3;
  REG32(diskBase + 0x14) = 1;
  printHex("high features ", REG32(diskBase + 0x10));
  REG32(diskBase + 0x14) = 0;
  printHex("flush feature ", REG32(diskBase + 0x10) & 0x200);
  REG32(diskBase + 0x24) = 0;
  REG32(diskBase + 0x20) = 0x200;
  REG32(diskBase + 0x70) = 11; /* FEATURES_OK means nothing yet, and does no harm */
  REG32(diskBase + 0x30) = 1;
  printHex("second queue ", REG32(diskBase + 0x34));
  REG32(diskBase + 0x30) = 0;
  printHex("queue maximum ", REG32(diskBase + 0x34));
  printHex("page before ", REG32(diskBase + 0x40));
  REG32(diskBase + 0x38) = 8;
  REG32(diskBase + 0x3c) = 4096;
  REG32(diskBase + 0x40) = (u32)&queue / 4096;
  printHex("page right ", REG32(diskBase + 0x40) == (u32)&queue / 4096);
  REG32(diskBase + 0x70) = 15;
}

static void startDisk(void) {
  REG32(diskBase + 0x70) = 0;
  REG32(diskBase + 0x70) = 3;
  REG32(diskBase + 0x24) = 1;
  REG32(diskBase + 0x20) = 1; /* version 1 */
  REG32(diskBase + 0x24) = 0;
  REG32(diskBase + 0x20) = 0;
  REG32(diskBase + 0x70) = 11;
  printHex("features ", REG32(diskBase + 0x70) & 8);
  REG32(diskBase + 0x30) = 0;
  REG32(diskBase + 0x38) = 8;
  REG32(diskBase + 0x80) = (u32)queue.descriptors;
  REG32(diskBase + 0x90) = (u32)&queue.available;
  REG32(diskBase + 0xa0) = (u32)&queue.used;
  REG32(diskBase + 0x44) = 1;
  REG32(diskBase + 0x70) = 15;
}

static u32 transfer(u32 type, u32 sector, u32 bytes) {
  header.type = type;
  header.sector = sector;
  status = 0xee;
  queue.descriptors[0] = (struct Descriptor){(u32)&header, 0, 16, 1, bytes ? 1 : 2}; /* no buffer is empty */
  queue.descriptors[1] = (struct Descriptor){(u32)buffer, 0, bytes, type == 0 ? 3 : 1, 2};
  queue.descriptors[2] = (struct Descriptor){(u32)&status, 0, 1, 2, 0};
  queue.available.ring[queue.available.index % 8] = 0;
  asm volatile("fence" ::: "memory");
  queue.available.index++;
  asm volatile("fence" ::: "memory");
  u32 before = diskInterrupts;
  REG32(diskBase + 0x50) = 0;
  waitForChange(&diskInterrupts, before);
  return status;
}

static u32 checksum(void) {
  u32 sum = 0;
  for (u32 i = 0; i < sizeof buffer; i++) sum = sum * 31 + buffer[i];
  return sum;
}

static void waitForTick(void) {
  u32 before = ticks;
  REG32(CLINT + 0x4004) = 0xffffffff;
  u32 now = REG32(CLINT + 0xbff8);
  REG32(CLINT + 0x4000) = now + 1000;
  REG32(CLINT + 0x4004) = REG32(CLINT + 0xbffc);
  waitForChange(&ticks, before);
}

int main(u8 *tree) {
  REG32(CLINT + 0x4004) = 0xffffffff;
  asm volatile("csrw mtvec, %0" ::"r"(trap));
  asm volatile("csrw mie, %0" ::"r"((1 << 7) | (1 << 11)));
  REG8(UART + 2) = 7;
  enableLine(UART_LINE);
  asm volatile("csrsi mstatus, 8");
  printHex("tree ", (tree[0] << 24) | (tree[1] << 16) | (tree[2] << 8) | tree[3]);
  for (int i = 0; i < 5; i++) waitForTick();
  printHex("ticks ", ticks);
  if (!findDisk()) {
    print("no disk\n");
  } else {
    printHex("sectors ", REG32(diskBase + 0x100));
    enableLine(diskLine);
    printHex("version ", REG32(diskBase + 4));
    printHex("line ", diskLine);
    if (REG32(diskBase + 4) == 1) startLegacyDisk();
    else startDisk();
    printHex("read ", transfer(0, 2, 4096));
    printHex("sum ", checksum());
    for (u32 i = 0; i < sizeof buffer; i++) buffer[i] ^= i * 7;
    printHex("write ", transfer(1, 9, 4096));
    printHex("read ", transfer(0, 8, 2048));
    printHex("sum ", checksum());
    printHex("beyond ", transfer(0, 0xfffffff, 512));
    printHex("flush ", transfer(4, 0, 0));
    printHex("unknown ", transfer(99, 0, 512));
    printHex("interrupts ", diskInterrupts);
    printHex("used ", queue.used.index);
  }
  while (outputTail != outputHead || (REG8(UART + 5) & 0x40) == 0) {}
  return 7;
}
