/** The front door: executables from files, results kept by content, deterministic bytes, errors about files. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

import ts = require("typescript");

import { type Cache, compile, type Executable, formatDiagnostic, type SourceHost } from "../../compiler/compiler.ts";
import { CORE, guestOptions, RUNTIME } from "../../compiler/program.ts";
import { readElf } from "../../machine/elf.ts";

const project = new URL("../../../", import.meta.url);
const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries([CORE, RUNTIME].map((path) => [path, readFileSync(new URL(path, project), "utf8")])),
  "start.ts":
    "export const start = asm`\n  call ${begin}\n`;\nfunction begin(): void { initializeModules(); entryMain(stringsAt(0, 0)); }",
  "one.ts": 'import { shared, twice } from "./lib.ts";\nexport function main(): i32 { return twice(shared.count); }',
  "two.ts": 'import { shared } from "./lib.ts";\nexport function main(): i32 { return shared.count; }',
  "lib.ts":
    "class Shared { count: i32 = 4; }\nexport const shared = new Shared();\nexport function twice(x: i32): i32 { return x * 2; }\nexport function large(x: i32): i32 {\n  let sum = 0;\n  for (let i = 0; i < x; i++) { " +
    "sum = sum * 3 + i; ".repeat(80) +
    "}\n  return sum;\n}",
};

const executables: Executable[] = ["one", "two"].map((name) => ({
  name,
  entry: `${name}.ts`,
  start: "start.ts",
  kind: "user",
}));

/** Reads the files, with some of them replaced. */
const host = (changes: Record<string, string> = {}): SourceHost => ({
  read: (path) => changes[path] ?? files[path] ?? null,
});

/** A cache that tells what it was asked and what it did not have. */
class Memory implements Cache {
  readonly entries = new Map<string, Uint8Array>();
  made: string[] = [];
  get(key: string): Uint8Array | null {
    return this.entries.get(key) ?? null;
  }
  put(key: string, value: Uint8Array): void {
    this.made.push(key.replace(/-.*/, ""));
    this.entries.set(key, value);
  }
  /** What has been made since the last call, by kind. */
  taken(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const kind of this.made) counts[kind] = (counts[kind] ?? 0) + 1;
    this.made = [];
    return counts;
  }
}

function images(source: SourceHost, cache?: Cache): ReadonlyMap<string, Uint8Array> {
  const { diagnostics, images: made } = compile(source, executables, cache === undefined ? {} : { cache });
  expect(diagnostics.map(formatDiagnostic)).to.deep.equal([]);
  return made;
}

