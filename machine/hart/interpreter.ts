/**
 * The interpreter itself, made from the text that generate.ts writes. A module of its own, because whoever bundles the
 * machine may put that text in its place, so that it is compiled beforehand: bin/make-pack.ts does.
 */
import { type Interpreter, interpreterSource, type Parts } from "./generate.ts";

export function makeInterpreter(parts: Parts): Interpreter {
  const make = new Function("parts", interpreterSource());
  return make(parts) as Interpreter;
}
