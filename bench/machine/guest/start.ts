/**
 * The small harness under every benchmark of the machine: from power-on in machine mode to the algorithm in user mode, under Sv32, on our board
 * and on QEMU's alike.
 *
 * Begin at `start`. RAM is mapped where it lies, in pages of 4 KiB. The algorithm's `main` runs as many rounds as the word at `rounds_start`
 * says, and must give the same result in each; that result is printed, so that whoever compares two machines also compares what they computed.
 */
import { Finish } from "../../../machine/board/finisher.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import { print } from "./print.ts";

/** What user mode asks for, in a7. */
export const enum Call {
  /** Nothing: in, and out again. */
  Return,
  /** The end; a0 is the result. */
  Finish,
  /** The end, because a round gave another result than the first. */
  Differ,
}

class Stack {
  static readonly bytes = 65536;
  static readonly alignment = 16;
  first: u32 = 0;
}
const userStack = new Stack();
const machineStack = new Stack();

/** One exception of user mode: a `Call.Return` goes straight back, everything else is the end. */
const trapped = asm`
    csrrw t6, mscratch, t6
    csrr  t6, mcause
    addi  t6, t6, -8                # an environment call from user mode
    bnez  t6, 1f
    bnez  a7, 1f
    csrr  t6, mepc
    addi  t6, t6, 4
    csrw  mepc, t6
    csrrw t6, mscratch, t6
    mret
1:  la    sp, ${machineStack} + 65536
    mv    a1, a7
    call  ${finish}
`;

export const start = asm`
    la    t0, ${trapped}
    csrw  mtvec, t0
    la    sp, ${machineStack} + 65536
    call  ${prepare}
    la    t0, ${user}
    csrw  mepc, t0
    la    sp, ${userStack} + 65536
    mret
`;

const enum Entry {
  Valid = 1 << 0,
  Read = 1 << 1,
  Write = 1 << 2,
  Execute = 1 << 3,
  User = 1 << 4,
  Accessed = 1 << 6,
  Dirty = 1 << 7,
}

const PAGE_BYTES = 4096;
const ENTRIES = 1024;
/** 16 MiB of RAM are mapped: the image and its data. */
const TABLES = 4;

class Table {
  static readonly alignment = 4096;
  readonly entries = new Uint32Array(ENTRIES);
}
const root = new Table();
const leaves = table(Table, TABLES);

/** Address space, protection and mode, so that the next `mret` leads to user mode. */
function prepare(): void {
  initializeModules();
  mapRam();
  csr.satp = 0x8000_0000 | (address(root) >>> 12);
  csr.pmpaddr0 = 0xffff_ffff;
  csr.pmpcfg0 = 0x1f; // everything, to all (privileged specification, 3.7.1)
  csr.mstatus &= ~u32(0x1800); // mstatus.MPP: user mode
}

/** Text may be executed, everything behind it written. */
function mapRam(): void {
  const first: u32 = Base.Ram;
  const textEnd = linkerSymbol("text_end");
  const always: u32 = Entry.Valid | Entry.User | Entry.Accessed | Entry.Read;
  for (let index: u32 = 0; index < TABLES; index++) {
    const leaf = leaves[index];
    for (let entry: u32 = 0; entry < ENTRIES; entry++) {
      const page = first + (index * ENTRIES + entry) * PAGE_BYTES;
      const rights: u32 = page < textEnd ? Entry.Execute : Entry.Write | Entry.Dirty;
      leaf.entries[entry] = ((page >>> 12) << 10) | always | rights;
    }
    root.entries[(first >>> 22) + index] = ((address(leaf) >>> 12) << 10) | Entry.Valid;
  }
}

/** User mode: all rounds. */
function user(): void {
  const rounds = wordsAt(linkerSymbol("rounds_start"), 1)[0];
  const result = entryMain(noArguments);
  for (let round: u32 = 1; round < rounds; round++) if (entryMain(noArguments) !== result) ecall(Call.Differ, 0);
  ecall(Call.Finish, result);
}
const noArguments: string[] = [];

class Finisher {
  value: u32 = 0;
}
const finisher = at(Base.Finisher, Finisher);

/** Prints the result, or what went wrong, and ends the machine's run. */
function finish(result: i32, call: u32): void {
  const isCall = csr.mcause === 8;
  if (isCall && call === Call.Finish) {
    print`result ${hex(u32(result))}\n`;
    finisher.value = Finish.Pass;
  } else {
    if (isCall) print`a round gave another result than the first\n`;
    else print`trap ${csr.mcause} at ${hex(csr.mepc)}, value ${hex(csr.mtval)}\n`;
    finisher.value = Finish.Fail | (1 << 16);
  }
  for (;;);
}
