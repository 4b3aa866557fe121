/**
 * Waits for the moment of each injection and carries it out, and keeps what happened to the services afterwards: when RS noticed a death, and when the
 * successor took its first request. Begin at `Injector`.
 */
import { services } from "../system/services.ts";
import { addressOf, commitFault, victimsOf } from "./faults.ts";
import type { GuestNumbers } from "./guest-numbers.ts";
import type { Call, Mark, Observer } from "./observer.ts";
import type { Injection, When } from "./scenario.ts";
import { type Path, ScenarioError } from "./scenario-file.ts";
import { slotOf } from "./service.ts";
import type { Session } from "./session.ts";
import type { SystemSymbols } from "./symbols.ts";

/** An injection that has been carried out. */
export interface Injected {
  readonly number: number;
  readonly cycle: number;
  readonly service: string | null;
  /** `file:line` where the service was, or what was edited. */
  readonly place: string;
}

/** A death that RS has noticed. All in cycles; null: it has not come to that. */
export interface Death {
  readonly service: string;
  readonly detectedAt: number;
  /** The successor's first sign of life. */
  readyAt: number | null;
  /** The first request that a client sent to it. */
  requestedAt: number | null;
}

const SLOTS = 256;
const USER_SLOTS_BEGIN = 64;
const RS_SLOT = 3;
const MESSAGE_TRAPS = new Set([1, 3, 5, 7]); // SEND, SENDREC, SENDNB, REPLYREC
const REQUEST_TRAPS = new Set([1, 3]);
const NOTIFY_TRAP = 4;

interface Pending {
  readonly injection: Injection;
  readonly number: number;
  /** How often its moment has come so far. */
  seen: number;
  /** Its moment has come; these services must run for it. Null: not yet. */
  victims: string[] | null;
  mark: Mark | null;
}

export class Injector {
  readonly injected: Injected[] = [];
  readonly deaths: Death[] = [];
  private readonly session: Session;
  private readonly observer: Observer;
  private readonly symbols: SystemSymbols;
  private readonly numbers: GuestNumbers;
  private pending: Pending[];
  /** Victims are in the kernel's hands, about to run: acted upon between two instructions. */
  private due: { pending: Pending; victim: string }[] = [];
  /** They wait for a place in a service whose address space is not known: it has not run since it was started. */
  private readonly unplaced = new Set<Pending>();
  private hearsRuns = false;

  constructor(
    session: Session,
    observer: Observer,
    symbols: SystemSymbols,
    numbers: GuestNumbers,
    injections: readonly Injection[],
  ) {
    this.session = session;
    this.observer = observer;
    this.symbols = symbols;
    this.numbers = numbers;
    this.pending = injections.map((injection, index) => ({
      injection,
      number: index + 1,
      seen: 0,
      victims: null,
      mark: null,
    }));
    for (const [index, each] of injections.entries()) this.check(each, ["inject", index]);
  }

  /** From now on moments count: the system has booted. */
  arm(): void {
    if (this.pending.length > 0) this.observer.onCall((call) => this.hear(call));
    this.armPlaces();
  }

  /** Step n (the first is 1) begins now: injections that count from it get their cycle. */
  stepBegins(step: number): void {
    for (const each of this.pending) {
      const { when } = each.injection;
      if ("step" in when && when.step === step) this.dueAt.set(each, this.session.machine.cycle + when.plus);
    }
  }

  /** Runs to the cycle and does what is due on the way; false when the machine has stopped by itself. */
  advance(untilCycle: number): boolean {
    const { machine } = this.session;
    while (machine.cycle < untilCycle) {
      this.fireByCycle();
      const stop = this.observer.advance(Math.min(untilCycle, this.nextCycle()), () => this.due.length > 0);
      if (stop.kind !== "cycle") return false;
      this.act();
    }
    return true;
  }

  private readonly dueAt = new Map<Pending, number>();

  private nextCycle(): number {
    const { cycle } = this.session.machine;
    const next = [...this.dueAt.values()].filter((at) => at > cycle);
    return Math.min(Number.MAX_SAFE_INTEGER, ...next);
  }

  private fireByCycle(): void {
    const { cycle } = this.session.machine;
    for (const each of this.pending) {
      const { when } = each.injection;
      if ("cycle" in when && !this.dueAt.has(each)) this.dueAt.set(each, when.cycle);
    }
    for (const [each, at] of this.dueAt) {
      if (at > cycle) continue;
      this.dueAt.delete(each);
      this.fire(each);
    }
  }

  /** The moment has come. A fault of a device happens now, one of a service when it runs. */
  private fire(each: Pending): void {
    each.victims = victimsOf(each.injection.fault);
    if (each.victims.length > 0) this.listenForRuns();
    else this.commit(each, null);
  }

  /** Every process that is about to run is looked at while that matters: it stops the machine often. */
  private listenForRuns(): void {
    const wanted = this.unplaced.size > 0 || this.pending.some(({ victims }) => victims !== null && victims.length > 0);
    if (wanted === this.hearsRuns) return; // breakpoints that change cost the machine its decoded code
    this.hearsRuns = wanted;
    this.observer.onRun(wanted ? (slot, satp) => this.aboutToRun(slot, satp) : null);
  }

  /** A process is about to run: is it a victim, or does somebody wait for a place in it? */
  private aboutToRun(slot: number, satp: number): void {
    for (const each of this.unplaced) {
      if (slotOf(placeOf(each)!.in) === slot) this.mark(each, satp);
    }
    for (const each of this.pending) {
      const victim = each.victims?.find((name) => slotOf(name) === slot);
      if (victim !== undefined) this.due.push({ pending: each, victim });
    }
  }

