/**
 * A scenario's file: where in it everything stands, and what to say of what is wrong with it, so that a mistake is one line that names the file, the
 * line and the column. The schema is scenario.ts'.
 */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";

/** The way to a part of the file: keys and indices. */
export type Path = readonly PropertyKey[];

/** What is wrong with a scenario, in one line; `path`, where the line does not yet say where. */
export class ScenarioError extends Error {
  readonly path: Path | null;
  constructor(message: string, path: Path | null = null) {
    super(message);
    this.path = path;
  }
}

export class ScenarioFile {
  /** What the YAML says. */
  readonly value: unknown;
  private readonly name: string;
  private readonly root: Node;
  private readonly lines = new LineCounter();

  /** Throws a ScenarioError where the text is no YAML. */
  constructor(text: string, name: string) {
    this.name = name;
    const document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false });
    const [mistake] = document.errors;
    if (mistake) throw new ScenarioError(`${this.place(mistake.pos[0])}: ${mistake.message}`);
    if (document.contents === null) throw new ScenarioError(`${name}: the file is empty`);
    this.root = document.contents;
    try {
      this.value = document.toJS();
    } catch (error) {
      throw new ScenarioError(`${name}: ${(error as Error).message}`); // an alias of nothing
    }
  }

  /** Where the part stands, or what of the way to it there is: `file:line:column`. With `unknownKey`, the place of that key in it. */
  placeOf(path: Path, unknownKey?: string): string {
    let node: Node = this.root;
    for (const key of path) {
      const next = (isMap(node) || isSeq(node) ? node.get(key, true) : null) as Node | null | undefined;
      if (!next) break;
      node = next;
    }
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === unknownKey) : undefined;
    return this.place(((pair?.key as Node) ?? node).range?.[0] ?? 0);
  }

  private place(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.name}:${line}:${col}`;
  }
}

/** A mistake in a value, and where. */
export interface Mistake {
  readonly path: Path;
  readonly message: string;
  readonly unknownKey?: string;
}

/** What to say of an issue: of a union's alternatives, the mistake in the one that was meant. */
export function closestMistake(issue: z.core.$ZodIssue, root: unknown, base: Path = []): Mistake {
  const path = [...base, ...issue.path];
  if (isUnknownKey(issue))
    return { path, message: `there is no key "${issue.keys[0]}" here`, unknownKey: issue.keys[0] };
  if (issue.code !== "invalid_union") return { path, message: plainly(issue) };
  const value = valueAt(root, path);
  const meant = issue.errors.filter((issues) => fits(issues, value)).sort((a, b) => a.length - b.length)[0];
  if (meant) return closestMistake(meant.find(isUnknownKey) ?? meant[0]!, root, path);
  const expected = issue.errors.flatMap((issues) => issues.find(({ path }) => path.length > 0)?.path[0] ?? []);
  if (expected.length === 0) return { path, message: plainly(issue.errors[0]![0]!) };
  const message = `one of ${[...new Set(expected)].join(", ")} is expected`;
  return { path, message, unknownKey: Object.keys(value as object)[0] };
}

/** Whether an alternative knows a key of the value, or the value's type. */
function fits(issues: readonly z.core.$ZodIssue[], value: unknown): boolean {
  const isObject = typeof value === "object" && value !== null;
  const other = isObject ? ["invalid_type", "invalid_value"] : ["invalid_type"];
  if (issues.some(({ code, path }) => path.length === 0 && other.includes(code))) return false;
  if (!isObject || Array.isArray(value)) return true;
  const unknown = issues.flatMap((issue) => (isUnknownKey(issue) && issue.path.length === 0 ? issue.keys : []));
  return unknown.length < Object.keys(value).length;
}

function isUnknownKey(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueUnrecognizedKeys {
  return issue.code === "unrecognized_keys";
}

function plainly({ message }: z.core.$ZodIssue): string {
  if (/received undefined$/.test(message)) return "it is missing";
  return message.replace(/^Invalid (input|option): /, "");
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], root);
}
