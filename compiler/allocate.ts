/**
 * Register allocation: graph colouring over the whole register file, after Chaitin and Briggs.
 *
 * In rounds: which registers interfere (interference.ts); moves whose two sides can safely be one register are coalesced (Briggs's test);
 * nodes are coloured optimistically, the cheap ones last; what finds no colour, or is not worth a callee-saved register, goes to the
 * frame (spill.ts), and the next round begins. Begin reading at `allocate`.
 */
import { type Interference, interference } from "./interference.ts";
import { ALLOCATABLE, CALL_CLOBBERS, FIRST_VIRTUAL, type MachineFunction, SAVED } from "./machine-code.ts";
import { frameCandidates, spill } from "./spill.ts";

/** What saving and restoring a callee-saved register costs a function, in accesses. */
const SAVE_COST = 2;
const SPREAD = 27; // registers that can be allocated

/** Replaces every virtual register by a machine register. */
export function allocate(code: MachineFunction): void {
  const temporaries = new Set<number>();
  for (;;) {
    const graph = interference(code);
    const coloring = new Coloring(code, graph, temporaries);
    const failed = coloring.run();
    if (failed.size === 0) {
      rewrite(code, coloring.colors);
      return;
    }
    spill(code, failed, temporaries);
  }
}

class Coloring {
  /** The machine register of each node, by its virtual register; -1 before it has one. */
  readonly colors: Int32Array;
  private readonly representative: Int32Array;
  private readonly removed: Uint8Array;
  private readonly degree: Int32Array;
  private readonly cost: Float64Array;
  /** Callee-saved registers in use already: more of them are free. */
  private used = 0;

  constructor(
    code: MachineFunction,
    private readonly graph: Interference,
    private readonly temporaries: ReadonlySet<number>,
  ) {
    const { count } = graph;
    this.colors = new Int32Array(count).fill(-1);
    this.representative = Int32Array.from({ length: count }, (_, node) => node);
    this.removed = new Uint8Array(count);
    this.degree = new Int32Array(count);
    this.cost = Float64Array.from(graph.weight);
    frameCandidates(code, this.cost);
    for (const register of temporaries) this.cost[register - FIRST_VIRTUAL] = Number.POSITIVE_INFINITY;
  }

  /** Colours the graph; returns the virtual registers that must go to the frame, each with the one whose place it shares. */
  run(): Map<number, number> {
    this.coalesce();
    const failed = new Set<number>();
    const order = this.simplify();
    for (let index = order.length - 1; index >= 0; index--) {
      const node = order[index]!;
      const color = this.choose(node);
      if (color >= 0) this.colors[node] = color;
      else failed.add(this.isTemporary(node) ? this.victim(node) : node);
    }
    return this.members(failed);
  }

  private isTemporary(node: number): boolean {
    return this.temporaries.has(node + FIRST_VIRTUAL);
  }

  /** The register that has to make room for one that cannot go to the frame. */
  private victim(node: number): number {
    let best = -1;
    for (const other of this.graph.neighbours[node]!) {
      const candidate = this.find(other);
      if (this.colors[candidate] === -1 || this.isTemporary(candidate)) continue;
      if (best === -1 || this.cost[candidate]! < this.cost[best]!) best = candidate;
    }
    if (best === -1) throw new Error("register allocation: an instruction needs more registers than there are");
    return best;
  }

  /** Every virtual register that shares the fate of these nodes; gives the others the colour of theirs. */
  private members(failed: Set<number>): Map<number, number> {
    const registers = new Map<number, number>();
    for (let node = 0; node < this.graph.count; node++) {
      const root = this.find(node);
      this.colors[node] = this.colors[root]!;
      if (failed.has(root)) registers.set(node + FIRST_VIRTUAL, root);
    }
    return registers;
  }

  find(node: number): number {
    let root = node;
    while (this.representative[root] !== root) root = this.representative[root]!;
    this.representative[node] = root;
    return root;
  }

  private coalesce(): void {
    const moves = [...this.graph.moves].sort((one, other) => other.weight - one.weight);
    for (let changed = true; changed; ) {
      changed = false;
      for (const move of moves) {
        const [a, b] = [this.find(move.a), this.find(move.b)];
        if (a === b || this.graph.has(a, b) || !this.safe(a, b)) continue;
        if (move.splits && this.differ(a, b)) continue;
        this.merge(a, b);
        changed = true;
      }
    }
  }

  /** Whether one of the two has to survive calls that the other does not see. */
  private differ(a: number, b: number): boolean {
    const { forbidden } = this.graph;
    return ((forbidden[a]! ^ forbidden[b]!) & CALL_CLOBBERS & ALLOCATABLE) !== 0;
  }

  /** Briggs: the merged node has fewer than K neighbours of K or more, so it can be coloured if the graph could. */
  private safe(a: number, b: number): boolean {
    if (this.isTemporary(a) || this.isTemporary(b)) return false;
    const { graph } = this;
    const room = SPREAD - bitCount((graph.forbidden[a]! | graph.forbidden[b]!) & ALLOCATABLE);
    let significant = 0;
    for (const node of [a, b]) {
      for (const neighbour of graph.neighbours[node]!) {
        if (this.representative[neighbour] !== neighbour) continue;
        if (node === b && graph.has(neighbour, a)) continue;
        const forbidden = bitCount(graph.forbidden[neighbour]! & ALLOCATABLE);
        if (graph.neighbours[neighbour]!.length + forbidden >= SPREAD && ++significant >= room) return false;
      }
    }
    return room > 0;
  }