  /** Lets the victim take its first step out of the kernel, and commits the fault; should an interrupt come between, it waits for the next time. */
  private act(): void {
    for (const { pending, victim } of this.due.splice(0)) {
      this.session.advance(this.session.machine.cycle + 1);
      if (this.session.machine.hart.readMode() !== 0) continue;
      pending.victims = pending.victims!.filter((name) => name !== victim);
      this.commit(pending, victim);
    }
    this.listenForRuns();
  }

  private commit(each: Pending, victim: string | null): void {
    const { machine } = this.session;
    const place = victim === null ? "device" : this.symbols.place(victim, machine.hart.readPc());
    this.injected.push({ number: each.number, cycle: machine.cycle, service: victim, place });
    commitFault(this.session, this.symbols, each.injection.fault, victim, ["inject", each.number - 1, "fault"]);
    if (each.victims !== null && each.victims.length > 0) return;
    each.victims = null;
    if (!each.injection.every) this.drop(each);
  }

  private drop(each: Pending): void {
    if (each.mark) this.observer.removeMark(each.mark);
    this.unplaced.delete(each);
    this.pending = this.pending.filter((other) => other !== each);
  }

  private hear(call: Call): void {
    this.watchServices(call);
    if (call.trap === this.numbers.execute) this.followSuccessor(call.endpoint % SLOTS);
    for (const each of [...this.pending]) {
      const { when } = each.injection;
      if (each.victims !== null) continue;
      if ("message" in when && MESSAGE_TRAPS.has(call.trap) && this.fits(when.message, call))
        this.count(each, when.message.number);
      if ("starts" in when && call.trap === this.numbers.execute && call.endpoint % SLOTS === slotOf(when.starts))
        this.count(each, when.number);
    }
  }

  /** The moment has come once more. */
  private count(each: Pending, wanted: number): void {
    each.seen++;
    if (each.injection.every ? each.seen >= wanted : each.seen === wanted) this.fire(each);
  }

  private fits(wanted: Extract<When, { message: object }>["message"], call: Call): boolean {
    if (wanted.from === "programs" ? call.slot < USER_SLOTS_BEGIN : wanted.from && slotOf(wanted.from) !== call.slot)
      return false;
    if (wanted.to && slotOf(wanted.to) !== call.endpoint % SLOTS) return false;
    return wanted.type === undefined || this.numbers.messageTypes.get(wanted.type) === call.type;
  }

  /** A death is noticed, a successor shows life, a client asks it something. */
  private watchServices(call: Call): void {
    if (call.slot === RS_SLOT && call.trap === this.numbers.getCrash) {
      const name = nameOf(call.endpoint % SLOTS);
      if (name) this.deaths.push({ service: name, detectedAt: call.cycle, readyAt: null, requestedAt: null });
    }
    const isReady = call.trap === NOTIFY_TRAP && call.endpoint === RS_SLOT;
    const about = isReady ? nameOf(call.slot) : REQUEST_TRAPS.has(call.trap) ? nameOf(call.endpoint % SLOTS) : null;
    const death = this.deaths.findLast(({ service }) => service === about);
    if (!death) return;
    if (isReady) death.readyAt ??= call.cycle;
    else if (death.readyAt !== null) death.requestedAt ??= call.cycle;
  }

  /** Marks the places that injections wait for; in a service, as soon as it runs. */
  private armPlaces(): void {
    for (const each of this.pending) {
      const place = placeOf(each);
      if (place === null) continue;
      if (place.in === "kernel") this.mark(each, null);
      else this.unplaced.add(each);
    }
    this.listenForRuns();
  }

  /** RS starts the service in this slot: places in it are from now on its successor's. */
  private followSuccessor(slot: number): void {
    for (const each of this.pending) {
      if (each.mark === null || slotOf(placeOf(each)!.in) !== slot) continue;
      this.observer.removeMark(each.mark);
      each.mark = null;
      this.unplaced.add(each);
    }
    this.listenForRuns();
  }

  private mark(each: Pending, satp: number | null): void {
    const place = placeOf(each)!;
    const reached = (): void => {
      each.seen++;
      if (each.victims === null && each.seen >= place.number) this.fireHere(each, place.in);
    };
    each.mark = { pc: addressOf(this.symbols, place.in, place.reached), satp, reached };
    this.observer.addMark(each.mark);
    this.unplaced.delete(each);
  }

  /** The place is the victim's own: it runs already. */
  private fireHere(each: Pending, where: string): void {
    const victims = victimsOf(each.injection.fault);
    if (victims.length !== 1 || victims[0] !== where) {
      this.fire(each);
      return;
    }
    each.victims = [];
    this.commit(each, where);
  }

  /** Names that the schema cannot know. */
  private check({ when, fault }: Injection, path: Path): void {
    const { messageTypes } = this.numbers;
    if ("message" in when && when.message.type !== undefined && !messageTypes.has(when.message.type)) {
      const known = [...messageTypes.keys()].join(", ");
      throw new ScenarioError(`there is no message type "${when.message.type}"; there are ${known}`, [
        ...path,
        "when",
        "message",
        "type",
      ]);
    }
    if ("reached" in when) addressOf(this.symbols, when.in, when.reached, [...path, "when", "reached"]);
    if ("data" in fault) addressOf(this.symbols, fault.of, fault.data, [...path, "fault", "data"]);
    if ("code" in fault) addressOf(this.symbols, fault.of, fault.code, [...path, "fault", "code"]);
  }
}

/** The place that an injection waits for; null where it waits for something else. */
function placeOf({ injection: { when } }: Pending): Extract<When, { reached: string }> | null {
  return "reached" in when ? when : null;
}

function nameOf(slot: number): string | null {
  return services.find((service) => service.slot === slot)?.name ?? null;
}
