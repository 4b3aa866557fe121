/**
 * Which accesses of a block go to one place: fields of a structure, a stack frame. Their addresses differ by constants,
 * so the first of them, the leader, looks up the page and checks the alignment for all; the others can no longer miss.
 *
 * The leader leaves for the interpreter where the group lies in two pages. Where that happens often, the code is
 * translated anew without groups (translator.ts). Begin with `groupsOf`.
 */
import type { Block, Step } from "./discover.ts";
import { writtenBy } from "./registers.ts";

/** Bytes from the first to the last of a group: the longer, the more often it lies in two pages. */
const MOST_SPAN_BYTES = 128;
/** Groups of one block, each of which takes a local. */
const MOST_GROUPS = 4;

export interface Group {
  /** Which local holds its place. */
  readonly slot: number;
  readonly leader: Step;
  /** The widest access: the group's address must be so aligned. */
  readonly width: number;
  readonly spanBytes: number;
  readonly hasStore: boolean;
}

/** What an access is to its group. */
export interface Membership {
  readonly group: Group;
  /** Behind the group's address. */
  readonly offsetBytes: number;
}

/** What an address comes from, and how far it is from that. */
export interface Origin {
  readonly base: string;
  readonly offsetBytes: number;
}

interface Access extends Origin {
  readonly step: Step;
  readonly width: number;
  readonly isStore: boolean;
}

/** By access that is in a group with others. */
export function groupsOf(block: Block): Map<Step, Membership> {
  const memberships = new Map<Step, Membership>();
  let slot = 0;
  for (const near of nearEachOther(accessesOf(block))) {
    if (slot === MOST_GROUPS) break;
    const width = Math.max(...near.map((access) => access.width));
    const anchor = near.find((access) => access.width === width)!.offsetBytes;
    const aligned = near.filter((access) => (access.offsetBytes - anchor) % access.width === 0);
    if (aligned.length < 2) continue;
    const lowest = Math.min(...aligned.map(({ offsetBytes }) => offsetBytes));
    const first = anchor - Math.ceil((anchor - lowest) / width) * width;
    const end = Math.max(...aligned.map((access) => access.offsetBytes + access.width));
    const hasStore = aligned.some(({ isStore }) => isStore);
    const group = { slot: slot++, leader: aligned[0]!.step, width, spanBytes: end - first, hasStore };
    for (const { step, offsetBytes } of aligned) memberships.set(step, { group, offsetBytes: offsetBytes - first });
  }
  return memberships;
}

/** Calls `visit` with each load and store of a block, and what its base register comes from. */
export function forEachAccess({ steps }: Block, visit: (step: Step, origin: Origin) => void): void {
  /** By register: where its value comes from, if not from itself at the block's beginning. */
  const origins = new Map<number, Origin>();
  const originOf = (register: number) => origins.get(register) ?? { base: `x${register}`, offsetBytes: 0 };
  for (const step of steps) {
    const { meaning, name } = step.row;
    const { rd, rs1, rs2, immediate } = step.operands;
    if ((meaning.kind === "load" || meaning.kind === "store") && !step.reachesDevice) visit(step, originOf(rs1));
    if (writtenBy(step) === 0) continue;
    const isMove = name === "add" && rs1 === 0;
    const { base, offsetBytes } = originOf(rs1);
    if (isMove) origins.set(rd, originOf(rs2));
    else if (name === "addi") origins.set(rd, { base, offsetBytes: offsetBytes + immediate });
    else origins.set(rd, { base: `${step.pc}`, offsetBytes: 0 });
  }
}

function accessesOf(block: Block): Access[] {
  const accesses: Access[] = [];
  forEachAccess(block, (step, { base, offsetBytes }) => {
    const { meaning } = step.row;
    if (meaning.kind !== "load" && meaning.kind !== "store") return;
    const isStore = meaning.kind === "store";
    accesses.push({ step, base, offsetBytes: offsetBytes + step.operands.immediate, width: meaning.width, isStore });
  });
  return accesses;
}

/** Accesses through the same base that are not far from each other, in the block's order. */
function nearEachOther(accesses: readonly Access[]): Access[][] {
  const all: Access[][] = [];
  const open = new Map<string, { near: Access[]; low: number; high: number }>();
  for (const access of accesses) {
    const known = open.get(access.base);
    const low = Math.min(known?.low ?? access.offsetBytes, access.offsetBytes);
    const high = Math.max(known?.high ?? access.offsetBytes, access.offsetBytes);
    if (known !== undefined && high - low < MOST_SPAN_BYTES) {
      known.near.push(access);
      Object.assign(known, { low, high });
      continue;
    }
    const near = [access];
    all.push(near);
    open.set(access.base, { near, low: access.offsetBytes, high: access.offsetBytes });
  }
  return all;
}
