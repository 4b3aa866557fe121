/**
 * The files that executables are made of: their text, what they import, and for each a key that changes whenever lowering it might give
 * something else. Reads and hashes; parses only what the cache has never seen. Begin reading at `SourceGraph`.
 */
import type ts from "typescript";
import type { Artifacts } from "./cache.ts";
import { contentHash } from "./hash.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { CORE, parse, resolvePath, type SourceHost } from "./program.ts";
import { volatileClasses } from "./volatile.ts";

interface SourceText {
  /** Of its text. */
  readonly hash: string;
  readonly outline: Outline;
  /** Paths of all imports that exist, those of types too. */
  readonly imports: readonly string[];
}

export class SourceGraph {
  /** Guest modules by path, the roots and everything they import; without lib/core.d.ts. */
  readonly modules = new Map<string, SourceText>();
  /** Roots that cannot be read. */
  readonly missing: string[] = [];
  readonly volatileClasses: ReadonlySet<string>;
  readonly #host: SourceHost;
  readonly #artifacts: Artifacts;
  readonly #texts = new Map<string, string | null>();
  readonly #parsed = new Map<string, ts.SourceFile>();

  constructor(host: SourceHost, roots: readonly string[], artifacts: Artifacts) {
    this.#host = host;
    this.#artifacts = artifacts;
    for (const path of [CORE, ...roots]) if (this.#text(path) === null) this.missing.push(path);
    const reached = new Set(roots);
    for (const path of reached) for (const imported of this.#add(path)) reached.add(imported);
    this.volatileClasses = volatileClasses([...this.modules.values()].map(({ outline }) => outline.volatile));
  }

  /** A parsed file, or null if there is none. */
  parsed(path: string): ts.SourceFile | null {
    const known = this.#parsed.get(path);
    if (known !== undefined) return known;
    const text = path.endsWith(".ts") ? this.#text(path) : null;
    if (text === null) return null;
    const file = parse(path, text);
    this.#parsed.set(path, file);
    return file;
  }

  /** For each module: the hash of its text and of all that it can see of others. */
  keys(): Map<string, string> {
    const shared = contentHash(this.#text(CORE) ?? "", ...[...this.volatileClasses].sort());
    const keys = new Map<string, string>();
    for (const [path, { hash }] of this.modules) {
      const seen = [...this.#closure(path)].sort().flatMap((each) => [each, this.modules.get(each)!.outline.hash]);
      keys.set(path, contentHash(shared, path, hash, ...seen));
    }
    return keys;
  }

  #text(path: string): string | null {
    let text = this.#texts.get(path);
    if (text === undefined) this.#texts.set(path, (text = this.#host.read(path)));
    return text;
  }

  #add(path: string): readonly string[] {
    const text = this.#text(path);
    if (text === null) return [];
    const hash = contentHash(text);
    const outline = this.#outline(path, hash);
    const resolved = outline.imports.filter((each) => each.startsWith(".") && each.endsWith(".ts"));
    const imports = resolved.map((each) => resolvePath(path, each)).filter((each) => this.#text(each) !== null);
    this.modules.set(path, { hash, outline, imports });
    return imports;
  }

  #outline(path: string, textHash: string): Outline {
    const key = `outline-${textHash}`;
    const cached = this.#artifacts.read<Outline>(key);
    if (cached !== null) return cached;
    const outline = outlineOf(this.parsed(path)!);
    this.#artifacts.write(key, outline);
    return outline;
  }

  /** What a module can see: its imports, and theirs. */
  #closure(path: string): Set<string> {
    const seen = new Set<string>();
    const pending = [path];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      for (const each of this.modules.get(at)!.imports) {
        if (seen.has(each)) continue;
        seen.add(each);
        pending.push(each);
      }
    }
    return seen;
  }
}
