/**
 * `npm run translation -- PROGRAM FUNCTION`: what becomes of a function of an ELF file, stage by stage: its instructions in blocks, and the
 * WebAssembly that they are translated to. Nothing is run. Begin at `show`.
 */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import wabt from "wabt";
import { REGISTER_NAMES } from "../../compiler/machine-code.ts";
import { type Elf, type ElfSymbol, readElf } from "../../machine/elf.ts";
import { MachineError } from "../../machine/error.ts";
import { type CodeView, discover, type Region, type Step } from "../../machine/translate/discover.ts";
import { Code, moduleBytes } from "../../machine/translate/encode.ts";
import { generate } from "../../machine/translate/generate.ts";
import { Misses } from "../../machine/translate/missing-accesses.ts";
import { IMPORTS } from "../../machine/translate/runtime.ts";
import { SIGNATURES } from "../../machine/translate/standing.ts";
import { disassemble } from "./disassemble.ts";

/** Where the entry tables would lie, if the code ran. */
const TABLE = 0;
const MEMORY_PAGES = 1;
const CUSTOM_SECTION = 0;
const LOCAL_NAMES = 2;

await new Command("translation")
  .description("Shows what WebAssembly the machine makes of a function.")
  .argument("<program>", "an ELF file, such as build/renix.elf after `npx renix build`")
  .argument(
    "<function>",
    "a symbol, or what it ends with (`findSlot` for `kernel/process.ts:findSlot`), or an address (0x…)",
  )
  .configureOutput({ outputError: (text, write) => write(`translation: ${text.replace(/^error: /, "")}`) })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(async (program: string, wanted: string) => {
    try {
      process.stdout.write(await show(read(program), wanted));
    } catch (error) {
      if (!(error instanceof MachineError)) throw error;
      process.stderr.write(`translation: ${error.message}\n`);
      process.exitCode = 2;
    }
  })
  .parseAsync();

function read(path: string): Elf {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new MachineError((error as Error).message);
  }
  return readElf(bytes);
}

async function show(elf: Elf, wanted: string): Promise<string> {
  const place = find(elf, wanted);
  const region = discover(place.address, viewOf(elf));
  if (region === null) throw new MachineError(`${wanted}: nothing there can be translated`);
  const { body, entries, locals } = generate(
    region,
    { tableOf: () => TABLE, calleeAt: () => null, misses: Misses.Rare, flatBytes: null },
    "region",
  );
  const bytes = moduleBytes({
    signatures: SIGNATURES,
    importedFunctions: IMPORTS,
    memoryPages: MEMORY_PAGES,
    tableEntries: null,
    functions: [body],
  });
  const entered = entries.map((pc) => hex(pc)).join(", ");
  return [
    `${place.name}, ${hex(place.address)}: ${region.blocks.length} blocks, entered at ${entered}\n`,
    listing(region),
    `${bytes.length} bytes of WebAssembly:\n`,
    await textOf(withNames(bytes, locals.names(REGISTER_NAMES))),
  ].join("\n");
}

function find(elf: Elf, wanted: string): Pick<ElfSymbol, "name" | "address"> {
  if (/^0x[0-9a-f]{1,8}$/i.test(wanted)) return { name: "code", address: Number(wanted) | 0 };
  const functions = elf.symbols.filter(({ kind }) => kind !== "object");
  const exact = functions.find(({ name }) => name === wanted);
  const found = exact === undefined ? functions.filter(({ name }) => name.endsWith(`:${wanted}`)) : [exact];
  if (found.length === 0) throw new MachineError(`${wanted}: no such function in this file`);
  if (found.length > 1) throw new MachineError(`${wanted}: which of ${found.map(({ name }) => name).join(", ")}?`);
  return { name: found[0]!.name, address: found[0]!.address | 0 };
}

/** The code as it stands in the file, at the addresses where it is linked to run. */
function viewOf({ segments }: Elf): CodeView {
  return {
    half(pc) {
      const segment = segments.find(({ virtualAddress, bytes }) => {
        const offset = (pc - virtualAddress) >>> 0;
        return offset + 2 <= bytes.length;
      });
      if (segment === undefined) return null;
      const offset = (pc - segment.virtualAddress) >>> 0;
      return segment.bytes[offset]! | (segment.bytes[offset + 1]! << 8);
    },
    isWanted: () => true,
    targetsOf: () => [],
    isTranslated: () => false,
    reachesDevice: () => false,
  };
}

/** Every block with its instructions, and how it ends; by address. */
function listing({ blocks }: Region): string {
  return [...blocks]
    .sort((a, b) => (a.pc >>> 0) - (b.pc >>> 0))
    .map(({ pc, steps, end }) => {
      const all = "step" in end ? [...steps, end.step] : steps;
      return `${hex(pc)} … ${end.kind}\n${all.map(line).join("")}`;
    })
    .join("\n");
}

function line({ pc, word }: Step): string {
  return `    ${hex(pc)}  ${disassemble(word, pc)}\n`;
}

/** The module with names for the locals of its only function, as the WebAssembly specification has them (appendix, section 7.4.1). */
function withNames(module: Uint8Array, names: readonly string[]): Uint8Array {
  const locals = new Code().unsigned(1).unsigned(IMPORTS.length).unsigned(names.length);
  names.forEach((name, index) => {
    locals.unsigned(index).name(name);
  });
  const section = new Code().name("name").byte(LOCAL_NAMES).sized(locals.bytes);
  return new Code().append(module).byte(CUSTOM_SECTION).sized(section.bytes).bytes;
}

async function textOf(bytes: Uint8Array): Promise<string> {
  const module = (await wabt()).readWasm(bytes.slice(), { multi_value: true, readDebugNames: true }); // it reads the whole buffer of an array
  try {
    module.applyNames();
    return module.toText({ foldExprs: true });
  } finally {
    module.destroy();
  }
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
