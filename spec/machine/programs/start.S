/* Start of a bare-metal test program: a stack, then main(device tree); its result is the exit status. */
.section .text.start
.globl _start
_start:
  la   sp, stackTop
  mv   a0, a1
  call main
  li   t0, 0x100000
  li   t1, 0x5555
  beqz a0, 1f
  slli a0, a0, 16
  li   t1, 0x3333
  or   t1, t1, a0
1:sw   t1, 0(t0)
  j    .
