/** The error of this package: one clear line for whoever built the machine wrongly or fed it a damaged file. */
export class MachineError extends Error {
  override readonly name = "MachineError";
}

/** Throws when what cannot happen has happened. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new MachineError(`internal: ${message}`);
}
