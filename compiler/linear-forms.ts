/**
 * Values of a loop as linear functions of one of its counters: `scale * counter + terms + offset`, all modulo 2^32.
 *
 * The terms are values that the loop does not change, each with a factor. Begin reading at `LinearForms.of`.
 */
import type { Loop, Value } from "./ssa.ts";

export interface Linear {
  readonly scale: number;
  /** By the values' numbers. */
  readonly terms: readonly Term[];
  readonly offset: number;
}

interface Term {
  readonly value: Value;
  readonly factor: number;
}

/** A form with more terms costs more than it saves. */
const TERMS = 4;

export class LinearForms {
  private readonly known = new Map<Value, Linear | null>();

  constructor(
    private readonly loop: Loop,
    private readonly counter: Value,
  ) {}

  /** The value's form; null where it is none. */
  of(value: Value): Linear | null {
    if (value.kind === "constant") return { scale: 0, terms: [], offset: value.offset };
    if (value === this.counter) return { scale: 1, terms: [], offset: 0 };
    if (!this.loop.blocks.has(value.block!)) return { scale: 0, terms: [{ value, factor: 1 }], offset: 0 };
    let form = this.known.get(value);
    if (form === undefined) {
      form = this.made(value);
      this.known.set(value, form);
    }
    return form;
  }

  private made({ kind, inputs }: Value): Linear | null {
    const [left, right] = inputs as [Value, Value];
    switch (kind) {
      case "add":
        return sum(this.of(left), this.of(right), 1);
      case "subtract":
        return sum(this.of(left), this.of(right), -1);
      case "shiftLeft":
        return right.kind === "constant" ? scaled(this.of(left), 1 << right.offset) : null;
      case "multiply":
        return right.kind === "constant" ? scaled(this.of(left), right.offset) : null;
      default:
        return null;
    }
  }
}

/** Whether two forms differ by a constant. */
export const keyOf = ({ scale, terms }: Linear): string =>
  `${scale} ${terms.map(({ value, factor }) => `${factor}*${value.id}`).join(" ")}`;

function sum(left: Linear | null, right: Linear | null, sign: 1 | -1): Linear | null {
  if (left === null || right === null) return null;
  const factors = new Map(left.terms.map(({ value, factor }) => [value, factor]));
  for (const { value, factor } of right.terms) factors.set(value, ((factors.get(value) ?? 0) + sign * factor) | 0);
  const terms = [...factors].flatMap(([value, factor]) => (factor === 0 ? [] : [{ value, factor }]));
  if (terms.length > TERMS) return null;
  terms.sort((a, b) => a.value.id - b.value.id);
  return { scale: (left.scale + sign * right.scale) | 0, terms, offset: (left.offset + sign * right.offset) | 0 };
}

function scaled(form: Linear | null, by: number): Linear | null {
  if (form === null) return null;
  const terms = form.terms.map(({ value, factor }) => ({ value, factor: Math.imul(factor, by) }));
  if (terms.some(({ factor }) => factor === 0)) return null;
  return { scale: Math.imul(form.scale, by), terms, offset: Math.imul(form.offset, by) };
}
