/**
 * The processor: puts the parts of this folder together, and decides what happens next.
 *
 * Begin with `run`, which sleeps, takes interrupts, and runs stretches of instructions. Everything that a hart
 * remembers is in `state`; the rest are caches, which never show.
 */
import { Base } from "../board/memory-map.ts";
import type { Bus } from "../bus.ts";
import { lengthOf } from "../isa/decode.ts";
import {
  Cause,
  INTERRUPT_CAUSE,
  INTERRUPTS_BY_PRIORITY,
  type Interrupt,
  Mode,
  Satp,
  Status,
} from "../isa/registers.ts";
import { Place } from "../linear-memory.ts";
import { PageFlag, type Ram } from "../ram.ts";
import { PAGE_BYTES, PAGE_SHIFT } from "../state/pages.ts";
import { Statistics } from "../statistics.ts";
import { LONGEST_BUDGET_CYCLES } from "../translate/budget.ts";
import { Translator } from "../translate/translator.ts";
import { CodeCache, LAST_HALF, Operation } from "./code-cache.ts";
import { ControlRegisters, type TimeSource } from "./csr.ts";
import { DataPath } from "./data-path.ts";
import type { Interpreter } from "./generate.ts";
import { makeInterpreter } from "./interpreter.ts";
import { Access, Mmu, NO_ADDRESS } from "./mmu.ts";
import { PagePermission, PmpBit } from "./pmp.ts";
import type { HartState } from "./state.ts";
import { SystemInstructions } from "./system.ts";
import { makeThreadedInterpreter } from "./threaded-interpreter.ts";
import { DATA_WORDS_PER_SET, FETCH_WORDS_PER_SET, TranslationCache } from "./translation-cache.ts";

/** The interpreter counts in 32 bits. */
const LONGEST_STRETCH_CYCLES = 2 ** 30;
const NOT_RUNNABLE = -1;

interface TranslatorConfiguration {
  /** How often code must be jumped to before it is translated; null for never. */
  readonly translateAfter: number | null;
  /** All that is kept. */
  readonly mostTranslatedBytes: number;
}

export class Hart {
  readonly state: HartState;
  readonly registers: ControlRegisters;
  readonly mmu: Mmu;
  readonly code: CodeCache;
  readonly statistics = new Statistics();
  /** The hart stands before an instruction that the host has marked, at this offset of RAM; null if it does not. */
  markedOffset: number | null = null;
  /** Told when a page of RAM is about to run whose instructions are not at hand in this address space. */
  onEnterPage: (ramPage: number) => void = () => {};
  readonly #ram: Ram;
  readonly #translations: TranslationCache;
  readonly #data: DataPath;
  readonly #interpret: Interpreter;
  readonly #timer: TimeSource;
  readonly #bus: Bus;
  /** Null where everything is interpreted. */
  readonly #translator: Translator | null;
  #fetchSet = 0;
  /** Only one instruction may run before the next is fetched anew: PMP cuts the page in parts, or it straddles two. */
  #isSingleStep = false;
  /** What the sets were last selected for; null if that must be done anew. */
  #contextMode: Mode | null = null;
  #contextSatp = 0;
  #contextStatus = 0;

