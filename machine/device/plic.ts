/**
 * Platform-level interrupt controller (RISC-V PLIC specification 1.0.0).
 *
 * A source's gateway forwards one request, then waits for its completion before it looks at the wire again: whether it
 * is up, or at an edge-triggered gateway, whether the device has raised it anew (section 4). A context is interrupted
 * while some enabled, pending source exceeds its threshold. Begin with `setLevel`, `pulse`, `#claim` and `#complete`.
 */
import { PLIC_SOURCES, Plic as Register } from "../board/plic.ts";
import { type Device, NO_ANSWER, Reading, type Wire } from "../bus.ts";
import type { Width } from "../isa/meaning.ts";
import type { Archive } from "../state/archive.ts";

/** Source 0 means "none", so that numbers serve as indices. */
const IDENTIFIERS = PLIC_SOURCES + 1;
const CONTEXTS = 2;
const HIGHEST_PRIORITY = 7;
const WORD_BITS = 32;
const ENABLE_WORDS = Math.ceil(IDENTIFIERS / WORD_BITS);

/** What a device has said, and the gateway has not forwarded. */
const enum Signal {
  None = 0,
  /** The line is up: a request, until it is down. */
  High = 1,
  /** The line was raised: one request. */
  Edge = 2,
}

/** What a gateway does not see: an injected loss of an interrupt. */
const enum Deaf {
  No = 0,
  ToNextRise = 1,
  UntilFall = 2,
}

export class Plic implements Device {
  readonly nextEventCycle = Number.POSITIVE_INFINITY;
  readonly #priority = new Uint8Array(IDENTIFIERS);
  readonly #signal = new Uint8Array(IDENTIFIERS);
  readonly #pending = new Uint8Array(IDENTIFIERS);
  /** Claimed, and not completed yet. */
  readonly #inService = new Uint8Array(IDENTIFIERS);
  readonly #deaf = new Uint8Array(IDENTIFIERS);
  readonly #enable = new Int32Array(CONTEXTS * ENABLE_WORDS);
  readonly #threshold = new Uint8Array(CONTEXTS);
  readonly #wires: readonly Wire[];

  /** One wire for each context: what it sets is the hart's external interrupt in that mode. */
  constructor(wires: readonly Wire[]) {
    this.#wires = wires;
  }

  /** A device raises or lowers its line. */
  setLevel(source: number, level: boolean): void {
    this.#take(source, level ? Signal.High : Signal.None);
  }

  /**
   * The same at an edge-triggered gateway: every call that raises the line is a request of its own, even if it was up;
   * the last one before the gateway may forward it counts, unless the line is down again.
   */
  pulse(source: number, level: boolean): void {
    this.#take(source, level ? Signal.Edge : Signal.None);
  }

  /**
   * Injection: the next interrupt of this source gets lost; the gateway is deaf from the wire's next rise until it
   * falls.
   */
  loseNext(source: number): void {
    this.#deaf[source] = Deaf.ToNextRise;
  }

  /** Injection: a request that no device made. */
  raiseOnce(source: number): void {
    this.#pending[source] = 1;
    this.#drive();
  }

  read(offset: number, width: Width): number {
    if (width !== 4) return NO_ANSWER;
    if (offset < Register.Pending) return this.#priority[offset >> 2] ?? 0;
    if (offset < Register.Enable) return this.#pendingWord((offset - Register.Pending) >> 2);
    const enable = enableIndex(offset);
    if (enable !== null) return this.#enable[enable]! >>> 0;
    const context = contextOf(offset);
    if (context === null) return 0;
    return offset % Register.ContextStride === 0 ? this.#threshold[context]! : this.#claim(context);
  }

  /** To claim what is pending changes that. */
  effectOfReading(offset: number): Reading {
    const context = offset % Register.ContextStride === 0 ? null : contextOf(offset);
    return context !== null && this.#best(context) !== 0 ? Reading.Changes : Reading.Steady;
  }

