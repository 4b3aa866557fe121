/**
 * `npm run profile -- COMMAND`: boots, runs the command at the shell's prompt, and tells in which functions of which processes its instructions were
 * executed. The machine is stepped, instruction by instruction; nothing in the guest knows. Begin at `profile`.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { compile, type Executable } from "../../compiler/compiler.ts";
import { type Elf, readElf } from "../../machine/elf.ts";
import { slotOfSpace } from "../../replay/observer.ts";
import { defaultConfiguration, Session } from "../../replay/session.ts";
import { SystemSymbols } from "../../replay/symbols.ts";
import { Terminal } from "../../replay/terminal.ts";
import { buildImage, objectsFolder, ROOT } from "../../system/build.ts";
import { PROGRAM_START, programs } from "../../system/executables.ts";
import { folderCache } from "../../system/make.ts";
import { services } from "../../system/services.ts";

const LIMIT_CYCLES = 2_000_000_000;
const SATP = 0x180;
const MACHINE_MODE = 3;
const CODE_BYTES = 64;

interface Row {
  readonly process: string;
  readonly name: string;
  instructions: number;
}

const command = new Command("profile")
  .description("Tells where the instructions of a command go.")
  .argument("<command>", "what to type at the prompt")
  .configureOutput({ outputError: (text, write) => write(`profile: ${text.replace(/^error: /, "")}`) })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .option("--rows <number>", "how many functions to show", positive, 40)
  .action(profile);

function positive(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 on.");
  return Number(text);
}

async function profile(typed: string, { rows }: { rows: number }): Promise<void> {
  const image = await buildImage();
  const session = new Session(image, defaultConfiguration, null, "interpreter"); // quickest in single steps
  const profiler = new Profiler(session, new SystemSymbols(image.elf));
  const boot = new Terminal(session, (until) => session.advance(until).kind === "cycle");
  if (!boot.waitForPrompt(LIMIT_CYCLES)) command.error("no prompt has come");
  boot.run(typed, LIMIT_CYCLES); // once for what is done only once
  const terminal = new Terminal(session, (until) => profiler.advance(until));
  if (terminal.run(typed, LIMIT_CYCLES) === null) command.error("the command has not come to its end");
  process.stdout.write(profiler.report(rows));
}

/** Steps the machine, and counts. */
class Profiler {
  readonly #rows = new Map<string, Row>();
  readonly #session: Session;
  readonly #symbols: SystemSymbols;
  readonly #programs = programImages();
  /** Which program has been seen in an address space. */
  readonly #seen = new Map<number, { name: string; elf: Elf }>();

  constructor(session: Session, symbols: SystemSymbols) {
    this.#session = session;
    this.#symbols = symbols;
  }

  advance(untilCycle: number): boolean {
    const { machine } = this.#session;
    while (machine.cycle < untilCycle) {
      const before = machine.instructions;
      const where = this.#where();
      if (this.#session.advance(machine.cycle + 1).kind !== "cycle") return false;
      where.instructions += machine.instructions - before;
    }
    return true;
  }

  report(count: number): string {
    const rows = [...this.#rows.values()].sort((a, b) => b.instructions - a.instructions);
    const total = rows.reduce((sum, row) => sum + row.instructions, 0);
    const line = ({ process: who, name, instructions }: Row): string =>
      `${instructions.toLocaleString("en").padStart(12)}  ${((100 * instructions) / total).toFixed(1).padStart(5)} %  ${`${who.padEnd(8)} ${name}`.trimEnd()}\n`;
    const byProcess = new Map<string, Row>();
    for (const { process: who, instructions } of rows) {
      const sum = byProcess.get(who) ?? { process: who, name: "", instructions: 0 };
      sum.instructions += instructions;
      byProcess.set(who, sum);
    }
    const sums = [...byProcess.values()].sort((a, b) => b.instructions - a.instructions);
    return `${sums.map(line).join("")}\n${rows.slice(0, count).map(line).join("")}`;
  }

  #where(): Row {
    const { hart } = this.#session.machine;
    const pc = hart.readPc();
    const inKernel = hart.readMode() === MACHINE_MODE;
    const { name, elf } = inKernel ? { name: "kernel", elf: this.#symbols.elf("kernel")! } : this.#program(pc);
    const symbol = functionAt(elf, pc);
    const key = `${name} ${symbol}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { process: name, name: symbol, instructions: 0 };
      this.#rows.set(key, row);
    }
    return row;
  }

  /** Services are known by their slots, programs by their code. */
  #program(pc: number): { name: string; elf: Elf } {
    const { machine } = this.#session;
    const satp = machine.hart.readCsr(SATP)!;
    const slot = slotOfSpace(satp);
    const service = services.find((each) => each.slot === slot);
    if (service !== undefined) return { name: service.name, elf: this.#symbols.elf(service.name)! };
    const known = this.#seen.get(satp);
    const address = machine.translate(pc, "fetch", satp);
    if (address === null) return known ?? { name: "?", elf: this.#symbols.elf("kernel")! };
    const code = machine.readPhysical(address, Math.min(CODE_BYTES, 4096 - (address & 0xfff)));
    if (known !== undefined && holds(known.elf, pc, code)) return known;
    const found = this.#programs.find(({ elf }) => holds(elf, pc, code));
    if (found !== undefined) this.#seen.set(satp, found);
    return found ?? { name: "?", elf: this.#symbols.elf("kernel")! };
  }
}

/** Every program of /bin with its symbols, which the disk's do not have. */
function programImages(): { name: string; elf: Elf }[] {
  const host = {
    read: (path: string) => (existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), "utf8") : null),
  };
  const wanted = programs(ROOT).map(
    ({ name, entry }): Executable => ({ name, entry, start: PROGRAM_START, kind: "user" }),
  );
  const { images } = compile(host, wanted, { cache: folderCache(objectsFolder()) });
  return [...images].map(([name, bytes]) => ({ name, elf: readElf(bytes) }));
}

function holds(elf: Elf, pc: number, code: Uint8Array): boolean {
  const segment = elf.segments.find(
    ({ address, bytes }) => pc >= address && pc + code.length <= address + bytes.length,
  );
  if (segment === undefined) return false;
  const offset = pc - segment.address;
  return code.every((byte, index) => segment.bytes[offset + index] === byte);
}

const sortedSymbols = new WeakMap<Elf, { address: number; name: string }[]>();

function functionAt(elf: Elf, pc: number): string {
  let symbols = sortedSymbols.get(elf);
  if (symbols === undefined) {
    symbols = elf.symbols.filter(({ sizeBytes }) => sizeBytes > 0).sort((a, b) => a.address - b.address);
    sortedSymbols.set(elf, symbols);
  }
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (symbols[middle]!.address <= pc) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? `0x${pc.toString(16)}` : symbols[low - 1]!.name;
}

await command.parseAsync();
