# What runs before and after each benchmark in C; start.ts is its counterpart.
    # The section that GNU ld puts first: the run begins at the first byte.
    .section .text.unlikely, "ax"
    .global start
start:
    .option push
    .option norelax
    la    gp, __global_pointer$
    .option pop
    la    sp, stack + 65536
    call  main
    slli  a0, a0, 16
    li    t0, 0x3333
    or    a0, a0, t0
    li    t1, 0x100000
    sw    a0, 0(t1)
1:  j     1b

    .section .bss
    .align 4
stack:
    .space 65536