  write(offset: number, width: Width, value: number): boolean {
    if (width !== 4) return false;
    const enable = enableIndex(offset);
    const context = contextOf(offset);
    if (offset < Register.Pending) {
      if (offset >= 4 && offset >> 2 < IDENTIFIERS) this.#priority[offset >> 2] = value & HIGHEST_PRIORITY;
    } else if (enable !== null) {
      this.#enable[enable] = enable % ENABLE_WORDS === 0 ? value & ~1 : value;
    } else if (context !== null) {
      if (offset % Register.ContextStride === 0) this.#threshold[context] = value & HIGHEST_PRIORITY;
      else this.#complete(context, value);
    }
    this.#drive();
    return true;
  }

  advance(): void {}

  reset(): void {
    for (const registers of [
      this.#priority,
      this.#pending,
      this.#inService,
      this.#deaf,
      this.#enable,
      this.#threshold,
    ]) {
      registers.fill(0);
    }
    this.#drive();
  }

  exchange(archive: Archive): void {
    archive.words(this.#priority);
    archive.words(this.#signal);
    archive.words(this.#pending);
    archive.words(this.#inService);
    archive.words(this.#deaf);
    archive.words(this.#enable);
    archive.words(this.#threshold);
  }

  #take(source: number, signal: Signal): void {
    const rises = signal !== Signal.None && this.#signal[source] === Signal.None;
    this.#signal[source] = signal;
    if (rises && this.#deaf[source] === Deaf.ToNextRise) this.#deaf[source] = Deaf.UntilFall;
    if (signal === Signal.None && this.#deaf[source] === Deaf.UntilFall) this.#deaf[source] = Deaf.No;
    this.#forward(source);
    this.#drive();
  }

  /** The gateway: a signal becomes one pending request. */
  #forward(source: number): void {
    const signal = this.#signal[source]!;
    if (signal === Signal.None || this.#inService[source] !== 0 || this.#deaf[source] === Deaf.UntilFall) return;
    this.#pending[source] = 1;
    if (signal === Signal.Edge) this.#signal[source] = Signal.None;
  }

  /**
   * Section 9: the best pending source of the context, which is then in service; 0 if there is none. The threshold has
   * no say.
   */
  #claim(context: number): number {
    const source = this.#best(context);
    if (source !== 0) {
      this.#pending[source] = 0;
      this.#inService[source] = 1;
      this.#drive();
    }
    return source;
  }

  /** Section 10: ignored unless the source is enabled for the context. */
  #complete(context: number, source: number): void {
    if (source <= 0 || source >= IDENTIFIERS || !this.#isEnabled(context, source)) return;
    this.#inService[source] = 0;
    this.#forward(source);
  }

  /** Of the pending, enabled sources with a priority above 0: the highest priority, then the lowest number. */
  #best(context: number): number {
    let best = 0;
    for (let source = 1; source < IDENTIFIERS; source++) {
      if (this.#pending[source] === 0 || !this.#isEnabled(context, source)) continue;
      if (this.#priority[source]! > (best === 0 ? 0 : this.#priority[best]!)) best = source;
    }
    return best;
  }

  #drive(): void {
    this.#wires.forEach((wire, context) => {
      const best = this.#best(context);
      wire(best !== 0 && this.#priority[best]! > this.#threshold[context]!);
    });
  }

  #isEnabled(context: number, source: number): boolean {
    return ((this.#enable[context * ENABLE_WORDS + (source >> 5)]! >> (source & 31)) & 1) !== 0;
  }

  #pendingWord(word: number): number {
    let bits = 0;
    for (let bit = 0; bit < WORD_BITS; bit++) bits |= (this.#pending[word * WORD_BITS + bit] ?? 0) << bit;
    return bits >>> 0;
  }
}

/** The word of enable bits at an offset; null if it is none of ours. */
function enableIndex(offset: number): number | null {
  const context = Math.floor((offset - Register.Enable) / Register.EnableStride);
  const word = ((offset - Register.Enable) % Register.EnableStride) >> 2;
  if (context < 0 || context >= CONTEXTS || word >= ENABLE_WORDS) return null;
  return context * ENABLE_WORDS + word;
}

/** The context whose threshold or claim register is at an offset; null if neither is. */
function contextOf(offset: number): number | null {
  const context = Math.floor((offset - Register.Threshold) / Register.ContextStride);
  const within = (offset - Register.Threshold) % Register.ContextStride;
  return context >= 0 && context < CONTEXTS && within <= Register.Claim - Register.Threshold ? context : null;
}
