/**
 * The control and status registers by name: RISC-V Privileged Specification (20211203), tables 2.2 to 2.5.
 */
const NUMBERED: readonly (readonly [number, readonly string[]])[] = [
  // Unprivileged counters
  [0xc00, ["cycle", "time", "instret"]],
  [0xc80, ["cycleh", "timeh", "instreth"]],
  // Supervisor
  [0x100, ["sstatus"]],
  [0x104, ["sie", "stvec", "scounteren"]],
  [0x10a, ["senvcfg"]],
  [0x140, ["sscratch", "sepc", "scause", "stval", "sip"]],
  [0x180, ["satp"]],
  // Machine
  [0xf11, ["mvendorid", "marchid", "mimpid", "mhartid", "mconfigptr"]],
  [0x300, ["mstatus", "misa", "medeleg", "mideleg", "mie", "mtvec", "mcounteren"]],
  [0x310, ["mstatush"]],
  [0x340, ["mscratch", "mepc", "mcause", "mtval", "mip"]],
  [0x34a, ["mtinst", "mtval2"]],
  [0x30a, ["menvcfg"]],
  [0x31a, ["menvcfgh"]],
  [0x3a0, Array.from({ length: 16 }, (_, index) => `pmpcfg${index}`)],
  [0x3b0, Array.from({ length: 64 }, (_, index) => `pmpaddr${index}`)],
  [0xb00, ["mcycle"]],
  [0xb02, ["minstret"]],
  [0xb80, ["mcycleh"]],
  [0xb82, ["minstreth"]],
  [0xb03, Array.from({ length: 29 }, (_, index) => `mhpmcounter${index + 3}`)],
  [0xb83, Array.from({ length: 29 }, (_, index) => `mhpmcounter${index + 3}h`)],
  [0x320, ["mcountinhibit"]],
  [0x323, Array.from({ length: 29 }, (_, index) => `mhpmevent${index + 3}`)],
  // Trigger module (Debug Specification 0.13)
  [0x7a0, ["tselect", "tdata1", "tdata2", "tdata3"]],
];

const numbers = new Map(
  NUMBERED.flatMap(([first, names]) => names.map((name, index) => [name, first + index] as const)),
);

/** The register's number; `undefined` where no such register is known. */
export const controlRegisterNumber = (name: string): number | undefined => numbers.get(name);

const names = new Map([...numbers].map(([name, number]) => [number, name]));

/** The register's name; `undefined` where no such register is known. */
export const controlRegisterName = (number: number): string | undefined => names.get(number);

/** The number of a register that is known to exist. */
export function controlRegister(name: string): number {
  const number = numbers.get(name);
  if (number === undefined) throw new Error(`no control and status register is named ${name}`);
  return number;
}
