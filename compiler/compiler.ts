/**
 * The compiler's front door: guest TypeScript in, ELF executables out.
 *
 * The stages: program.ts (parse and check, by tsc) → subset.ts → lower.ts (to IR) → escapes.ts → backend.ts (IR to machine code) → link.ts. Pure: files
 * come through a `SourceHost`, and nothing depends on the machine it runs on. Begin reading at `compile`.
 */
import type ts from "typescript";
import { generate } from "./backend.ts";
import type { Diagnostic } from "./errors.ts";
import { checkEscapes } from "./escapes.ts";
import type { Module } from "./ir.ts";
import { link } from "./link.ts";
import { inferType, lowerModule } from "./lower.ts";
import type { ObjectFile } from "./object.ts";
import { createProgram, fileDiagnostic, type Program, parse, RUNTIME, type SourceHost } from "./program.ts";
import { Constants } from "./static-values.ts";
import { checkSubset } from "./subset.ts";
import { volatileClasses, volatileFacts } from "./volatile.ts";

export { formatDiagnostic } from "./errors.ts";
export type { Diagnostic, SourceHost };

/** One ELF file to make. */
export interface Executable {
  readonly name: string;
  /** Path of the module that exports `main`. */
  readonly entry: string;
  /** Path of the module whose routine `start` is the first instruction. */
  readonly start: string;
  readonly kind: "kernel" | "user";
  /** Read-only bytes to carry along: `archive` lies between the linker symbols archive_start and archive_end. They may be made of the images that come before this one. */
  readonly blobs?: readonly {
    readonly symbol: string;
    readonly bytes: Uint8Array | ((images: ReadonlyMap<string, Uint8Array>) => Uint8Array);
  }[];
  /** Load the line table too, so that the program can read its own lines. */
  readonly linesInMemory?: boolean;
}

export interface CompileOptions {
  /** Default: true. */
  readonly optimise?: boolean;
}

export interface Compilation {
  /** Empty if and only if everything compiled. */
  readonly diagnostics: readonly Diagnostic[];
  /** ELF files, by the executables' names; empty if there are diagnostics. */
  readonly images: ReadonlyMap<string, Uint8Array>;
}

/** Where images are linked: RAM's first byte, and the second 64 KiB of an address space. */
const BASE = { kernel: 0x8000_0000, user: 0x0001_0000 } as const;

export function compile(
  host: SourceHost,
  executables: readonly Executable[],
  options: CompileOptions = {},
): Compilation {
  const failed = (diagnostics: readonly Diagnostic[]): Compilation => ({ diagnostics, images: new Map() });
  const files = new SourceFiles(host);
  const roots = [...new Set([RUNTIME, ...executables.flatMap(({ entry, start }) => [entry, start])])];
  const missing = roots.filter((path) => files.get(path) === null);
  if (missing.length > 0) return failed(missing.map((path) => fileDiagnostic(path, "unreadable", path)));

  const program = createProgram(roots, (path) => files.get(path));
  const constants = makeConstants(program);
  const checked = check(program, constants);
  if (checked.length > 0) return failed(checked);

  const lowered = new Map([...program.files].map(([path, source]) => [path, lowerModule(constants, source)]));
  const modules = new Map([...lowered].map(([path, { module }]) => [path, module]));
  const found = [...lowered.values()].flatMap(({ diagnostics }) => diagnostics);
  if (found.length === 0)
    found.push(
      ...checkEscapes(
        modules.values(),
        [...lowered.values()].flatMap(({ flows }) => flows),
      ),
    );
  found.push(...executables.flatMap((executable) => checkEntries(executable, modules)));
  if (found.length > 0) return failed(found);

  const objects = new Map<string, ObjectFile>();
  for (const [path, module] of modules)
    objects.set(path, generate(module, modules, { optimise: options.optimise ?? true }));
  const images = new Map<string, Uint8Array>();
  for (const executable of executables) images.set(executable.name, linkImage(executable, modules, objects, images));
  return { diagnostics: [], images };
}

/** Files parsed once, however many executables use them. */
class SourceFiles {
  readonly #host: SourceHost;
  readonly #parsed = new Map<string, ts.SourceFile | null>();

  constructor(host: SourceHost) {
    this.#host = host;
  }

  get(path: string): ts.SourceFile | null {
    const known = this.#parsed.get(path);
    if (known !== undefined) return known;
    const text = path.endsWith(".ts") ? this.#host.read(path) : null;
    const file = text === null ? null : parse(path, text);
    this.#parsed.set(path, file);
    return file;
  }
}

function makeConstants(program: Program): Constants {
  const volatile = volatileClasses([...program.files.values()].map(volatileFacts));
  return new Constants(program.checker, program.core, volatile, inferType);
}

/** What tsc reports; if it does, also what is outside the language by its syntax, which is often the reason. */
export function check(program: Program, constants: Constants): Diagnostic[] {
  const files = [...program.files.values()];
  const checked = program.diagnose(files);
  return checked.length === 0 ? [] : [...checked, ...files.flatMap((file) => checkSubset(constants, file))];
}

/** An entry has a `main`, and a start module a routine. */
function checkEntries({ entry, start }: Executable, modules: ReadonlyMap<string, Module>): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  if (!modules.get(entry)?.functions.some(({ symbol }) => symbol === `${entry}:main`))
    diagnostics.push(fileDiagnostic(entry, "noMain", entry, "main"));
  if (!modules.get(start)?.routines.some(({ symbol }) => symbol === `${start}:start`))
    diagnostics.push(fileDiagnostic(start, "noMain", start, "start"));
  return diagnostics;
}

function linkImage(
  executable: Executable,
  modules: ReadonlyMap<string, Module>,
  objects: ReadonlyMap<string, ObjectFile>,
  images: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const { name, entry, start, kind, linesInMemory = false } = executable;
  const blobs = (executable.blobs ?? []).map(({ symbol, bytes }) => ({
    symbol,
    bytes: bytes instanceof Uint8Array ? bytes : bytes(images),
  }));
  const order = importOrder([RUNTIME, start, entry], modules);
  const initializers = order.flatMap((path) => modules.get(path)!.initializer ?? []);
  const linked = {
    name,
    entry: `${entry}:main`,
    start: `${start}:start`,
    base: BASE[kind],
    kind,
    initializers,
    blobs,
    linesInMemory,
  };
  return link(
    linked,
    order.map((path) => objects.get(path)!),
  );
}

/** Modules in the order in which they are initialised: what is imported comes first. */
function importOrder(roots: readonly string[], modules: ReadonlyMap<string, Module>): string[] {
  const order = new Set<string>();
  const entered = new Set<string>();
  const visit = (path: string): void => {
    if (entered.has(path)) return;
    entered.add(path);
    for (const imported of modules.get(path)?.imports ?? []) visit(imported);
    order.add(path);
  };
  roots.forEach(visit);
  return [...order];
}
