/* What the benchmarks in C share: the integer types of the guest's language, and the two functions that gcc may call by itself. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int i32;

void *memcpy(void *target, const void *source, unsigned bytes);
void *memset(void *target, int value, unsigned bytes);
