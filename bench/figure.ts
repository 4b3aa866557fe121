/** What a benchmark tells: one figure, and whether it reaches its goal. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The figure to reach, or null where there is none. */
  readonly goal: number | null;
  readonly met: boolean | null;
}

/** A figure that must not be above its goal. */
export function atMost(name: string, value: number, unit: string, goal: number): Figure {
  return { name, value, unit, goal, met: value <= goal };
}

/** A figure that must not be below its goal. */
export function atLeast(name: string, value: number, unit: string, goal: number): Figure {
  return { name, value, unit, goal, met: value >= goal };
}

/** A figure that is only reported. */
export function reported(name: string, value: number, unit: string): Figure {
  return { name, value, unit, goal: null, met: null };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
