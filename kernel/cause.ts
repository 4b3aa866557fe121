/** Why the hart has trapped: mcause (privileged specification, table 3.6). */
export const enum Cause {
  FetchMisaligned = 0,
  FetchAccess = 1,
  IllegalInstruction = 2,
  Breakpoint = 3,
  LoadMisaligned = 4,
  LoadAccess = 5,
  StoreMisaligned = 6,
  StoreAccess = 7,
  UserCall = 8,
  FetchPageFault = 12,
  LoadPageFault = 13,
  StorePageFault = 15,
}

/** The same for interrupts, which have the top bit set. */
export const INTERRUPT = 0x8000_0000;
export const enum Interrupt {
  Timer = 7,
  External = 11,
}

/** In words. */
export function causeName(mcause: u32): string {
  switch (mcause) {
    case Cause.FetchMisaligned:
      return "misaligned jump";
    case Cause.FetchAccess:
      return "jump to where there is no memory";
    case Cause.IllegalInstruction:
      return "illegal instruction";
    case Cause.Breakpoint:
      return "failed check";
    case Cause.LoadMisaligned:
      return "misaligned load";
    case Cause.LoadAccess:
      return "load from where there is no memory";
    case Cause.StoreMisaligned:
      return "misaligned store";
    case Cause.StoreAccess:
      return "store to where there is no memory";
    case Cause.FetchPageFault:
      return "jump to a page that is not there";
    case Cause.LoadPageFault:
      return "load from a page that is not there";
    case Cause.StorePageFault:
      return "store to a page that is not there";
    default:
      return "unexpected trap";
  }
}