  private merge(a: number, b: number): void {
    const { graph } = this;
    this.representative[b] = a;
    for (const neighbour of graph.neighbours[b]!) {
      if (this.representative[neighbour] === neighbour) graph.add(a, neighbour);
    }
    graph.forbidden[a]! |= graph.forbidden[b]!;
    graph.hints[a]!.push(...graph.hints[b]!);
    graph.weight[a]! += graph.weight[b]!;
    this.cost[a]! += this.cost[b]!;
  }

  /** The nodes in the order of their removal: what has few neighbours goes first, what costs much goes late. */
  private simplify(): number[] {
    const { graph } = this;
    const pending: number[] = [];
    for (let node = 0; node < graph.count; node++) {
      if (this.representative[node] !== node) continue;
      pending.push(node);
      let degree = bitCount(graph.forbidden[node]! & ALLOCATABLE);
      for (const neighbour of graph.neighbours[node]!) if (this.representative[neighbour] === neighbour) degree++;
      this.degree[node] = degree;
    }
    pending.sort((a, b) => graph.weight[a]! - graph.weight[b]! || a - b);
    const order: number[] = [];
    for (let left = pending; left.length > 0; ) {
      const rest: number[] = [];
      for (const node of left) {
        if (this.degree[node]! < SPREAD) this.remove(node, order);
        else rest.push(node);
      }
      if (rest.length === left.length) this.remove(this.cheapest(rest), order);
      left = rest.filter((node) => this.removed[node] === 0);
    }
    return order;
  }

  private remove(node: number, order: number[]): void {
    this.removed[node] = 1;
    order.push(node);
    for (const neighbour of this.graph.neighbours[node]!) this.degree[neighbour]!--;
  }

  private cheapest(nodes: number[]): number {
    let best = nodes[0]!;
    for (const node of nodes) {
      if (this.cost[node]! / this.degree[node]! < this.cost[best]! / this.degree[best]!) best = node;
    }
    return best;
  }

  /** A machine register for the node, the one that saves most moves if possible; -1 where it had better live in the frame. */
  private choose(node: number): number {
    const { graph } = this;
    let available = ALLOCATABLE & ~graph.forbidden[node]!;
    for (const neighbour of graph.neighbours[node]!) {
      const color = this.colors[this.find(neighbour)]!;
      if (color >= 0) available &= ~(1 << color);
    }
    if (available === 0) return -1;
    const wanted = this.hinted(node, available);
    if (wanted >= 0) return this.take(wanted);
    const cheap = available & (CALL_CLOBBERS | this.used);
    if (cheap !== 0) return this.take(this.leastWanted(node, cheap));
    if (this.cost[node]! < SAVE_COST && !this.isTemporary(node)) return -1;
    return this.take(lowest(available));
  }

  private take(color: number): number {
    this.used |= (1 << color) & SAVED;
    return color;
  }

  private hinted(node: number, available: number): number {
    let best = -1;
    let most = 0;
    const weights = new Map<number, number>();
    for (const { register, weight } of this.graph.hints[node]!) {
      if ((available & (1 << register)) === 0) continue;
      const sum = (weights.get(register) ?? 0) + weight;
      weights.set(register, sum);
      if (sum > most) [best, most] = [register, sum];
    }
    return best;
  }

  /** Of these registers one that no uncoloured neighbour hopes for. */
  private leastWanted(node: number, available: number): number {
    let rest = available;
    for (const neighbour of this.graph.neighbours[node]!) {
      if (this.colors[this.find(neighbour)] !== -1) continue;
      for (const { register } of this.graph.hints[this.find(neighbour)]!) rest &= ~(1 << register);
      if (rest === 0) return highestFirst(available);
    }
    return highestFirst(rest);
  }
}

/** Arguments from a5 downwards, as calls want a0 first; then the temporaries. */
const PREFERENCE = [15, 14, 13, 12, 11, 10, 16, 17, 5, 6, 7, 28, 29, 30, 31, 8, 9];

function highestFirst(available: number): number {
  for (const register of PREFERENCE) if ((available & (1 << register)) !== 0) return register;
  return lowest(available);
}

const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits);

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Puts the machine registers in, and drops moves that have become idle. */
function rewrite(code: MachineFunction, colors: Int32Array): void {
  const map = (register: number): number => (register >= FIRST_VIRTUAL ? colors[register - FIRST_VIRTUAL]! : register);
  for (const block of code.blocks) {
    const kept = [];
    for (const instruction of block.instructions) {
      instruction.rd = map(instruction.rd);
      instruction.rs1 = map(instruction.rs1);
      instruction.rs2 = map(instruction.rs2);
      if (instruction.reads !== null) instruction.reads = instruction.reads.map(map);
      if (instruction.name === "mv" && instruction.rd === instruction.rs1) continue;
      if (instruction.rd >= 0) code.written |= 1 << instruction.rd;
      code.written |= instruction.clobbers;
      kept.push(instruction);
    }
    block.instructions = kept;
    block.ending.rs1 = map(block.ending.rs1);
    block.ending.rs2 = map(block.ending.rs2);
  }
}
