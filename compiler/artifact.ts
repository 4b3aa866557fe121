/**
 * Lowered modules as the cache keeps them: a summary, which is always read, and the IR, which is read only where code has to be
 * generated from it. Begin reading at `summarise`.
 */
import type { FunctionFlows } from "./flows.ts";
import { contentHash } from "./hash.ts";
import type * as IR from "./ir.ts";
import type { Lowered } from "./lower.ts";

/** What linking, the escape check and the keys of objects need to know of a module. */
export interface Summary {
  readonly path: string;
  readonly imports: readonly string[];
  readonly initializer: string | null;
  readonly routines: readonly string[];
  readonly functions: readonly FunctionSummary[];
  readonly flows: readonly FunctionFlows[];
  /** Symbols whose address is taken somewhere in the module. */
  readonly taken: readonly string[];
}

export interface FunctionSummary {
  readonly symbol: string;
  /** Whom it calls by name. */
  readonly calls: readonly string[];
  /** Hash of its IR, if it is so small that others may contain copies of it; "" for all larger ones. */
  readonly fingerprint: string;
}

/** More instructions than this are never inlined (inline.ts), so no other module's code depends on them. */
const INLINED_MAXIMUM = 100;

export function summarise({ module, flows }: Lowered, hashed: boolean): Summary {
  const { path, imports, initializer, functions, routines } = module;
  return {
    path,
    imports,
    initializer,
    routines: routines.map(({ symbol }) => symbol),
    functions: functions.map((each) => summariseFunction(each, hashed)),
    flows,
    taken: [...addressesTaken(module)],
  };
}

function summariseFunction(code: IR.Function, hashed: boolean): FunctionSummary {
  const calls = new Set<string>();
  let instructions = 0;
  for (const block of code.blocks)
    for (const each of block.instructions) {
      if (each.kind === "call") calls.add(each.symbol);
      if (each.kind !== "move" && each.kind !== "slot") instructions++;
    }
  const fingerprint = hashed && instructions <= INLINED_MAXIMUM ? contentHash(JSON.stringify(code)) : "";
  return { symbol: code.symbol, calls: [...calls], fingerprint };
}

/** Functions among them may be called through a register. */
function addressesTaken({ functions, data }: IR.Module): Set<string> {
  const taken = new Set(data.flatMap(({ relocations }) => relocations.map(({ symbol }) => symbol)));
  for (const { blocks } of functions)
    for (const { instructions } of blocks)
      for (const each of instructions) if (each.kind === "symbol") taken.add(each.symbol);
  return taken;
}

/** A module with each position written once, and bytes as numbers. */
interface Packed {
  readonly module: unknown;
  readonly positions: readonly IR.Position[];
}

type Fields = Record<string, unknown>;

export function pack(module: IR.Module): Packed {
  const positions: IR.Position[] = [];
  const numbers = new Map<IR.Position, number>();
  const place = <T extends { position: IR.Position }>(each: T): Fields => {
    let number = numbers.get(each.position);
    if (number === undefined) numbers.set(each.position, (number = positions.push(each.position) - 1));
    return { ...each, position: number };
  };
  const functions = module.functions.map((code) => ({
    ...place(code),
    blocks: code.blocks.map(({ instructions, terminator }) => ({
      instructions: instructions.map(place),
      terminator: place(terminator),
    })),
  }));
  const data = module.data.map((each) => ({ ...each, content: each.content === null ? null : [...each.content] }));
  return { module: { ...module, functions, routines: module.routines.map(place), data }, positions };
}

/** The module again, in place: `packed` is used up. */
export function unpack({ module, positions }: Packed): IR.Module {
  const place = (each: { position: unknown }): void => {
    each.position = positions[each.position as number];
  };
  const result = module as IR.Module;
  for (const code of result.functions) {
    place(code as Writable);
    for (const { instructions, terminator } of code.blocks) {
      instructions.forEach(place);
      place(terminator);
    }
  }
  for (const routine of result.routines) place(routine as Writable);
  for (const each of result.data as { content: Uint8Array | readonly number[] | null }[])
    if (each.content !== null) each.content = Uint8Array.from(each.content);
  return result;
}

interface Writable {
  position: unknown;
}
