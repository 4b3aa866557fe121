/**
 * What is decided about a region before a byte of it is written: the order of its blocks, where it may be entered, what
 * its registers do, which pages it keeps. Begin with `planOf`; generate.ts and ends.ts write what it says.
 */
import { groupsOf, type Membership } from "./access-groups.ts";
import { type Block, type End, type Region, rootsOf, type Step, targetsOf } from "./discover.ts";
import { type KeptPages, keptPages } from "./kept-pages.ts";
import { Locals } from "./locals.ts";
import { keepsRegisters, type RegisterFlow, registerFlow } from "./registers.ts";
import { type Graph, loopDepths, type Node, structure } from "./structure.ts";

/** From so many instructions on, a region is entered in its midst. */
const LONG_REGION_STEPS = 600;
const STEPS_BETWEEN_ENTRIES = 32;

export interface Plan {
  readonly blocks: readonly Block[];
  readonly indexByPc: ReadonlyMap<number, number>;
  readonly graph: Graph;
  readonly nodes: readonly Node[];
  readonly flow: RegisterFlow;
  /** By block: whether what it does to registers is in memory before the region can be left (registers.ts). */
  readonly writesThrough: readonly boolean[];
  readonly groups: ReadonlyMap<Step, Membership>;
  readonly pages: KeptPages;
  readonly locals: Locals;
  /**
   * Blocks that may be entered, by number: the root, where control comes back from elsewhere, loops, some on a long way.
   * Where the root is not the first block of the code, it comes last once more, and has that number inside.
   */
  readonly entries: readonly number[];
  readonly entryNumber: ReadonlyMap<number, number>;
  /** Headers of loops that have no other entry. */
  readonly plainHeaders: ReadonlySet<number>;
}

/** What decides how accesses find their places. */
export interface Addressing {
  /** Whether they may be looked up together. */
  readonly isGrouped: boolean;
  /** Whether loads need not be looked up at all. */
  readonly isFlat: boolean;
}

export function planOf(region: Region, { isGrouped, isFlat }: Addressing): Plan {
  const { blocks, indexByPc } = region;
  const graph = graphOf(region);
  const nodes = structure(graph);
  const writesThrough = writeThrough(region, nodes);
  const flow = registerFlow(region, writesThrough);
  const groups = new Map(isGrouped ? blocks.flatMap((block) => [...groupsOf(block)]) : []);
  const places = [...groups.values()].reduce((most, { group }) => Math.max(most, group.slot + 1), 0);
  const pages = keptPages(region, loopDepths(nodes, blocks.length), groups, isFlat);
  const locals = new Locals(flow.used, pages.slots, places);
  const isRootFirst = firstOf(nodes[0]!) === graph.root;
  const all = [...new Set([...graph.entries, ...loopEntries(nodes), ...onTheWay(region, nodes)])];
  const entries = isRootFirst ? all : [...all, graph.root];
  const entryNumber = new Map(entries.map((block, number) => [block, number]));
  const plainHeaders = new Set(headersWithoutEntries(nodes, entries));
  return {
    blocks,
    indexByPc,
    graph,
    nodes,
    flow,
    writesThrough,
    groups,
    pages,
    locals,
    entries,
    entryNumber,
    plainHeaders,
  };
}

/** The block that is reached where a node begins. */
export function firstOf(node: Node): number {
  return node.kind === "block" ? node.block : node.header;
}

/** Where control comes back from elsewhere, or time runs out in the middle of a loop, the region can be entered. */
function graphOf(region: Region): Graph {
  const { blocks, indexByPc } = region;
  const successors = blocks.map(({ end }) => targetsOf(end).flatMap((pc) => indexByPc.get(pc) ?? []));
  const predecessors: number[][] = blocks.map(() => []);
  successors.forEach((targets, from) => {
    for (const to of targets) predecessors[to]!.push(from);
  });
  const returns = blocks.flatMap(({ end }) => (isComeBackTo(end) ? (indexByPc.get(end.target) ?? []) : []));
  const addresses = blocks.map(({ pc }) => pc);
  const roots = rootsOf(region).map((pc) => indexByPc.get(pc)!);
  return { addresses, successors, predecessors, entries: new Set([...roots, ...returns]), root: 0 };
}

/** Whether control goes elsewhere, and is expected back behind the block. */
function isComeBackTo(end: End): end is End & { readonly target: number } {
  switch (end.kind) {
    case "call":
    case "indirectCall":
    case "trap":
    case "settle":
    case "wait":
      return true;
    default:
      return false;
  }
}

/**
 * In a long region, blocks outside loops, now and then. What was not hot yet when the region was made, and comes back to
 * its midst, would otherwise be translated with all of the rest once more.
 */
function onTheWay({ blocks }: Region, nodes: readonly Node[]): number[] {
  const steps = blocks.reduce((sum, block) => sum + block.steps.length, 0);
  if (steps < LONG_REGION_STEPS) return [];
  let passed = 0;
  return nodes.flatMap((node) => {
    for (const block of node.members) passed += blocks[block]!.steps.length;
    if (node.kind === "loop" || passed < STEPS_BETWEEN_ENTRIES) return [];
    passed = 0;
    return [node.block];
  });
}

/** Every block at which a loop begins, or is entered besides. */
function loopEntries(nodes: readonly Node[]): number[] {
  return nodes.flatMap((node) =>
    node.kind === "loop" ? [node.header, ...node.entries, ...loopEntries(node.body)] : [],
  );
}

function headersWithoutEntries(nodes: readonly Node[], entries: readonly number[]): number[] {
  return nodes.flatMap((node) => {
    if (node.kind === "block") return [];
    const isPlain = !entries.some((entry) => entry !== node.header && node.members.has(entry));
    return [...(isPlain ? [node.header] : []), ...headersWithoutEntries(node.body, entries)];
  });
}

/**
 * By block: whether it writes registers through. Where a loop runs round and round in locals, the stores would tell.
 * Elsewhere a call is near, before which they are written anyway; and what is in memory need not be kept for the exits.
 */
function writeThrough({ blocks }: Region, nodes: readonly Node[]): boolean[] {
  const writesThrough = blocks.map(() => true);
  const visit = (node: Node) => {
    if (node.kind === "block") return;
    node.body.forEach(visit);
    const isInnermost = node.body.every(({ kind }) => kind === "block");
    const members = [...node.members];
    if (!isInnermost || !members.every((block) => keepsRegisters(blocks[block]!))) return;
    for (const block of members) writesThrough[block] = false;
  };
  nodes.forEach(visit);
  return writesThrough;
}