  constructor(
    state: HartState,
    ram: Ram,
    bus: Bus,
    timer: TimeSource,
    { translateAfter, mostTranslatedBytes }: TranslatorConfiguration,
  ) {
    this.state = state;
    this.#ram = ram;
    this.#translations = new TranslationCache(ram);
    this.code = new CodeCache(ram, this.#translations, translateAfter ?? 0);
    this.mmu = new Mmu(
      state,
      ram,
      (page, access) => {
        this.#translations.walked(access === Access.Fetch ? this.#fetchSet : this.#data.dataSet, page);
        this.#data.permitPage(page, Access.Load, Mode.Supervisor);
      },
      (page) => this.#data.permitPage(page, Access.Store, Mode.Supervisor),
    );
    this.#data = new DataPath(state, ram, bus, this.mmu, this.#translations);
    this.#timer = timer;
    this.#bus = bus;
    this.#data.onDeviceAccess = () => this.#translator?.accessedDevice(state.pc);
    this.registers = new ControlRegisters(state, timer);
    const system = new SystemInstructions(state, this.registers, this.#data, () =>
      this.#translations.forgetEverything(),
    );
    const breakpointReached = (slot: number) => {
      this.markedOffset = this.code.offsetOfSlot(slot);
      state.outsideTouched = true;
      state.mustLookAround = 1;
    };
    const parts = {
      state,
      ram,
      code: this.code,
      translations: this.#translations,
      data: this.#data,
      system,
      breakpointReached,
    };
    if (translateAfter === null) {
      this.#translator = null;
      this.#interpret = makeInterpreter(parts);
    } else {
      this.#interpret = makeThreadedInterpreter({
        ...parts,
        jumpedIndirectly: (pc, target) => this.#translator?.jumpedIndirectly(pc, target),
      });
      this.#translator = new Translator(
        state,
        ram,
        this.code,
        this.#translations,
        this.statistics,
        mostTranslatedBytes,
        this.#interpret,
      );
      state.hotAfter = translateAfter;
    }
    this.code.onDropped = () => state.leave();
    this.code.onRetired = (base) => this.#translator?.retirePlace(base);
    this.code.onForgotten = (base) => this.#translator?.forgetPlace(base);
    ram.onClean = (pages) => this.#translations.forgetWritable(pages);
  }

  /**
   * Goes on until `limitCycle`, or until the timer rings at `timerCycle`, or something outside the hart was touched.
   * Translated code lets the timer ring, and goes on.
   */
  run(limitCycle: number, timerCycle: number): void {
    const { state } = this;
    const endCycle = Math.min(limitCycle, timerCycle);
    state.outsideTouched = false;
    do this.#advance(limitCycle, timerCycle);
    while (state.cycle < endCycle && !state.outsideTouched);
  }

  /** One step: sleep, take an interrupt, or run a stretch of instructions. */
  #advance(limitCycle: number, timerCycle: number): void {
    const endCycle = Math.min(limitCycle, timerCycle);
    const { state } = this;
    if (state.waiting) {
      if ((state.pending & state.mie) === 0) {
        state.idleUntil(endCycle);
        return;
      }
      state.waiting = false;
    }
    const interrupt = this.#pendingInterrupt();
    if (interrupt !== null) {
      state.trap(INTERRUPT_CAUSE | interrupt, 0);
      return;
    }
    this.#selectContext();
    const base = this.#locate();
    if (base === NOT_RUNNABLE) return;
    if (this.#isSingleStep) state.runTowards(state.cycle + 1);
    else if (this.#runTranslated(limitCycle, timerCycle)) return;
    else {
      const longest = this.#translator === null ? LONGEST_STRETCH_CYCLES : LONGEST_BUDGET_CYCLES;
      state.runTowards(Math.min(endCycle, state.cycle + longest));
    }
    const { instructions } = state;
    this.#interpret(base);
    this.statistics.interpreterEntries += 1;
    this.statistics.interpretedInstructions += state.instructions - instructions;
  }

  /** Goes on in translated code; gives back whether it got anywhere. */
  #runTranslated(limitCycle: number, timerCycle: number): boolean {
    if (this.#translator === null) return false;
    const { state } = this;
    const { instructions } = state;
    state.runTowards(Math.min(limitCycle, state.cycle + LONGEST_BUDGET_CYCLES));
    state.expectTimer(timerCycle);
    state.timerTouched = 0;
    const isFarther = this.#translator.run(this.#fetchSet, this.#timer.time);
    state.forgetTimer();
    if (!isFarther) return false;
    // The mode may be another now, and the timer ring at another moment.
    this.#contextMode = null;
    if (state.timerTouched !== 0) {
      this.#bus.change();
      state.outsideTouched = true;
    }
    this.statistics.translatorEntries += 1;
    this.statistics.translatedInstructions += state.instructions - instructions;
    return true;
  }

  /** Goes on from `markedOffset` by one instruction. */
  stepOverMark(): void {
    const offset = this.markedOffset!;
    this.markedOffset = null;
    this.code.suspendBreakpoint(offset);
    this.#advance(this.state.cycle + 1, Number.POSITIVE_INFINITY);
    this.code.resumeBreakpoint(offset);
  }

  /** Someone wrote to a page of RAM with these flags: what was derived from it is dropped. */
  ramWritten(offset: number, lengthBytes: number, flags: number): void {
    if (flags & PageFlag.Code) {
      const base = this.code.wrote(offset, lengthBytes);
      if (base !== null) this.#translator?.wrote(base, offset & (PAGE_BYTES - 1), lengthBytes);
    }
    if ((flags & PageFlag.Table) === 0) return;
    this.#translations.tableWritten(offset >> PAGE_SHIFT);
    // The page that is running may be another now, or none: the next instruction is looked for anew.
    if (this.state.mode !== Mode.Machine) this.state.leave();
  }

  /** A device or the host wrote to RAM: a reservation there is lost. */
  ramWrittenByOthers(offset: number, lengthBytes: number): void {
    const { reservedOffset } = this.state;
    if (reservedOffset + 4 > offset && reservedOffset < offset + lengthBytes) this.state.dropReservation();
  }

  /**
   * Makes the interpreter stop before the instruction at an offset of RAM, and keeps translated code from running it.
   */
  addBreakpoint(offset: number): void {
    this.code.addBreakpoint(offset);
  }

  removeBreakpoints(): void {
    this.code.removeBreakpoints();
    this.#translations.forgetFetches(); // pages may have translated code again
  }

  /** From now on, stores to this page of RAM are reported. */
  watchPage(page: number): void {
    this.#translations.protect(page, PageFlag.Watched);
  }

  /** Registers were set from outside: nothing kept may be relied on. */
  forgetEverything(): void {
    this.#translations.forgetEverything();
    this.forgetContext();
  }

  /** Mode or address space were set from outside; what is known of each is still true. */
  forgetContext(): void {
    this.#contextMode = null;
  }

  /** The interrupt to take now (section 3.1.9): those of M-mode first. */
  #pendingInterrupt(): Interrupt | null {
    const { pending, mie, mideleg, mode, mstatus } = this.state;
    const ready = pending & mie;
    if (ready === 0) return null;
    const machineEnabled = mode !== Mode.Machine || (mstatus & Status.Mie) !== 0;
    const supervisorEnabled = mode === Mode.User || (mode === Mode.Supervisor && (mstatus & Status.Sie) !== 0);
    const forMachine = machineEnabled ? ready & ~mideleg : 0;
    const taken = forMachine !== 0 ? forMachine : supervisorEnabled ? ready & mideleg : 0;
    return INTERRUPTS_BY_PRIORITY.find((interrupt) => (taken >> interrupt) & 1) ?? null;
  }

  /** Finds the translation caches' sets for the present mode and address space. */
  #selectContext(): void {
    const { mode, satp, mstatus } = this.state;
    if (mode === this.#contextMode && satp === this.#contextSatp && mstatus === this.#contextStatus) return;
    this.#contextMode = mode;
    this.#contextSatp = satp;
    this.#contextStatus = mstatus;
    const { dataMode } = this.state;
    const space = (satp & Satp.Sv32) !== 0 ? satp : 0;
    const statusBits = mstatus & (dataMode === Mode.Supervisor ? Status.Sum | Status.Mxr : Status.Mxr);
    const isModified = dataMode !== mode;
    this.#fetchSet = this.#translations.select(mode, space, isModified ? Status.Mprv : statusBits);
    const dataSet = isModified ? this.#translations.select(dataMode, space, statusBits) : this.#fetchSet;
    this.state.dataSet = Place.DataSets + 4 * dataSet * DATA_WORDS_PER_SET;
    this.state.fetchSet = Place.FetchSets + 4 * this.#fetchSet * FETCH_WORDS_PER_SET;
  }

  /** Where the decoded instructions of pc's page are; a trap is taken where it cannot be run. */
  #locate(): number {
    const { pc } = this.state;
    this.#isSingleStep = false;
    const base = this.#translations.find(this.#fetchSet, pc)?.base ?? this.#enterPage();
    const mustLookFurther = this.#isSingleStep || (pc & (PAGE_BYTES - 1)) === LAST_HALF;
    return mustLookFurther && base !== NOT_RUNNABLE ? this.#locateSecondHalf(base) : base;
  }

  /** The same for a page that is not at hand. */
  #enterPage(): number {
    const { state } = this;
    const offset = this.#fetchHalf(state.pc);
    if (offset === NOT_RUNNABLE) return NOT_RUNNABLE;
    const page = offset >> PAGE_SHIFT;
    const base = this.code.enter(page);
    this.onEnterPage(page);
    const permission = state.pmp.allowsPage(Base.Ram + page * PAGE_BYTES, PmpBit.Execute, state.mode);
    this.#isSingleStep = permission !== PagePermission.Always;
    if (!this.#isSingleStep) {
      const table = this.#translator?.tableOf(state.pc, this.#fetchSet, { ramPage: page, base }) ?? 0;
      this.#translations.keepFetch(this.#fetchSet, state.pc, base, table);
    }
    return base;
  }

  /** Fetches the rest of an instruction of which the first half-word's page says too little: it may end in the next. */
  #locateSecondHalf(base: number): number {
    const { pc } = this.state;
    const slot = base + (pc & (PAGE_BYTES - 1));
    if (this.code.slots[slot] === Operation.Breakpoint) return base;
    const offset = this.code.offsetOfSlot(slot);
    const first = this.#ram.halves[offset >> 1]!;
    if (lengthOf(first) === 2) return base;
    const secondOffset = this.#fetchHalf((pc + 2) | 0);
    if (secondOffset === NOT_RUNNABLE) return NOT_RUNNABLE;
    if (slot - base !== LAST_HALF) return base;
    this.#isSingleStep = true;
    return this.code.placeStraddling(first | (this.#ram.halves[secondOffset >> 1]! << 16));
  }

  /**
   * The offset in RAM of a half-word that pc's mode may execute. Where it may not, the trap says which half of the
   * instruction that was (Privileged, section 3.1.16).
   */
  #fetchHalf(address: number): number {
    const bus = this.mmu.translate(address, 2, Access.Fetch);
    if (bus !== NO_ADDRESS && this.#ram.contains(bus, 2)) return bus - Base.Ram;
    this.state.trap(bus === NO_ADDRESS ? this.mmu.fault : Cause.FetchAccess, address);
    return NOT_RUNNABLE;
  }
}
