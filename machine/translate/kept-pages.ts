/**
 * Which accesses may find their page looked up already, by an access before them.
 *
 * A slot keeps one page in two locals: its address, and what to add for the place in RAM. Accesses through the same
 * base share one, and go on sharing it where the base moves by a constant: a structure, a stack frame, a walk through
 * an array. Whether it is the right page is compared each time, so that a poor guess here costs time and nothing else.
 * Loads and stores have slots of their own, as a page may be readable only.
 *
 * What is kept is true until translations change, and nothing that changes them comes back to a region that runs.
 * Behind a call nothing is taken to be kept all the same. Begin with `keptPages`.
 */
import { forEachAccess, type Membership } from "./access-groups.ts";
import { type Block, type Region, type Step, targetsOf } from "./discover.ts";
import { keepsRegisters } from "./registers.ts";

/** Two locals each, which the host's compiler must find room for. */
const MOST_SLOTS = 8;
/** As many as fit into a set. */
const MOST_CANDIDATES = 31;
/** How much more often a loop's body is taken to run than what is around it. */
const TURNS = 8;

export interface PageUse {
  readonly slot: number;
  /** Whether the page may be there already. */
  readonly mayBeKept: boolean;
  /** Whether the page is put there if it is not: a load may look into a store's slot, but not fill it. */
  readonly isKept: boolean;
}

export interface KeptPages {
  readonly slots: number;
  readonly uses: ReadonlyMap<Step, PageUse>;
  /** By block: the slots that may hold a page at its beginning. */
  readonly atBegin: readonly number[];
}

/**
 * `depths`: how many loops are around each block. Of a group, the leader counts. `isFlat`: only stores are looked up.
 */
export function keptPages(
  { blocks, indexByPc }: Region,
  depths: readonly number[],
  groups: ReadonlyMap<Step, Membership>,
  isFlat: boolean,
): KeptPages {
  const sites = blocks.map((block) => sitesOf(block, groups, isFlat));
  const chosen = choose(sites, depths, blocks, indexByPc);
  const number = new Map(chosen.map((base, slot) => [base, slot]));
  const { atBegin } = flow(sites, number, blocks, indexByPc);
  const uses = new Map<Step, PageUse>();
  sites.forEach((ofBlock, index) => {
    let kept = atBegin[index]!;
    for (const { step, base, isKept } of ofBlock) {
      const slot = number.get(base);
      if (slot === undefined) continue;
      uses.set(step, { slot, mayBeKept: ((kept >>> slot) & 1) !== 0, isKept });
      if (isKept) kept |= 1 << slot;
    }
  });
  return { slots: chosen.length, uses, atBegin };
}

/** A load or a store. */
interface Site {
  readonly step: Step;
  /** What its address comes from: accesses with the same base are expected in the same page. */
  readonly base: string;
  readonly isKept: boolean;
}

function sitesOf(block: Block, groups: ReadonlyMap<Step, Membership>, isFlat: boolean): Site[] {
  const sites: Site[] = [];
  const stored = new Set<string>();
  forEachAccess(block, (step, { base }) => {
    const group = groups.get(step)?.group;
    if (group !== undefined && group.leader !== step) return;
    const isStore = group?.hasStore ?? step.row.meaning.kind === "store";
    if (isFlat && !isStore) return;
    const throughStore = isStore || stored.has(base);
    if (isStore) stored.add(base);
    sites.push({ step, base: throughStore ? `${base}, stored` : base, isKept: isStore || !throughStore });
  });
  return sites;
}

/** The bases that get a slot: those whose page may be found there, the most frequent first. */
function choose(
  sites: readonly (readonly Site[])[],
  depths: readonly number[],
  blocks: readonly Block[],
  indexByPc: ReadonlyMap<number, number>,
): string[] {
  const weights = new Map<string, number>();
  sites.forEach((ofBlock, index) => {
    for (const { base } of ofBlock) weights.set(base, (weights.get(base) ?? 0) + TURNS ** depths[index]!);
  });
  const candidates = [...weights].sort(([, one], [, other]) => other - one).slice(0, MOST_CANDIDATES);
  const number = new Map(candidates.map(([base], slot) => [base, slot]));
  const { found } = flow(sites, number, blocks, indexByPc);
  return candidates
    .map(([base]) => base)
    .filter((_, slot) => ((found >>> slot) & 1) !== 0)
    .slice(0, MOST_SLOTS);
}

/** Which slots may hold a page at the beginning of each block; and in which one may be found at all. */
function flow(
  sites: readonly (readonly Site[])[],
  number: ReadonlyMap<string, number>,
  blocks: readonly Block[],
  indexByPc: ReadonlyMap<number, number>,
): { readonly atBegin: readonly number[]; readonly found: number } {
  const bit = (base: string) => (number.has(base) ? 1 << number.get(base)! : 0);
  const filled = sites.map((ofBlock) => ofBlock.reduce((set, { base, isKept }) => set | (isKept ? bit(base) : 0), 0));
  const atBegin = blocks.map(() => 0);
  for (let isStable = false; !isStable; ) {
    isStable = true;
    blocks.forEach((block, index) => {
      if (!keepsRegisters(block)) return;
      for (const to of targetsOf(block.end).flatMap((pc) => indexByPc.get(pc) ?? [])) {
        const before = atBegin[to]!;
        atBegin[to] = before | atBegin[index]! | filled[index]!;
        if (atBegin[to] !== before) isStable = false;
      }
    });
  }
  let found = 0;
  sites.forEach((ofBlock, index) => {
    let kept = atBegin[index]!;
    for (const { base, isKept } of ofBlock) {
      found |= kept & bit(base);
      if (isKept) kept |= bit(base);
    }
  });
  return { atBegin, found };
}
