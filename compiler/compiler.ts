/**
 * The compiler's front door: guest TypeScript in, ELF executables out.
 *
 * The stages: program.ts (parse and check, by tsc) → subset.ts → lower.ts (to IR) → escapes.ts → backend.ts (IR to machine code) → link.ts. Pure: files
 * come through a `SourceHost`, and nothing depends on the machine it runs on. Begin reading at `compile`.
 */
import type ts from "typescript";
import { type FunctionSummary, pack, type Summary, summarise, unpack } from "./artifact.ts";
import { deserialize, generate, serialize } from "./backend.ts";
import { Artifacts, type Cache } from "./cache.ts";
import type { Diagnostic } from "./errors.ts";
import { checkEscapes } from "./escapes.ts";
import { contentHash } from "./hash.ts";
import type { Module } from "./ir.ts";
import { link } from "./link.ts";
import { inferType, type Lowered, lowerModule } from "./lower.ts";
import type { ObjectFile } from "./object.ts";
import { createProgram, fileDiagnostic, type Program, RUNTIME, type SourceHost } from "./program.ts";
import { SourceGraph } from "./source-graph.ts";
import { Constants } from "./static-values.ts";
import { checkSubset } from "./subset.ts";

export { formatDiagnostic } from "./errors.ts";
export type { Cache, Diagnostic, SourceHost };

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
  /** Keeps results between calls; by default nothing is kept. */
  readonly cache?: Cache;
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
  return new Build(host, executables, options).run();
}

/** One call of `compile`: every step looks into the cache first. */
class Build {
  readonly #executables: readonly Executable[];
  readonly #artifacts: Artifacts;
  readonly #optimise: boolean;
  readonly #graph: SourceGraph;
  /** By module: the key of everything that lowering it depends on. */
  readonly #keys: ReadonlyMap<string, string>;
  readonly #summaries = new Map<string, Summary>();
  readonly #modules = new Map<string, Module>();
  readonly #objects = new Map<string, ObjectFile>();
  readonly #objectKeys = new Map<string, string>();
  readonly #functions = new Map<string, FunctionSummary>();

  constructor(host: SourceHost, executables: readonly Executable[], { cache, optimise = true }: CompileOptions) {
    this.#executables = executables;
    this.#artifacts = new Artifacts(cache ?? null);
    this.#optimise = optimise;
    const roots = new Set([RUNTIME, ...executables.flatMap(({ entry, start }) => [entry, start])]);
    this.#graph = new SourceGraph(host, [...roots], this.#artifacts);
    this.#keys = this.#graph.keys();
  }

