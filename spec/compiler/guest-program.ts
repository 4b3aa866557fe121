/**
 * Small guest programs for tests of the language: compiled from text, then interpreted as IR and run as machine code, with and without
 * the optimiser. All three have to agree. Begin with `expectResult`.
 */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { summarise } from "../../compiler/artifact.ts";
import { check } from "../../compiler/compiler.ts";
import { type Diagnostic, formatDiagnostic } from "../../compiler/errors.ts";
import { checkEscapes } from "../../compiler/escapes.ts";
import type { Module, Reason } from "../../compiler/ir.ts";
import { parseModule } from "../../compiler/ir-text.ts";
import { inferType, type Lowered, lowerModule } from "../../compiler/lower.ts";
import { CORE, createProgram, parse, RUNTIME } from "../../compiler/program.ts";
import { Constants } from "../../compiler/static-values.ts";
import { volatileClasses, volatileFacts } from "../../compiler/volatile.ts";
import { Interpreter, Trap } from "./ir-interpreter.ts";
import { lineTableOf, run } from "./run-machine-code.ts";

/** Files by path; `test.ts` has the `main`. */
export type Sources = Readonly<Record<string, string>>;

const project = new URL("../../../", import.meta.url);
const known = new Map([CORE, RUNTIME].map((path) => [path, parse(path, readFileSync(new URL(path, project), "utf8"))]));

/** tsc's complaints about names that nobody uses: small tests have some. */
const unused = new Set(["TS6133", "TS6192", "TS6196"]);

/** A construct: what it is, the program, and what its `main` answers. */
export type Case = readonly [name: string, source: string, expected: number | bigint];

/** A test for each case, by suite. */
export function describeLanguage(suites: Readonly<Record<string, readonly Case[]>>): void {
  for (const [suite, cases] of Object.entries(suites)) {
    describe(`${suite} of systems TypeScript`, () => {
      for (const [name, source, expected] of cases) it(name, () => expectResult(source, expected));
    });
  }
}

/** A program: `main` with this body. */
export const main = (body: string, before = ""): string => `${before}\nexport function main(): i32 { ${body} }`;

/** What becomes of the sources: modules, or diagnostics, tsc's first. */
export function lower(sources: Sources): { modules: Module[]; diagnostics: Diagnostic[] } {
  const files = new Map(Object.entries(sources).map(([path, text]) => [path, parse(path, text)]));
  const program = createProgram([RUNTIME, ...files.keys()], (path) => files.get(path) ?? known.get(path) ?? null);
  const all = [...program.files.values()];
  const constants = new Constants(program.checker, program.core, volatileClasses(all.map(volatileFacts)), inferType);
  const checked = check(program, constants, all).filter(({ code }) => !unused.has(code));
  if (checked.some(({ code }) => code.startsWith("TS"))) return { modules: [], diagnostics: checked };
  const lowered: Lowered[] = all.map((source) => lowerModule(constants, source));
  const diagnostics = lowered.flatMap((each) => each.diagnostics);
  const modules = lowered.map(({ module }) => module);
  if (diagnostics.length > 0) return { modules, diagnostics };
  return { modules, diagnostics: checkEscapes(lowered.map((each) => summarise(each, false))) };
}

/** Modules of a program that must compile. */
export function compiled(source: string | Sources): Module[] {
  const { modules, diagnostics } = lower(typeof source === "string" ? { "test.ts": source } : source);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return modules;
}

export type Outcome =
  | { readonly words: readonly [number, number] }
  | { readonly reason: Reason; readonly line: number };

/** The two result registers of `main`, or the check that failed; the same from the interpreter and from machine code. */
export function outcome(source: string | Sources): Outcome {
  const modules = compiled(source);
  const judged = interpret(modules);
  for (const optimise of [false, true]) {
    const machine = execute(modules, optimise);
    expect(machine, optimise ? "optimised machine code" : "machine code").to.deep.equal(judged);
  }
  return judged;
}

function interpret(modules: readonly Module[]): Outcome {
  const interpreter = new Interpreter(modules);
  try {
    for (const { initializer } of modules) if (initializer !== null) interpreter.call(initializer);
    const [low = 0, high = 0] = interpreter.call("test.ts:main");
    return { words: [low, high] };
  } catch (error) {
    if (error instanceof Trap) return { reason: error.reason, line: error.position.line };
    throw error;
  }
}

function execute(modules: readonly Module[], optimise: boolean): Outcome {
  const ended = ran(modules, optimise);
  if (ended.trap === null) return { words: [ended.results[0], ended.results[1]] };
  const check = lineTableOf(ended).checkAt(ended.trap.pc);
  if (check === null) throw new Error(`trap ${ended.trap.cause} at ${ended.trap.pc.toString(16)}`);
  return { reason: check.reason, line: check.line };
}

/** How many instructions the optimised program executes. */
export function instructionsOf(source: string): number {
  return ran(compiled(source), true).instructions;
}

function ran(modules: readonly Module[], optimise: boolean): ReturnType<typeof run> {
  const main = modules.flatMap(({ functions }) => functions).find(({ symbol }) => symbol === "test.ts:main");
  if (main === undefined) throw new Error("test.ts has no main");
  return run([...modules, parseModule(shims[main.results])], optimise);
}

/** What the machine calls: `main` may have no, one or two words of result. */
const shims = [0, 1, 2].map((count) => {
  const registers = ["%0", "%1"].slice(0, count).join(", ");
  const call = count === 0 ? "call test.ts:main" : `${registers} = call test.ts:main`;
  const results = [...["%0", "%1"].slice(0, count), ...["0", "0"].slice(count)].join(", ");
  return `module test\nfunction test:main () 2 {\n0:\n  ${call}\n  return ${results}\n}\n`;
}) as [string, string, string];

/** `main` returns this number (an i32, or anything that fits a u32; a bigint for a u64). */
export function expectResult(source: string | Sources, expected: number | bigint): void {
  const ended = outcome(source);
  if (!("words" in ended)) throw new Error(`check ${ended.reason} failed at line ${ended.line}`);
  const [low, high] = ended.words;
  if (typeof expected === "number") expect(low | 0).to.equal(expected | 0);
  else expect((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).to.equal(BigInt.asUintN(64, expected));
}

/** The same for what the interpreter does not know: assembly. */
export function expectMachineResult(source: string | Sources, expected: number): void {
  const modules = compiled(source);
  for (const optimise of [false, true]) expect(execute(modules, optimise)).to.deep.equal({ words: [expected, 0] });
}

/** A check of this kind fails at this line. */
export function expectTrap(source: string | Sources, reason: Reason, line: number): void {
  expect(outcome(source)).to.deep.equal({ reason, line });
}

/** The program's diagnostics, as `line:column CODE`. */
export function problems(source: string | Sources): string[] {
  const { diagnostics } = lower(typeof source === "string" ? { "test.ts": source } : source);
  return diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`);
}
