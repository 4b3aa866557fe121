/**
 * The translator: decides what is worth translating, puts the stages together, and runs the result.
 *
 * discover.ts finds the blocks of a region, plan.ts decides their order and what must be where, generate.ts writes the
 * function, encode.ts the module; units.ts keeps it where the hart finds it, runtime.ts goes from one to the next.
 * None of this can be observed: translated code counts, traps and stops as the interpreter does. Begin with `run`.
 */
import type { CodeCache } from "../hart/code-cache.ts";
import type { Counter } from "../hart/counter.ts";
import type { Interpreter } from "../hart/generate.ts";
import type { HartState } from "../hart/state.ts";
import { MACHINE_SET, type TranslationCache } from "../hart/translation-cache.ts";
import { WASM_PAGE_BYTES } from "../linear-memory.ts";
import type { Ram } from "../ram.ts";
import { PAGE_BYTES, PAGE_SHIFT } from "../state/pages.ts";
import type { Statistics } from "../statistics.ts";
import { type WasmTable, webAssembly } from "../webassembly.ts";
import { type CodeView, discover, isInLoop, isStraddling, type Region, rootsOf } from "./discover.ts";
import { moduleBytes } from "./encode.ts";
import { type Generated, generate } from "./generate.ts";
import { Misses, MissingAccesses } from "./missing-accesses.ts";
import { ENTRY_BITS, IMPORTS, Import, runtimeModule } from "./runtime.ts";
import { SIGNATURES } from "./standing.ts";
import { type CodePage, type Unit, Units } from "./units.ts";

/** Functions in the table; beyond that, everything is dropped and begins anew. */
const TABLE_ENTRIES = 8192;
/** Regions in one module, the callees of hot code among them. */
const MOST_REGIONS = 24;
/** Waiting for others of the same address space. */
const MOST_REQUESTS = 8;
/** Leaving translated code for want of more takes as long as so many turns of a loop in the interpreter. */
const JUMPS_PER_EXIT = 16;
/** Cases of one switch, as it were. */
const MOST_TARGETS = 256;

const NOWHERE = -1;

const HALF_BYTES = 2;

/**
 * In the time in which an instruction is translated, a thousand are interpreted; for each jump of the heat at which
 * code is hot, 8,000, so that a machine that is to translate at once does.
 */
const INTERPRETED_PER_TRANSLATED = 1 / 8;
/** The translator itself has to be compiled by the host first: that takes as long as to translate so many later. */
const TRANSLATED_AT_FIRST = 2500;
/**
 * In which time the interpreter or translated code is left for what is done in JavaScript, and one of them entered again: as for
 * `JUMPS_PER_EXIT`. A program that polls a device, or is interrupted all the time, spends most of its time so.
 */
const INTERPRETED_PER_EXIT = 100;

interface Request {
  readonly pc: number;
  readonly fetchSet: number;
  /** Whether it is because an access there has missed often. */
  readonly hasMissed: boolean;
}

export class Translator {
  readonly #state: HartState;
  readonly #ram: Ram;
  readonly #code: CodeCache;
  readonly #translations: TranslationCache;
  readonly #statistics: Statistics;
  readonly #units: Units;
  /** Made when something is translated for the first time: much that runs shortly does without. */
  #runtime: Runtime | null = null;
  readonly #mostModuleBytes: number;
  /** That of hart/threaded.ts, which translated code calls. */
  readonly #interpret: Interpreter;
  #nextFunction = 1;
  #moduleBytes = 0;
  /** By set and address. */
  readonly #requests = new Map<number, Map<number, Request>>();
  /**
   * Nothing is translated before so much has been spent on doing without: as much as all that was translated has cost,
   * and what is to be. Nobody knows how long a program will go on, and whoever waits until then has at worst spent
   * twice what the better choice would have cost.
   */
  #translateFrom: number;
  /**
   * Where translated code was left last for the interpreter to do what it does not do itself: nearly always, a miss.
   */
  #missedAt = NOWHERE;
  readonly #misses = new MissingAccesses();
  /** By the address of a jump through a register: where it was seen to lead. */
  readonly #indirectTargets = new Map<number, Set<number>>();
  /** Addresses of loads and stores that have accessed a device as translated code can. */
  readonly #deviceAccesses = new Set<number>();

  constructor(
    state: HartState,
    ram: Ram,
    code: CodeCache,
    translations: TranslationCache,
    statistics: Statistics,
    mostModuleBytes: number,
    interpret: Interpreter,
  ) {
    this.#interpret = interpret;
    this.#mostModuleBytes = mostModuleBytes;
    this.#translateFrom = costOf(0, code.hotAfter);
    this.#state = state;
    this.#statistics = statistics;
    this.#ram = ram;
    this.#code = code;
    this.#translations = translations;
    this.#units = new Units(ram, code);
  }

