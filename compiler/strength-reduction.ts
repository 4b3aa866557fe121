/**
 * Strength reduction: addresses that follow a loop's counter become pointers that step along, and the counter goes where nothing else needs it.
 *
 * `a[i]` costs a shift and an addition each time round; a pointer costs one addition, however many elements at constant distances are read through
 * it. Pointers are made for a loop only if they save more than they cost. A loop's end is then the end of a pointer's way, if it cannot wrap before
 * (Allen, Cocke and Kennedy 1981, "Reduction of Operator Strength"). Begin reading at `reduceStrength`.
 */
import { fitsImmediate } from "./constants.ts";
import { dominates } from "./dominators.ts";
import { type Induction, inductionOf } from "./induction-facts.ts";
import { keyOf, type Linear, LinearForms } from "./linear-forms.ts";
import { finalCount } from "./loop-ends.ts";
import { applyReplacements, type Block, type Graph, type Loop, type Value } from "./ssa.ts";

/** Registers that a loop may occupy with what it counts, keeps and reads, pointers included. */
const PRESSURE = 22;
/** How often a loop runs for each time it is entered, by guess; with several ways out, it is a search. */
const ROUNDS = 8;
const SEARCH_ROUNDS = 3;

/** Needs `analyse`, and preheaders as `hoistInvariants` leaves them. Does not change blocks. */
export function reduceStrength(graph: Graph): void {
  const loops = graph.blocks.flatMap((block) => (block.loop?.header === block ? [block.loop] : []));
  // The innermost first: where their pointers begin may follow an outer counter.
  for (const loop of loops.sort((a, b) => b.depth - a.depth)) {
    const phis = loop.header.values.filter(({ kind }) => kind === "phi");
    for (const phi of phis) reduce(graph, loop, phi);
  }
}

function reduce(graph: Graph, loop: Loop, phi: Value): void {
  const induction = inductionOf(loop.header, phi);
  if (induction === null || induction.step === 0 || induction.entry.ending.kind !== "jump") return;
  new Reduction(graph, loop, induction).run();
  applyReplacements(graph);
}

/** Values that one pointer can stand for: their forms differ by constants. */
interface Group {
  readonly form: Linear;
  readonly members: { readonly value: Value; readonly distance: number }[];
}

/** Who reads a value; null is the ending of a block. */
type Readers = ReadonlyMap<Value, readonly (Value | null)[]>;

class Reduction {
  private readonly forms: LinearForms;
  private readonly readers: Readers;
  private readonly counter: Value;

  constructor(
    private readonly graph: Graph,
    private readonly loop: Loop,
    private readonly induction: Induction,
  ) {
    this.counter = induction.phi;
    this.forms = new LinearForms(loop, induction.phi);
    this.readers = readersOf(graph);
  }

  run(): void {
    const all = this.groups();
    if (all.length === 0) return;
    let groups = all;
    let best = this.gain(groups);
    for (const group of all) {
      const others = groups.filter((each) => each !== group);
      const gain = this.gain(others);
      if (gain >= best) [groups, best] = [others, gain];
    }
    const entering = groups.reduce((cost, { form }) => cost + form.terms.length + 1, 0);
    if (groups.length === 0 || best * rounds(this.loop) <= entering || pressure(this.loop) + groups.length > PRESSURE)
      return;
    const end = this.isCounterIdle(this.idle(groups)) ? finalCount(this.induction, groups[0]!.form.scale) : null;
    for (const [index, group] of groups.entries()) this.replace(group, index === 0 ? end : null);
  }

  /** What follows the counter and is read by something that does not. */
  private groups(): Group[] {
    const groups = new Map<string, Group>();
    for (const block of blocksOf(this.loop)) {
      for (const value of block.values) {
        const form = this.follows(value);
        if (form === null || (form.scale === 1 && form.terms.length === 0)) continue;
        if (!this.readers.get(value)?.some((reader) => reader === null || this.follows(reader) === null)) continue;
        const key = keyOf(form);
        let group = groups.get(key);
        if (group === undefined) groups.set(key, (group = { form, members: [] }));
        group.members.push({ value, distance: (form.offset - group.form.offset) | 0 });
      }
    }
    return [...groups.values()];
  }

  /** The form of a value that is computed from the counter. */
  private follows(value: Value): Linear | null {
    if (value.kind === "phi" || value.block === null || !this.loop.blocks.has(value.block)) return null;
    const form = this.forms.of(value);
    return form === null || form.scale === 0 ? null : form;
  }

  /** Instructions that pointers for these groups save in each round. */
  private gain(groups: readonly Group[]): number {
    const idle = this.idle(groups);
    let gain = -groups.length;
    for (const value of idle) gain += this.weight(value);
    for (const { members } of groups) {
      for (const { value, distance } of members) if (!this.folds(value, distance)) gain -= this.weight(value);
    }
    if (groups.length > 0 && this.isCounterIdle(idle) && finalCount(this.induction, groups[0]!.form.scale) !== null)
      gain += 1;
    return gain;
  }

  /** How often the value is computed in a round. */
  private weight(value: Value): number {
    const block = value.block!;
    if (block.loop !== this.loop) return ROUNDS;
    return dominates(block, this.induction.latch) ? 1 : 0.5;
  }

