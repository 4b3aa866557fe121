/** Where the tests' VM gives pages when they are missed. */
export const DEMAND_BASE: vaddr = 0x2000_0000;
export const DEMAND_END: vaddr = 0x2010_0000;