  /**
   * Goes on in translated code, if there is some where the hart stands: until no cycles are left, or something happens
   * that the interpreter must do. Returns whether the hart got anywhere. `left` is at most `LONGEST_BUDGET_CYCLES`;
   * `time` is the board's.
   */
  run(fetchSet: number, time: Counter): boolean {
    const { pc } = this.#state;
    const fetched = this.#translations.find(fetchSet, pc);
    const hasMissed = pc === this.#missedAt;
    this.#missedAt = NOWHERE;
    if (hasMissed && (fetched === null || !this.#isRemedied(fetched.table, pc))) {
      if (fetched !== null && this.#misses.isOften(fetched.table, pc, this.#state.cycle))
        this.#request({ pc, fetchSet, hasMissed });
      return false;
    }
    if (fetched === null || this.#units.entryAt(fetched.table, pc) === 0) {
      const jumps = this.#state.untranslated === 1 ? JUMPS_PER_EXIT : 1;
      this.#state.untranslated = 0;
      if (fetched === null || !this.#code.isHot(fetched.base, pc, jumps)) return false;
      this.#request({ pc, fetchSet, hasMissed: false });
      return false;
    }
    const { cycle } = this.#state;
    this.#state.untranslated = 0;
    this.#state.mustLookAround = 0;
    this.#state.showCounters(time);
    this.#runtime!.run();
    const { untranslated, left, mustLookAround } = this.#state;
    if (untranslated === 0 && left > 0 && mustLookAround === 0) this.#missedAt = this.#state.pc;
    const hasMoved = this.#state.cycle !== cycle || this.#state.pc !== pc;
    const isStuck = !hasMoved && this.#missedAt === pc;
    if (isStuck && this.#misses.isOftenAlone(fetched.table, pc, cycle))
      this.#request({ pc, fetchSet, hasMissed: true });
    return hasMoved;
  }

  /** Whether an access that has missed is translated in a better way, elsewhere than where it has missed. */
  #isRemedied(table: number, pc: number): boolean {
    return this.#misses.at(table, pc) !== Misses.Rare && this.#units.entryAt(table, pc) !== 0;
  }

  /** The entry table for a page that is about to be kept among the fetch translations. */
  tableOf(pc: number, fetchSet: number, page: Omit<CodePage, "isFlat">): number {
    return this.#units.tableOf(pc & -PAGE_BYTES, { ...page, isFlat: this.#isFlat(fetchSet) });
  }

  /** Whether code that is fetched so has all of RAM at hand. A change of PMP forgets all that was fetched. */
  #isFlat(fetchSet: number): boolean {
    return fetchSet === MACHINE_SET && !this.#state.pmp.bindsMachine;
  }

  /** The interpreter has seen where a jump through a register leads. */
  jumpedIndirectly(pc: number, target: number): void {
    const targets = this.#indirectTargets.get(pc);
    if (targets === undefined) this.#indirectTargets.set(pc, new Set([target]));
    else if (targets.size < MOST_TARGETS) targets.add(target);
  }

  /** The interpreter has seen an instruction access a device as translated code can. */
  accessedDevice(pc: number): void {
    this.#deviceAccesses.add(pc);
  }

  /** A page of code was written to, at this offset of the page. */
  wrote(base: number, offset: number, lengthBytes: number): void {
    this.#units.wrote(base, offset, lengthBytes);
  }

  /** A place is no page's now, but may be again. */
  retirePlace(base: number): void {
    this.#units.retire(base);
  }

  /** What is decoded at a place is something else now, or has a breakpoint. */
  forgetPlace(base: number): void {
    this.#units.forget(base);
  }

  /**
   * Code has become hot. It is translated when it comes again, or others have come in the meantime. A module is of one
   * address space: in two, other code may stand at the same address, and have the same unit as long as none of it is
   * translated.
   */
  #request(request: Request): void {
    const { pc, fetchSet } = request;
    let ofSpace = this.#requests.get(fetchSet);
    if (ofSpace === undefined) this.#requests.set(fetchSet, (ofSpace = new Map()));
    const isKnown = ofSpace.has(pc);
    if (!isKnown) ofSpace.set(pc, request);
    if (!isKnown && !request.hasMissed && ofSpace.size < MOST_REQUESTS) return;
    if (this.#spent < this.#translateFrom) return;
    if (this.#isFull) this.#dropEverything();
    const regions = this.#discover(ofSpace.keys(), fetchSet);
    this.#translateFrom = this.#costWith(regions);
    if (this.#spent < this.#translateFrom) return;
    this.#requests.delete(fetchSet);
    this.#translate(regions, ofSpace.values(), fetchSet);
  }

  /** What has been spent on interpreting, and on going to and fro, in interpreted instructions. */
  get #spent(): number {
    const { interpretedInstructions, interpreterEntries, translatorEntries } = this.#statistics;
    return interpretedInstructions + (interpreterEntries + translatorEntries) * INTERPRETED_PER_EXIT;
  }

  /** What all that was translated has cost, and these regions would, in interpreted instructions. */
  #costWith(regions: readonly Region[]): number {
    const coming = regions.reduce((sum, { blocks }) => sum + sizeOf(blocks), 0);
    return costOf(this.#statistics.regionInstructions + coming, this.#code.hotAfter);
  }

  #translate(regions: readonly Region[], requests: Iterable<Request>, fetchSet: number): void {
    for (const { pc, hasMissed } of requests) {
      const unit = this.#unitAt(pc, fetchSet);
      if (hasMissed && unit !== null) this.#misses.remedy(unit.table, pc);
    }
    const callees = new Map(
      regions.flatMap((region, index) =>
        rootsOf(region).map((pc, entry) => [pc, { functionIndex: Import.Count + index, entry }] as const),
      ),
    );
    const generated: Generated[] = regions.map((region, index) =>
      generate(
        region,
        {
          tableOf: (pc) => this.#unitAt(pc, fetchSet)!.table,
          calleeAt: (pc) => callees.get(pc) ?? null,
          misses: this.#misses.in(region, (pc) => this.#unitAt(pc, fetchSet)!.table),
          flatBytes: this.#isFlat(fetchSet) ? this.#ram.sizeBytes : null,
        },
        `region${index}`,
      ),
    );
    if (generated.length > 0) this.#install(regions, generated, fetchSet);
  }

  /**
   * The regions of `roots`, and those of their callees, as long as there is room. A root in a loop of another root's
   * region is entered there, or a function would be translated once for each of its loops.
   */
  #discover(roots: Iterable<number>, fetchSet: number): Region[] {
    const regions: Region[] = [];
    const asked = new Set(roots);
    const wanted = new Set(asked);
    const view = this.#viewOf(fetchSet);
    // A set goes on with what is added meanwhile.
    for (const pc of wanted) {
      if (regions.length === MOST_REGIONS) break;
      const home = asked.has(pc) ? regions.find((region) => isInLoop(region, pc)) : undefined;
      if (home !== undefined) {
        home.otherRoots.add(pc);
        continue;
      }
      const region = discover(pc, view);
      if (region === null) continue;
      regions.push(region);
      for (const { end } of region.blocks) {
        if (end.kind === "call" && !this.#isTranslated(end.callee, fetchSet)) wanted.add(end.callee);
      }
    }
    return regions;
  }

  #install(regions: readonly Region[], generated: readonly Generated[], fetchSet: number): void {
    this.#runtime ??= startRuntime(this.#ram, this.#interpret);
    const { table, imports, memoryPages } = this.#runtime;
    const bytes = moduleBytes({
      signatures: SIGNATURES,
      importedFunctions: IMPORTS,
      memoryPages,
      tableEntries: null,
      functions: generated.map(({ body }) => body),
    });
    this.#moduleBytes += bytes.length;
    const { exports } = new webAssembly.Instance(new webAssembly.Module(bytes), { env: imports });
    this.#statistics.modules += 1;
    this.#statistics.moduleBytes += bytes.length;
    const touched = new Set<Unit>();
    regions.forEach((region, index) => {
      const number = this.#nextFunction++;
      table.set(number, exports[`region${index}`]);
      this.#statistics.regions += 1;
      for (const { pc, steps, end } of region.blocks) {
        const unit = this.#unitAt(pc, fetchSet)!;
        const { ramPage } = this.#pageAt(pc, fetchSet)!;
        touched.add(unit);
        const all = "step" in end ? [...steps, end.step] : steps;
        this.#statistics.regionInstructions += all.length;
        for (const step of all) {
          const isInTwoPages = isStraddling(step);
          this.#units.cover(unit, ramPage, step.pc, isInTwoPages ? HALF_BYTES : step.lengthBytes);
          if (isInTwoPages) touched.add(this.#coverHalf((step.pc + HALF_BYTES) | 0, fetchSet));
        }
      }
      generated[index]!.entries.forEach((pc, entry) => {
        this.#units.setEntry(this.#unitAt(pc, fetchSet)!, pc, (number << ENTRY_BITS) | entry);
        this.#code.makeHot(this.#pageAt(pc, fetchSet)!.base, [pc & (PAGE_BYTES - 1)]);
      });
    });
    for (const unit of touched) {
      this.#units.review(unit);
      // Pages that had no table may have one now.
      this.#translations.forgetFetchesAt(unit.virtualPage);
    }
  }

  /** The half-word at an address is part of what was translated; gives back the unit that it is in. */
  #coverHalf(pc: number, fetchSet: number): Unit {
    const unit = this.#unitAt(pc, fetchSet)!;
    this.#units.cover(unit, this.#pageAt(pc, fetchSet)!.ramPage, pc, HALF_BYTES);
    return unit;
  }

  get #isFull(): boolean {
    return (
      this.#units.isFull ||
      this.#nextFunction + MOST_REGIONS > TABLE_ENTRIES ||
      this.#moduleBytes > this.#mostModuleBytes
    );
  }

