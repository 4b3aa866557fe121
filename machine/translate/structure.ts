/**
 * Second stage: from a graph of blocks to what WebAssembly can say, sequences and loops.
 *
 * Strongly connected components, nested: each component is a loop with one header, and inside it, without the edges
 * back to the header, the same again. Within a sequence every edge goes forwards, so it becomes a `br` out of nested
 * blocks. Where a loop can be entered elsewhere than at its header, it begins with a dispatch to those entries.
 */
export type Node =
  | { readonly kind: "block"; readonly block: number; readonly members: ReadonlySet<number> }
  | {
      readonly kind: "loop";
      readonly header: number;
      /** Entered from outside, besides the header. */
      readonly entries: readonly number[];
      readonly body: readonly Node[];
      readonly members: ReadonlySet<number>;
    };

export interface Graph {
  /** By block: where it is in the program. */
  readonly addresses: readonly number[];
  readonly successors: readonly (readonly number[])[];
  readonly predecessors: readonly (readonly number[])[];
  /** Blocks at which the region can be entered; the first is its root. */
  readonly entries: ReadonlySet<number>;
  readonly root: number;
}

/** All blocks, as a sequence that begins with the root, or with the loop around it. */
export function structure(graph: Graph): Node[] {
  const all = new Set(graph.successors.keys());
  return sequence(graph, all, [graph.root, ...all], null);
}

/** By block: how many loops are around it. */
export function loopDepths(nodes: readonly Node[], blocks: number): number[] {
  const depths = new Array<number>(blocks).fill(0);
  const visit = (node: Node) => {
    if (node.kind === "block") return;
    for (const block of node.members) depths[block]! += 1;
    node.body.forEach(visit);
  };
  nodes.forEach(visit);
  return depths;
}

/** The components of some blocks, leaving out edges to `header`, in an order in which every edge goes forwards. */
function sequence(graph: Graph, blocks: ReadonlySet<number>, order: Iterable<number>, header: number | null): Node[] {
  return components(graph, blocks, order, header).map((component) => {
    const first = component[0]!;
    const isLoop = component.length > 1 || (first !== header && graph.successors[first]!.includes(first));
    const members = new Set(component);
    return isLoop ? loop(graph, members, component) : { kind: "block", block: first, members };
  });
}

function loop(graph: Graph, members: ReadonlySet<number>, component: readonly number[]): Node {
  const header = headerOf(graph, members, component);
  const entries = component.filter((block) => block !== header && isEntered(graph, members, block));
  const body = sequence(graph, members, [header, ...component], header);
  return { kind: "loop", header, entries, body, members };
}

/** Where a component is entered by jumps; where it is not, the first in the program that is jumped back to. */
function headerOf(graph: Graph, members: ReadonlySet<number>, component: readonly number[]): number {
  if (members.has(graph.root)) return firstJumpedBackTo(graph, members);
  const isJumpedTo = (block: number) => graph.predecessors[block]!.some((from) => !members.has(from));
  return component.find(isJumpedTo) ?? component.find((block) => graph.entries.has(block)) ?? component[0]!;
}

/**
 * What becomes hot is the innermost loop, so that is where a region begins, in the middle of the others. To take the
 * root for the header of them all would turn the loops inside out.
 */
function firstJumpedBackTo({ predecessors, addresses, root }: Graph, members: ReadonlySet<number>): number {
  let first = root;
  for (const block of members) {
    const isJumpedBackTo = predecessors[block]!.some(
      (from) => members.has(from) && addresses[from]! >= addresses[block]!,
    );
    if (isJumpedBackTo && addresses[block]! < addresses[first]!) first = block;
  }
  return first;
}

function isEntered(graph: Graph, members: ReadonlySet<number>, block: number): boolean {
  return graph.entries.has(block) || graph.predecessors[block]!.some((from) => !members.has(from));
}

/**
 * Tarjan's algorithm, with a stack of its own, as regions are deep. Components come out last first, so they are
 * reversed; the component of the first of `order` ends up first if nothing else leads to it.
 */
function components(
  graph: Graph,
  blocks: ReadonlySet<number>,
  order: Iterable<number>,
  header: number | null,
): number[][] {
  const found: number[][] = [];
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  const successors = (block: number) => graph.successors[block]!.filter((to) => to !== header && blocks.has(to));

  const visit = (start: number) => {
    const path = [{ block: start, rest: enter(start) }];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { block, rest } = top;
      const to = rest.pop();
      if (to === undefined) {
        path.pop();
        const parent = path.at(-1)?.block;
        if (parent !== undefined) low.set(parent, Math.min(low.get(parent)!, low.get(block)!));
        if (low.get(block) === index.get(block)) close(block);
      } else if (!index.has(to)) path.push({ block: to, rest: enter(to) });
      else if (isOpen.has(to)) low.set(block, Math.min(low.get(block)!, index.get(to)!));
    }
  };
  const enter = (block: number) => {
    index.set(block, index.size);
    low.set(block, index.get(block)!);
    open.push(block);
    isOpen.add(block);
    return successors(block);
  };
  const close = (block: number) => {
    const component: number[] = [];
    let member: number;
    do {
      member = open.pop()!;
      isOpen.delete(member);
      component.push(member);
    } while (member !== block);
    found.push(component.reverse());
  };
  for (const block of order) if (blocks.has(block) && !index.has(block)) visit(block);
  return found.reverse();
}
