/**
 * Names for the architecture's numbers: modes, causes, status bits, control and status registers.
 *
 * From the Privileged Specification (20211203): section 2.2 for register numbers, 3.1 and 4.1 for fields.
 */
export const enum Mode {
  User = 0,
  Supervisor = 1,
  Machine = 3,
}

/** Exceptions (table 3.6). */
export const enum Cause {
  FetchMisaligned = 0,
  FetchAccess = 1,
  IllegalInstruction = 2,
  Breakpoint = 3,
  LoadMisaligned = 4,
  LoadAccess = 5,
  StoreMisaligned = 6,
  StoreAccess = 7,
  CallFromUser = 8,
  CallFromSupervisor = 9,
  CallFromMachine = 11,
  FetchPage = 12,
  LoadPage = 13,
  StorePage = 15,
}

/** Interrupts: bit numbers in mip, mie and mideleg, and the cause without its top bit. */
export const enum Interrupt {
  SupervisorSoftware = 1,
  MachineSoftware = 3,
  SupervisorTimer = 5,
  MachineTimer = 7,
  SupervisorExternal = 9,
  MachineExternal = 11,
}

/** Highest first (section 3.1.9). */
export const INTERRUPTS_BY_PRIORITY = [
  Interrupt.MachineExternal,
  Interrupt.MachineSoftware,
  Interrupt.MachineTimer,
  Interrupt.SupervisorExternal,
  Interrupt.SupervisorSoftware,
  Interrupt.SupervisorTimer,
] as const;

/** Top bit of mcause and scause. */
export const INTERRUPT_CAUSE = 0x8000_0000 | 0;

/** mstatus (section 3.1.6). */
export const enum Status {
  Sie = 1 << 1,
  Mie = 1 << 3,
  Spie = 1 << 5,
  Mpie = 1 << 7,
  Spp = 1 << 8,
  Mpp = 3 << 11,
  MppShift = 11,
  Mprv = 1 << 17,
  Sum = 1 << 18,
  Mxr = 1 << 19,
  Tvm = 1 << 20,
  Tw = 1 << 21,
  Tsr = 1 << 22,
}

/** satp (section 4.1.11). */
export const enum Satp {
  Sv32 = 0x8000_0000 | 0,
  RootMask = 0x3f_ffff,
}

/** Entry of a page table (section 4.3.1). */
export const enum Pte {
  Valid = 1 << 0,
  Read = 1 << 1,
  Write = 1 << 2,
  Execute = 1 << 3,
  User = 1 << 4,
  Global = 1 << 5,
  Accessed = 1 << 6,
  Dirty = 1 << 7,
  FrameShift = 10,
}

/** Register numbers (tables 2.2 to 2.6). */
export const enum Csr {
  sstatus = 0x100,
  sie = 0x104,
  stvec = 0x105,
  scounteren = 0x106,
  senvcfg = 0x10a,
  sscratch = 0x140,
  sepc = 0x141,
  scause = 0x142,
  stval = 0x143,
  sip = 0x144,
  satp = 0x180,
  mstatus = 0x300,
  misa = 0x301,
  medeleg = 0x302,
  mideleg = 0x303,
  mie = 0x304,
  mtvec = 0x305,
  mcounteren = 0x306,
  menvcfg = 0x30a,
  mstatush = 0x310,
  menvcfgh = 0x31a,
  mcountinhibit = 0x320,
  mhpmevent3 = 0x323,
  mscratch = 0x340,
  mepc = 0x341,
  mcause = 0x342,
  mtval = 0x343,
  mip = 0x344,
  pmpcfg0 = 0x3a0,
  pmpaddr0 = 0x3b0,
  tselect = 0x7a0,
  tdata1 = 0x7a1,
  tdata2 = 0x7a2,
  tdata3 = 0x7a3,
  tinfo = 0x7a4,
  mcycle = 0xb00,
  minstret = 0xb02,
  mhpmcounter3 = 0xb03,
  mcycleh = 0xb80,
  minstreth = 0xb82,
  mhpmcounter3h = 0xb83,
  cycle = 0xc00,
  time = 0xc01,
  instret = 0xc02,
  hpmcounter3 = 0xc03,
  cycleh = 0xc80,
  timeh = 0xc81,
  instreth = 0xc82,
  hpmcounter3h = 0xc83,
  mvendorid = 0xf11,
  marchid = 0xf12,
  mimpid = 0xf13,
  mhartid = 0xf14,
  mconfigptr = 0xf15,
}

/** Programmable counters 3 to 31: present, and always zero. */
export const HPM_COUNTERS = 29;

export const PMP_ENTRIES = 16;