  #dropEverything(): void {
    this.#statistics.drops += 1;
    for (let index = 0; index < this.#nextFunction; index++) this.#runtime?.table.set(index, null);
    this.#nextFunction = 1;
    this.#moduleBytes = 0;
    this.#units.clear();
    this.#indirectTargets.clear();
    this.#deviceAccesses.clear();
    this.#misses.clear();
  }

  /** What is known of the code in an address space: pages that have been run there. */
  #viewOf(fetchSet: number): CodeView {
    return {
      half: (pc) => {
        const page = this.#pageAt(pc, fetchSet);
        if (page === null || this.#unitAt(pc, fetchSet) === null) return null;
        return this.#ram.halves[((page.ramPage << PAGE_SHIFT) + (pc & (PAGE_BYTES - 1))) >> 1]!;
      },
      isWanted: (pc) => {
        const fetched = this.#translations.find(fetchSet, pc);
        return fetched !== null && this.#code.mayTranslate(fetched.base, pc);
      },
      targetsOf: (pc) => [...(this.#indirectTargets.get(pc) ?? [])],
      isTranslated: (pc) => this.#isTranslated(pc, fetchSet),
      reachesDevice: (pc) => this.#deviceAccesses.has(pc),
    };
  }

  #isTranslated(pc: number, fetchSet: number): boolean {
    const fetched = this.#translations.find(fetchSet, pc);
    return fetched !== null && this.#units.entryAt(fetched.table, pc) !== 0;
  }

  #pageAt(pc: number, fetchSet: number): CodePage | null {
    const fetched = this.#translations.find(fetchSet, pc);
    if (fetched === null) return null;
    const { base } = fetched;
    return { base, ramPage: this.#code.offsetOfSlot(base) >> PAGE_SHIFT, isFlat: this.#isFlat(fetchSet) };
  }

  #unitAt(pc: number, fetchSet: number): Unit | null {
    const page = this.#pageAt(pc, fetchSet);
    return page === null ? null : this.#units.unitOf(pc & -PAGE_BYTES, page);
  }
}