  run(): Compilation {
    const failed = (diagnostics: readonly Diagnostic[]): Compilation => ({ diagnostics, images: new Map() });
    const { missing } = this.#graph;
    if (missing.length > 0) return failed(missing.map((path) => fileDiagnostic(path, "unreadable", path)));
    const found = this.#lower();
    if (found.length > 0) return failed(found);
    const escapes = checkEscapes([...this.#summaries.values()]);
    const entries = this.#executables.flatMap((executable) => checkEntries(executable, this.#summaries));
    if (escapes.length + entries.length > 0) return failed([...escapes, ...entries]);
    for (const { functions } of this.#summaries.values())
      for (const each of functions) this.#functions.set(each.symbol, each);
    const images = new Map<string, Uint8Array>();
    for (const executable of this.#executables) images.set(executable.name, this.#image(executable, images));
    return { diagnostics: [], images };
  }

  /** Checks and lowers what the cache does not have; what it makes is kept only if all of it is right. */
  #lower(): Diagnostic[] {
    const changed: string[] = [];
    for (const [path, key] of this.#keys) {
      const summary = this.#artifacts.read<Summary>(`module-${key}`);
      if (summary === null) changed.push(path);
      else this.#summaries.set(path, summary);
    }
    if (changed.length === 0) return [];
    const program = createProgram(changed, (path) => this.#graph.parsed(path));
    const constants = new Constants(program.checker, program.core, this.#graph.volatileClasses, inferType);
    const files = changed.map((path) => program.files.get(path)!);
    const checked = check(program, constants, files);
    if (checked.length > 0) return checked;
    const lowered = files.map((file) => lowerModule(constants, file));
    const found = lowered.flatMap(({ diagnostics }) => diagnostics);
    if (found.length === 0) for (const each of lowered) this.#keep(each);
    return found;
  }

  #keep(lowered: Lowered): void {
    const { module } = lowered;
    const key = this.#keys.get(module.path)!;
    const summary = summarise(lowered, this.#artifacts.isKept);
    this.#summaries.set(module.path, summary);
    this.#modules.set(module.path, module);
    if (!this.#artifacts.isKept) return;
    this.#artifacts.write(`ir-${key}`, pack(module));
    this.#artifacts.write(`module-${key}`, summary);
  }

  #image(executable: Executable, images: ReadonlyMap<string, Uint8Array>): Uint8Array {
    const { name, entry, start, kind, linesInMemory = false } = executable;
    const blobs = (executable.blobs ?? []).map(({ symbol, bytes }) => ({
      symbol,
      bytes: bytes instanceof Uint8Array ? bytes : bytes(images),
    }));
    const order = importOrder([RUNTIME, start, entry], this.#summaries);
    const initializers = order.flatMap((path) => this.#summaries.get(path)!.initializer ?? []);
    const ends = {
      name,
      entry: `${entry}:main`,
      start: `${start}:start`,
      base: BASE[kind],
      kind,
      initializers,
      linesInMemory,
    };
    const key =
      blobs.length > 0 || !this.#artifacts.isKept
        ? null
        : `image-${contentHash(JSON.stringify(ends), ...order.map((path) => this.#objectKey(path)))}`;
    const known = key === null ? null : this.#artifacts.bytes(key);
    if (known !== null) return known;
    const image = link(
      { ...ends, blobs },
      order.map((path) => this.#object(path)),
    );
    if (key !== null) this.#artifacts.keep(key, image);
    return image;
  }

  #object(path: string): ObjectFile {
    const known = this.#objects.get(path);
    if (known !== undefined) return known;
    const object = this.#artifacts.isKept
      ? this.#keptObject(path)
      : generate(this.#module(path), this.#modules, { optimise: this.#optimise });
    this.#objects.set(path, object);
    return object;
  }

  #keptObject(path: string): ObjectFile {
    const key = this.#objectKey(path);
    const bytes = this.#artifacts.bytes(key);
    const known = bytes === null ? null : deserialize(bytes);
    if (known !== null) return known;
    const sources = new Set([path, ...this.#inlined(path).map(({ symbol }) => symbol.slice(0, symbol.indexOf(":")))]);
    const modules = new Map([...sources].map((each) => [each, this.#module(each)]));
    const object = generate(this.#module(path), modules, { optimise: this.#optimise });
    this.#artifacts.keep(key, serialize(object));
    return object;
  }

  /** An object depends on its module, and on the small functions of others that may be copied into it. */
  #objectKey(path: string): string {
    let key = this.#objectKeys.get(path);
    if (key === undefined) {
      const inlined = this.#inlined(path).flatMap(({ symbol, fingerprint }) => [symbol, fingerprint]);
      key = `object-${contentHash(String(this.#optimise), this.#keys.get(path)!, ...inlined)}`;
      this.#objectKeys.set(path, key);
    }
    return key;
  }

  /** Small functions that a module's functions call, and that those call. */
  #inlined(path: string): FunctionSummary[] {
    const found = new Map<string, FunctionSummary>();
    const pending = this.#summaries.get(path)!.functions.flatMap(({ calls }) => calls);
    for (let symbol = pending.pop(); symbol !== undefined; symbol = pending.pop()) {
      const callee = this.#functions.get(symbol);
      if (callee === undefined || callee.fingerprint === "" || found.has(symbol)) continue;
      found.set(symbol, callee);
      pending.push(...callee.calls);
    }
    return [...found.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  }

  /** A module's IR, just made or from the cache. */
  #module(path: string): Module {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const packed = this.#artifacts.read<Parameters<typeof unpack>[0]>(`ir-${this.#keys.get(path)}`);
    if (packed === null) throw new Error(`the cache has lost the IR of ${path}`);
    const module = unpack(packed);
    this.#modules.set(path, module);
    return module;
  }
}

/** What tsc reports; if it does, also what is outside the language by its syntax, which is often the reason. */
export function check(program: Program, constants: Constants, files: readonly ts.SourceFile[]): Diagnostic[] {
  const checked = program.diagnose(files);
  return checked.length === 0 ? [] : [...checked, ...files.flatMap((file) => checkSubset(constants, file))];
}

/** An entry has a `main`, and a start module a routine. */
function checkEntries({ entry, start }: Executable, summaries: ReadonlyMap<string, Summary>): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  if (!summaries.get(entry)?.functions.some(({ symbol }) => symbol === `${entry}:main`))
    diagnostics.push(fileDiagnostic(entry, "noMain", entry, "main"));
  if (!summaries.get(start)?.routines.includes(`${start}:start`))
    diagnostics.push(fileDiagnostic(start, "noMain", start, "start"));
  return diagnostics;
}

/** Modules in the order in which they are initialised: what is imported comes first. */
function importOrder(roots: readonly string[], modules: ReadonlyMap<string, Summary>): string[] {
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
