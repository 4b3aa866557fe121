/**
 * What interrupts cost, in machine mode and without the harness of start.ts: a loop computes, and is interrupted in one of three ways.
 *
 * Begin at `main`. The words at `rounds_start` say how often the loop turns, and what interrupts it. Printed is how many interrupts there were, by
 * which whoever measures divides the time.
 */
import { Clint } from "../../../machine/board/clint.ts";
import { Finish } from "../../../machine/board/finisher.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import { print } from "./print.ts";

/** What interrupts the loop. */
export const enum Source {
  Nothing,
  /** A write to mip, in each turn. */
  Register,
  /** A write to the core-local interruptor, in each turn. */
  Device,
  /** The timer, a hundred ticks after the handler has set it. */
  Timer,
}

class Stack {
  static readonly bytes = 65536;
  static readonly alignment = 16;
  first: u32 = 0;
}
const stack = new Stack();

class Word {
  value: u32 = 0;
}
const interrupts = new Word();
const software = at(Base.Clint + Clint.SoftwareInterrupt, Word);
const compareLow = at(Base.Clint + Clint.TimeCompare, Word);
const compareHigh = at(Base.Clint + Clint.TimeCompare + 4, Word);
const finisher = at(Base.Finisher, Word);

/** By the cause's number: 1 is software's in mip, 3 the device's, 7 the timer's. */
const interrupted = asm`
    addi  sp, sp, -16
    sw    t0, 0(sp)
    sw    t1, 4(sp)
    csrr  t0, mcause
    andi  t0, t0, 7
    addi  t0, t0, -3
    beqz  t0, 1f
    bgtz  t0, 2f
    csrci mip, 2
    j     3f
1:  lui   t1, 0x2000            # msip
    sw    zero, 0(t1)
    j     3f
2:  lui   t1, 0x200c            # mtime
    lw    t0, -8(t1)
    addi  t0, t0, 100
    lui   t1, 0x2004            # mtimecmp
    sw    t0, 0(t1)
3:  la    t1, ${interrupts}
    lw    t0, 0(t1)
    addi  t0, t0, 1
    sw    t0, 0(t1)
    lw    t1, 4(sp)
    lw    t0, 0(sp)
    addi  sp, sp, 16
    mret
`;

export const start = asm`
    la    t0, ${interrupted}
    csrw  mtvec, t0
    la    sp, ${stack} + 65536
    call  ${main}
`;

const enum Enabled {
  Register = 1 << 1,
  Device = 1 << 3,
  Timer = 1 << 7,
}

export function main(): void {
  initializeModules();
  const words = wordsAt(linkerSymbol("rounds_start"), 2);
  const source = words[1];
  compareHigh.value = source === Source.Timer ? 0 : 0xffff_ffff;
  compareLow.value = 0;
  csr.mie = Enabled.Register | Enabled.Device | Enabled.Timer;
  csr.mstatus |= u32(8); // mstatus.MIE
  let sum: u32 = 1;
  for (let turn: u32 = 0; turn < words[0]; turn++) {
    if (source === Source.Register) csr.mip |= u32(Enabled.Register);
    else if (source === Source.Device) software.value = 1;
    for (let step: u32 = 0; step < 4; step++) sum = (sum ^ (sum >>> 7)) * 31 + turn;
  }
  csr.mie = 0;
  print`sum ${hex(sum)} interrupts ${interrupts.value}\n`;
  finisher.value = Finish.Pass;
  for (;;);
}