  /** Whether all who read the value take a constant distance for nothing. */
  private folds(value: Value, distance: number): boolean {
    if (distance === 0) return true;
    return this.readers.get(value)!.every((reader) => {
      if (reader === null) return false;
      const isPlace = reader.kind === "load" || (reader.kind === "store" && reader.inputs[1] !== value);
      return isPlace && fitsImmediate(reader.offset + distance);
    });
  }

  /** What nobody would read any more; not the counter and its step. */
  private idle(groups: readonly Group[]): Set<Value> {
    const idle = new Set(groups.flatMap(({ members }) => members.map(({ value }) => value)));
    for (const value of idle) {
      for (const input of value.inputs) {
        if (input === this.induction.next || this.follows(input) === null) continue;
        if (this.readers.get(input)!.every((reader) => reader !== null && idle.has(reader))) idle.add(input);
      }
    }
    return idle;
  }

  /** Whether only the loop's end still asks for the counter. */
  private isCounterIdle(idle: ReadonlySet<Value>): boolean {
    const { next, latch } = this.induction;
    const others = (value: Value): (Value | null)[] =>
      this.readers.get(value)!.filter((reader) => reader === null || !idle.has(reader));
    if (others(this.counter).some((reader) => reader !== next)) return false;
    const endings = others(next).filter((reader) => reader !== this.counter);
    return endings.length === 1 && endings[0] === null && latch.ending.values.includes(next);
  }

  /** Makes the pointer and gives it to those who read the members. `end`: the counter's last value, if the loop shall end by this pointer. */
  private replace({ form, members }: Group, end: Value | null): void {
    const { header, entry, latch, begin, step } = this.induction;
    const { graph } = this;
    const { position } = members[0]!.value;
    const pointer = graph.value("phi", position, []);
    pointer.block = header;
    const next = this.append(latch, "add", pointer, graph.constant(Math.imul(form.scale, step)));
    const first = this.at(form, begin);
    pointer.inputs = header.predecessors.map((block) => (block === entry ? first : next));
    header.values.unshift(pointer);
    if (end !== null) {
      const targets = latch.ending.targets;
      if (targets[0] !== header) targets.reverse();
      latch.ending.operator = "notEqual";
      latch.ending.values = [next, this.at(form, end)];
    }
    for (const { value, distance } of members) {
      if (distance === 0) value.replacement = pointer;
      else {
        value.kind = "add";
        value.inputs = [pointer, graph.constant(distance)];
      }
    }
  }

  /** What the form is for a value of the counter; computed before the loop. */
  private at({ scale, terms, offset }: Linear, counter: Value): Value {
    const { graph, induction } = this;
    const term = (value: Value, factor: number): Value =>
      factor === 1 ? value : this.append(induction.entry, "multiply", value, graph.constant(factor));
    let total: Value | null = null;
    let rest = offset;
    if (counter.kind === "constant") rest = (rest + Math.imul(scale, counter.offset)) | 0;
    for (const each of counter.kind === "constant" ? terms : [...terms, { value: counter, factor: scale }]) {
      const next: Value = term(each.value, each.factor);
      total = total === null ? next : this.append(induction.entry, "add", total, next);
    }
    if (total === null) return graph.constant(rest);
    return rest === 0 ? total : this.append(induction.entry, "add", total, graph.constant(rest));
  }

  private append(block: Block, kind: "add" | "multiply", left: Value, right: Value): Value {
    const value = this.graph.value(kind, this.counter.position, [left, right]);
    value.block = block;
    block.values.push(value);
    return value;
  }
}

/** In the order of the function. */
const blocksOf = ({ blocks }: Loop): Block[] => [...blocks].sort((a, b) => a.order - b.order);

function rounds({ blocks }: Loop): number {
  let exits = 0;
  for (const { ending } of blocks)
    for (const target of ending.targets) if (!blocks.has(target) && !isTrap(target)) exits++;
  return exits > 1 ? SEARCH_ROUNDS : ROUNDS;
}

const isTrap = ({ ending: { kind } }: Block): boolean => kind === "trap" || kind === "unreachable";

function readersOf(graph: Graph): Readers {
  const readers = new Map<Value, (Value | null)[]>();
  const note = (read: Value, reader: Value | null): void => {
    const known = readers.get(read);
    if (known === undefined) readers.set(read, [reader]);
    else known.push(reader);
  };
  for (const { values, ending } of graph.blocks) {
    for (const value of values) for (const input of value.inputs) note(input, value);
    for (const value of ending.values) note(value, null);
  }
  return readers;
}

/** What the loop keeps in registers, roughly. */
function pressure({ header, blocks }: Loop): number {
  const kept = new Set(header.values.filter(({ kind }) => kind === "phi"));
  const note = (value: Value): void => {
    if (value.block !== null && !blocks.has(value.block)) kept.add(value);
  };
  for (const { values, ending } of blocks) {
    for (const value of values) if (value.kind !== "phi") value.inputs.forEach(note);
    ending.values.forEach(note);
  }
  return kept.size;
}