/** What it costs to translate so many instructions, in interpreted instructions. */
function costOf(instructions: number, hotAfter: number): number {
  return (TRANSLATED_AT_FIRST + instructions) * hotAfter * INTERPRETED_PER_TRANSLATED;
}

function sizeOf(blocks: Region["blocks"]): number {
  return blocks.reduce((sum, { steps, end }) => sum + steps.length + ("step" in end ? 1 : 0), 0);
}

/** The code around the regions: runtime.ts. */
interface Runtime {
  /** Of all regions' functions. */
  readonly table: WasmTable;
  /** What their modules import. */
  readonly imports: Readonly<Record<string, unknown>>;
  readonly memoryPages: number;
  run(): void;
}

function startRuntime(ram: Ram, interpret: Interpreter): Runtime {
  const table = new webAssembly.Table({ element: "anyfunc", initial: TABLE_ENTRIES });
  const { memory } = ram.memory;
  const memoryPages = memory.buffer.byteLength / WASM_PAGE_BYTES;
  const module = new webAssembly.Module(runtimeModule(memoryPages, ram.flags.length, TABLE_ENTRIES));
  const { exports } = new webAssembly.Instance(module, { env: { memory, table, interpret } });
  const imports = { memory, ...Object.fromEntries(IMPORTS.map(({ name }) => [name, exports[name]])) };
  return { table, imports, memoryPages, run: exports.run as () => void };
}