describe("the compiler's front door", () => {
  it("makes an ELF file for each executable, with readable symbols", () => {
    const made = images(host());
    expect([...made.keys()]).to.deep.equal(["one", "two"]);
    const elf = readElf(made.get("one")!);
    expect(elf.entry).to.equal(0x1_0000);
    expect(elf.symbols.map(({ name }) => name)).to.include.members(["start.ts:start", "one.ts:main", "lib.ts:shared"]);
    expect(elf.symbols.map(({ name }) => name)).not.to.include("lib.ts:large");
  });

  it("makes the same bytes every time", () => {
    expect(images(host())).to.deep.equal(images(host()));
  });

  it("makes the same bytes with a cache, cold and warm", () => {
    const cache = new Memory();
    const plain = images(host());
    expect(images(host(), cache)).to.deep.equal(plain);
    cache.taken();
    expect(images(host(), cache)).to.deep.equal(plain);
    expect(cache.taken()).to.deep.equal({});
  });

  const edits: [name: string, changes: Record<string, string>, made: Record<string, number>][] = [
    [
      "a program",
      { "two.ts": files["two.ts"]!.replace("count;", "count + 1;") },
      { outline: 1, ir: 1, module: 1, object: 1, image: 1 },
    ],
    // one.ts has a copy of `twice`, two.ts has not
    [
      "the body of a small function",
      { "lib.ts": files["lib.ts"]!.replace("x * 2", "x * 5") },
      { outline: 1, ir: 1, module: 1, object: 2, image: 2 },
    ],
    [
      "the body of a large function",
      { "lib.ts": files["lib.ts"]!.replace("sum * 3", "sum * 5") },
      { outline: 1, ir: 1, module: 1, object: 1, image: 2 },
    ],
    [
      "what a module shows",
      { "lib.ts": files["lib.ts"]!.replace("count: i32 = 4", "other: i32 = 1; count: i32 = 4") },
      { outline: 1, ir: 3, module: 3, object: 3, image: 2 },
    ],
  ];
  for (const [name, changes, made] of edits) {
    it(`makes anew only what depends on ${name}, and the same as from nothing`, () => {
      const cache = new Memory();
      images(host(), cache);
      cache.taken();
      expect(images(host(changes), cache)).to.deep.equal(images(host(changes)));
      expect(cache.taken()).to.deep.equal(made);
    });
  }

  it("survives a damaged cache", () => {
    const cache = new Memory();
    const plain = images(host(), cache);
    for (const key of cache.entries.keys())
      if (!key.startsWith("image") && !key.startsWith("ir")) cache.entries.set(key, new Uint8Array([1, 2, 3]));
    expect(images(host(), cache)).to.deep.equal(plain);
  });

  it("keeps nothing of a module with errors", () => {
    const cache = new Memory();
    const broken = host({ "two.ts": "export function main(): i32 {\n  throw 1;\n}" });
    for (const _ of [1, 2]) {
      const { diagnostics, images: made } = compile(broken, executables, { cache });
      expect(diagnostics.map(({ code, line }) => `${line} ${code}`)).to.deep.equal(["2 RX1001"]);
      expect(made.size).to.equal(0);
    }
  });

  const missing: [name: string, changes: Record<string, string>, executable: Partial<Executable>, expected: string][] =
    [
      ["an entry that is no file", {}, { entry: "none.ts" }, "none.ts:1:1 - error RX7001"],
      ["an entry without main", {}, { entry: "lib.ts" }, "lib.ts:1:1 - error RX7003"],
      ["a start module without a routine", {}, { start: "lib.ts" }, "lib.ts:1:1 - error RX7003"],
      [
        "an import that is no file",
        { "two.ts": 'import { x } from "./none.ts";\nexport function main(): i32 { return x; }' },
        {},
        "two.ts:1:19 - error TS2307",
      ],
      [
        "an import of a package",
        { "two.ts": 'import { x } from "fs";\nexport function main(): i32 { return x; }' },
        {},
        "two.ts:1:19 - error TS2",
      ],
    ];
  for (const [name, changes, executable, expected] of missing) {
    it(`reports ${name}`, () => {
      const { diagnostics } = compile(host(changes), [{ ...executables[1]!, ...executable }]);
      expect(formatDiagnostic(diagnostics[0]!)).to.include(expected);
    });
  }

  it("checks with the options that editors see", () => {
    const text = readFileSync(new URL("tsconfig.guest.json", project), "utf8");
    const { config } = ts.parseConfigFileTextToJson("tsconfig.guest.json", text);
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, "/");
    for (const name of ["rootDir", "outDir", "composite", "emitDeclarationOnly"]) delete options[name];
    expect(options).to.deep.equal(guestOptions);
  });
});

describe("renix compile", () => {
  const folder = mkdtempSync(join(tmpdir(), "renix-compile-"));
  after(() => rmSync(folder, { recursive: true }));
  const run = (...words: string[]): { status: number; errors: string } => {
    try {
      const renix = new URL("bin/renix.js", new URL("../../", import.meta.url)).pathname;
      execFileSync("node", [renix, "compile", ...words], { stdio: "pipe" });
      return { status: 0, errors: "" };
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: Buffer };
      return { status, errors: stderr.toString() };
    }
  };

  before(() => {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, path);
      execFileSync("mkdir", ["-p", join(file, "..")]);
      writeFileSync(file, text);
    }
  });

  it("writes an ELF file", () => {
    const output = join(folder, "one.elf");
    expect(run("one.ts", "--root", folder, "--start", "start.ts", "-o", output)).to.deep.equal({
      status: 0,
      errors: "",
    });
    expect(readElf(new Uint8Array(readFileSync(output))).entry).to.equal(0x1_0000);
  });

  it("says what is wrong, one line each, and fails", () => {
    expect(run("none.ts", "--root", folder, "--start", "start.ts", "-o", join(folder, "x"))).to.deep.equal({
      status: 1,
      errors: "none.ts:1:1 - error RX7001: cannot read none.ts; write the path of a file in the project instead\n",
    });
    const unwritable = run("one.ts", "--root", folder, "--start", "start.ts", "-o", join(folder, "no/such/folder"));
    expect(unwritable.status).to.equal(1);
    expect(unwritable.errors).to.match(/^renix compile: cannot write .*\n$/);
    expect(run("one.ts", "--kind", "other", "-o", "x").status).to.equal(2);
  });
});
