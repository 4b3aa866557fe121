/**
 * The escape check: no reference to a stack object outlives its frame, or the iteration of the loop that makes it.
 *
 * A reference escapes when it is stored in memory, returned, or passed to a parameter from which it escapes; whether it does is computed for all
 * functions together. A call through a register may be a call of any function whose address is taken and whose parameters fit. What
 * `address(x)`, `ecall` and `asm` do with an address is the programmer's affair. Begin reading at `checkEscapes`.
 */
import { type Diagnostic, describe, type ErrorName } from "./errors.ts";
import type { Flow, FunctionFlows } from "./flows.ts";
import type { Position } from "./ir.ts";

/** What callers need to know: from which parameters references get into memory, or come back as the result. */
interface Summary {
  readonly kept: Set<number>;
  /** Twice the parameter, plus the word of the result. */
  readonly returned: Set<number>;
}

export function checkEscapes(modules: readonly EscapeFacts[]): Diagnostic[] {
  const taken = new Set(modules.flatMap((module) => module.taken));
  return new EscapeCheck(
    modules.flatMap(({ flows }) => flows),
    taken,
  ).run();
}

/** What the check needs to know of a module. */
export interface EscapeFacts {
  readonly flows: readonly FunctionFlows[];
  /** Symbols whose address is taken: functions among them may be called through a register. */
  readonly taken: readonly string[];
}

class EscapeCheck {
  readonly #flows: readonly FunctionFlows[];
  readonly #summaries = new Map<string, Summary>();
  readonly #indirect: readonly FunctionFlows[];
  readonly #candidates = new Map<string, Summary[]>();
  readonly #flowsFrom = new Map<FunctionFlows, ReadonlyMap<number, Flow[]>>();

  constructor(flows: readonly FunctionFlows[], taken: ReadonlySet<string>) {
    this.#flows = flows;
    this.#indirect = flows.filter(({ symbol }) => taken.has(symbol));
    for (const code of flows) {
      this.#summaries.set(code.symbol, { kept: new Set(), returned: new Set() });
      this.#flowsFrom.set(code, bySource(code.flows));
    }
  }

  run(): Diagnostic[] {
    while (this.#summarise()) {}
    return this.#flows.flatMap((code) => code.slots.flatMap((_, slot) => this.#checkSlot(code, slot)));
  }

  /** One round over all functions; whether a summary grew. */
  #summarise(): boolean {
    let changed = false;
    for (const code of this.#flows) {
      const summary = this.#summaries.get(code.symbol)!;
      for (let parameter = 0; parameter < code.parameters; parameter++) {
        for (const flow of this.#reached(code, parameter)) {
          const { to } = flow;
          const [into, what] =
            to.kind === "result" ? [summary.returned, 2 * parameter + to.word] : [summary.kept, parameter];
          if (into.has(what) || (to.kind !== "result" && !this.#isKept(code, flow))) continue;
          into.add(what);
          changed = true;
        }
      }
    }
    return changed;
  }

  /** All flows of what begins at a source, through calls that return what they are given. */
  #reached(code: FunctionFlows, source: number): Flow[] {
    const firstCall = code.parameters + code.slots.length;
    const flowsFrom = this.#flowsFrom.get(code)!;
    const sources = new Set([source]);
    const reached: Flow[] = [];
    for (const each of sources) {
      for (const flow of flowsFrom.get(each) ?? []) {
        reached.push(flow);
        const { to } = flow;
        if (to.kind !== "argument") continue;
        for (const { returned } of this.#callees(code, to.call))
          for (const word of [0, 1]) if (returned.has(2 * to.index + word)) sources.add(firstCall + 2 * to.call + word);
      }
    }
    return reached;
  }

  #isKept(code: FunctionFlows, { to }: Flow): boolean {
    if (to.kind !== "argument") return to.kind === "memory";
    return this.#callees(code, to.call).some((callee) => callee.kept.has(to.index));
  }

  #callees(code: FunctionFlows, call: number): Summary[] {
    const callee = code.calls[call]!;
    if (typeof callee !== "string") return this.#throughRegister(callee);
    const summary = this.#summaries.get(callee);
    return summary === undefined ? [] : [summary];
  }

  #throughRegister(shape: readonly string[]): Summary[] {
    const key = shape.join();
    const known = this.#candidates.get(key);
    if (known !== undefined) return known;
    const found = this.#indirect
      .filter((each) => accepts(each.shape, shape))
      .map((each) => this.#summaries.get(each.symbol)!);
    this.#candidates.set(key, found);
    return found;
  }

  #checkSlot(code: FunctionFlows, slot: number): Diagnostic[] {
    const { name, loop } = code.slots[slot]!;
    for (const flow of this.#reached(code, code.parameters + slot)) {
      const { to, position } = flow;
      if (to.kind === "result") return [diagnostic(position, "escapes", name, "returned")];
      if (to.kind === "variable" && !loop.every((each, depth) => to.loop[depth] === each))
        return [diagnostic(position, "outlivesIteration", name)];
      if (!this.#isKept(code, flow)) continue;
      const how =
        to.kind === "argument" ? `passed to ${calleeName(code.calls[to.call]!)}, which keeps it` : "stored in memory";
      return [diagnostic(position, "escapes", name, how)];
    }
    return [];
  }
}

function bySource(flows: readonly Flow[]): Map<number, Flow[]> {
  const grouped = new Map<number, Flow[]>();
  for (const flow of flows) {
    const known = grouped.get(flow.source);
    if (known === undefined) grouped.set(flow.source, [flow]);
    else known.push(flow);
  }
  return grouped;
}

/** Whether a function with these parameters can be what a call passes this to. It may take fewer. */
function accepts(parameters: readonly string[], passed: readonly string[]): boolean {
  if (parameters.length > passed.length) return false;
  return parameters.every((each, index) => each === passed[index] || each === "*" || passed[index] === "*");
}

function calleeName(callee: string | readonly string[]): string {
  return typeof callee === "string" ? callee : "a function of that type";
}

function diagnostic(position: Position, name: ErrorName, ...names: string[]): Diagnostic {
  return { ...position, ...describe(name, ...names) };
}
