/**
 * An endpoint names one life of one process: a slot in the process table, and the
 * generation of whoever lives there. A restarted driver keeps its slot and gets a new
 * generation, so a letter to the dead is never delivered to the reincarnated.
 */
declare const life: unique symbol;
export type Endpoint = i32 & { readonly [life]?: true };

/** Rows of the process table: a power of two, so that slot and generation are bit fields. */
export const SLOTS = 256;
/**
 * Slots below this belong to services, and the slot is the service's privilege id too: a set of services is 64 bits.
 * All other processes share the privileges of slot `USER`.
 */
export const SERVICES = 64;
/** The privilege id of every process that is not a service. No process lives in this slot; its bit is in the first word of a set, as those of all services are. */
export const USER = 31;

export const ANY: Endpoint = -1;
export const NONE: Endpoint = -2;

/** The kernel's own voices. They notify, and nobody lives there. */
export const KERNEL: Endpoint = 0; // a signal or a page fault awaits its manager
export const HARDWARE: Endpoint = 1; // an interrupt
export const CLOCK: Endpoint = 2; // an alarm

/** Services that others know without asking DS. Their slots are what `system/services.ts` says. */
export const RS: Endpoint = 3;
export const VM: Endpoint = 4;
export const DS: Endpoint = 5;
export const PM: Endpoint = 6;
export const VFS: Endpoint = 7;
export const MFS: Endpoint = 8;
/** The first program, process 1. */
export const INIT: Endpoint = 64;

export const slotOf = (endpoint: Endpoint): i32 => endpoint & (SLOTS - 1);
export const generationOf = (endpoint: Endpoint): i32 => endpoint >> 8;
/** Who lives in the same slot after this one has died. Generations wrap before the sign bit. */
export const nextLife = (endpoint: Endpoint): Endpoint => (endpoint + SLOTS) & 0x7fff_ffff;
