/** The sketches from which the language was designed still compile, and their kernel passes a message. */
import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { generate } from "../../compiler/backend.ts";
import { formatDiagnostic } from "../../compiler/errors.ts";
import { lower } from "./guest-program.ts";
import { Interpreter } from "./ir-interpreter.ts";

const folder = new URL("../../../spec/compiler/guest/sketch/", import.meta.url);
const sources = Object.fromEntries(
  readdirSync(folder).map((name) => [`sketch/${name}`, readFileSync(new URL(name, folder), "utf8")]),
);

describe("the sketches of the design", () => {
  const { modules, diagnostics } = lower(sources);

  it("compile", () => {
    expect(diagnostics.map(formatDiagnostic)).to.deep.equal([]);
  });

  it("become machine code, trap entry included", () => {
    const all = new Map(modules.map((module) => [module.path, module]));
    const sections = modules.flatMap((module) => generate(module, all, { optimise: true }).sections);
    const entry = sections.find(({ symbol }) => symbol === "sketch/trap.ts:entry");
    expect(entry?.size).to.be.greaterThan(4 * 60); // two ranges of 29 registers
  });

  it("send and receive", () => {
    const interpreter = new Interpreter(modules);
    for (const { initializer } of modules) if (initializer?.includes("process") === true) interpreter.call(initializer);
    expect(interpreter.call("sketch/main.ts:converse")).to.deep.equal([710]);
  });
});
