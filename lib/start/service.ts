/**
 * The first instructions of a service. The kernel (RS and VM) or RS has set the stack pointer; a service takes no arguments and its `main`
 * never returns. Begin at `begin`.
 */
export const start = asm`
    call ${begin}
`;

function begin(): void {
  initializeModules();
  entryMain(stringsAt(0, 0));
  unreachable();
}
