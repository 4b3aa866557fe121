/**
 * The TypeScript program: every guest file that the entries reach, parsed, resolved and checked by tsc itself.
 *
 * Guest code sees lib/core.d.ts and nothing else; imports are relative paths that end in `.ts`. Whatever tsc has to say is said first.
 * Begin reading at `createProgram`.
 */
import ts = require("typescript");

import { type Diagnostic, describe, projectPath } from "./errors.ts";

/** Where source comes from. Paths are the project's, with `/`: `kernel/main.ts`. */
export interface SourceHost {
  /** The file's text, or null if there is none. */
  read(path: string): string | null;
}

export const CORE = "lib/core.d.ts";
/** What lowering calls without being asked: see `RuntimeSymbol`. */
export const RUNTIME = "lib/runtime.ts";

/** As tsconfig.guest.json has them; a test compares. */
export const guestOptions: ts.CompilerOptions = {
  noLib: true,
  target: ts.ScriptTarget.ES2023,
  types: [],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
  strict: true,
  noImplicitOverride: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noFallthroughCasesInSwitch: true,
};

/** What is ours alone: nothing is ever emitted by tsc. */
const ownOptions: ts.CompilerOptions = { noEmit: true, skipDefaultLibCheck: true };

export interface Program {
  readonly checker: ts.TypeChecker;
  readonly core: ts.SourceFile;
  /** Guest modules by path, the entries and everything they import. */
  readonly files: ReadonlyMap<string, ts.SourceFile>;
  /** What tsc reports about some of the files. */
  diagnose(files: Iterable<ts.SourceFile>): Diagnostic[];
}

/** Parses `roots` and all they import. `parsed` gives files that have been parsed already. */
export function createProgram(roots: readonly string[], parsed: (path: string) => ts.SourceFile | null): Program {
  const host = compilerHost(parsed);
  const program = ts.createProgram([CORE, ...roots].map(absolute), { ...guestOptions, ...ownOptions }, host);
  const files = new Map<string, ts.SourceFile>();
  for (const file of program.getSourceFiles()) if (!file.isDeclarationFile) files.set(projectPath(file.fileName), file);
  return {
    checker: program.getTypeChecker(),
    core: program.getSourceFile(absolute(CORE))!,
    files,
    diagnose: (sources) => diagnose(program, sources),
  };
}

/** Parses one file as the program would. */
export function parse(path: string, text: string): ts.SourceFile {
  const options: ts.CreateSourceFileOptions = {
    languageVersion: ts.ScriptTarget.ES2023,
    impliedNodeFormat: ts.ModuleKind.ESNext,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  };
  return ts.createSourceFile(absolute(path), text, options);
}

function absolute(path: string): string {
  return `/${path}`;
}

/** No directories, no packages, no environment: paths that `parsed` knows. */
function compilerHost(parsed: (path: string) => ts.SourceFile | null): ts.CompilerHost {
  const get = (name: string): ts.SourceFile | undefined => parsed(projectPath(name)) ?? undefined;
  return {
    getSourceFile: get,
    fileExists: (name) => get(name) !== undefined,
    readFile: (name) => get(name)?.text,
    getDefaultLibFileName: () => absolute(CORE),
    writeFile: () => {},
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    resolveModuleNameLiterals: (literals, containing) =>
      literals.map(({ text }) => {
        const path = resolvePath(containing, text);
        if (!text.startsWith(".") || !text.endsWith(".ts") || parsed(path) === null)
          return { resolvedModule: undefined };
        return {
          resolvedModule: {
            resolvedFileName: absolute(path),
            extension: ts.Extension.Ts,
            isExternalLibraryImport: false,
          },
        };
      }),
  };
}

/** `../lib/message.ts` as seen from `kernel/ipc.ts` is `lib/message.ts`. */
export function resolvePath(from: string, specifier: string): string {
  const parts = from.split("/").filter((part) => part !== "");
  parts.pop();
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** tsc misses a type of the library for a construct that the subset does not have, and says so without a place; subset.ts names the place. */
const NO_GLOBAL_TYPE = 2318;

function diagnose(program: ts.Program, files: Iterable<ts.SourceFile>): Diagnostic[] {
  const found: ts.Diagnostic[] = [...program.getOptionsDiagnostics()];
  for (const file of files)
    found.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file));
  const errors = found.filter(
    ({ category, code }) => category === ts.DiagnosticCategory.Error && code !== NO_GLOBAL_TYPE,
  );
  return errors.map(convert);
}

function convert(diagnostic: ts.Diagnostic): Diagnostic {
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n  ");
  const code = `TS${diagnostic.code}`;
  if (diagnostic.file === undefined) return { file: "", line: 0, column: 0, code, message };
  const { line, character } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
  return { file: projectPath(diagnostic.file.fileName), line: line + 1, column: character + 1, code, message };
}

/** An error about a file that could not be read, or that is not what an executable needs. */
export function fileDiagnostic(file: string, ...[name, ...names]: Parameters<typeof describe>): Diagnostic {
  return { file, line: 1, column: 1, ...describe(name, ...names) };
}
