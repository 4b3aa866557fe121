/**
 * What runs before and after each benchmark: a stack, the algorithm, and its result as the status of the test finisher.
 *
 * start.s does the same for the C side, instruction by instruction, so that both pay alike.
 */
const stack = new Uint8Array(65536);

export const start = asm`
    la    sp, ${stack} + 65536
    call  ${algorithm}
    slli  a0, a0, 16
    li    t0, 0x3333
    or    a0, a0, t0
    li    t1, 0x100000
    sw    a0, 0(t1)
1:  j     1b
`;

function algorithm(): i32 {
  initializeModules();
  return entryMain(noArguments);
}
const noArguments: string[] = [];
