/**
 * Where in RAM a load or a store of translated code goes, or that it goes the long way: looked up, found looked up
 * already, or computed.
 *
 * In M-mode addresses are not translated, and as long as PMP binds it nowhere, all of RAM is at hand: a place there is
 * an address less RAM's first, a load is compared with RAM's size, and a store, besides, with the flags of its page, as
 * somebody may have to hear of it. Elsewhere the translation cache is asked. Begin with `push`.
 */
import { Base } from "../board/memory-map.ts";
import { EventCost } from "../cost.ts";
import { DataEntry } from "../hart/translation-cache.ts";
import type { Width } from "../isa/meaning.ts";
import type { BlockWriter } from "./blocks.ts";
import { type Cost, sum } from "./budget.ts";
import type { Step } from "./discover.ts";
import { type Code, Op, Type } from "./encode.ts";
import type { Surroundings } from "./ends.ts";
import { Departure } from "./exits.ts";
import type { PageUse } from "./kept-pages.ts";
import type { Labels } from "./labels.ts";
import { Local } from "./locals.ts";
import {
  keepFlatPage,
  keepPage,
  orIsHeard,
  orIsInTwoPages,
  pushIsElsewhere,
  pushIsMiss,
  pushIsOutside,
  pushKeptPlace,
  pushPlace,
} from "./memory-access.ts";
import { Misses } from "./missing-accesses.ts";
import type { Plan } from "./plan.ts";
import { Need, Refilled } from "./refill.ts";
import { Import } from "./runtime.ts";

/** What a misaligned access costs besides. */
const MISALIGNED: Cost = { cycles: EventCost.misaligned, instructions: 0 };

/** What is looked up at once: one access, or a group of them, of which the widest decides the alignment. */
interface Span {
  readonly step: Step;
  readonly width: number;
  readonly spanBytes: number;
  readonly isStore: boolean;
}

export class PlaceWriter {
  readonly #code: Code;
  readonly #writer: BlockWriter;
  readonly #labels: Labels;
  readonly #plan: Plan;
  /** Whether accesses that find nothing try to refill the translations. */
  readonly refills: boolean;
  /** The size of RAM where all of it is at hand. */
  readonly #flatBytes: number | null;

  constructor(writer: BlockWriter, labels: Labels, plan: Plan, { misses, flatBytes }: Surroundings) {
    this.#code = writer.code;
    this.#writer = writer;
    this.#labels = labels;
    this.#plan = plan;
    this.refills = misses === Misses.Refilled;
    this.#flatBytes = flatBytes;
  }

  /** Pushes where in RAM an access goes, or leaves; gives back how far behind that it is. */
  push(width: Width, isStore: boolean, step: Step): number {
    const membership = this.#plan.groups.get(step);
    if (membership === undefined) {
      this.#find({ step, width, spanBytes: width, isStore }, 0);
      return 0;
    }
    const { group, offsetBytes } = membership;
    const place = this.#plan.locals.place(group.slot);
    if (group.leader === step) {
      this.#find({ ...group, step, isStore: group.hasStore }, offsetBytes);
      this.#code.tee(place);
    } else this.#code.get(place);
    return offsetBytes;
  }

  /** The same for what begins so many bytes before the access of its step. */
  #find(span: Span, offsetBytes: number): void {
    const { rs1, immediate } = span.step.operands;
    const first = this.#flatBytes === null ? 0 : Base.Ram;
    const distance = (immediate - offsetBytes - first) | 0;
    this.#writer.pushRegister(rs1);
    if (distance !== 0) this.#code.constant(distance).op(Op.I32Add);
    this.#code.set(this.#flatBytes === null ? Local.Address : Local.Slot);
    const use = this.#plan.pages.uses.get(span.step);
    if (this.#flatBytes !== null) this.#compute(span, use, this.#flatBytes);
    else if (use === undefined) this.#lookUpAndPush(span);
    else if (use.mayBeKept) this.#findKept(span, use);
    else {
      this.#lookUp(span);
      if (use.isKept) keepPage(this.#code, this.#plan.locals, use.slot);
      pushPlace(this.#code);
    }
  }

  /** Pushes the place in `Slot`, or leaves if it is no place in RAM, or a store there must be heard of. */
  #compute(span: Span, use: PageUse | undefined, ramBytes: number): void {
    const { step, width, spanBytes, isStore } = span;
    const mayBeKept = isStore && use?.mayBeKept;
    if (mayBeKept) {
      this.#pushIsElsewhere(span, use, Local.Slot);
      this.#labels.openPlain(Op.If);
    }
    pushIsOutside(this.#code, width, spanBytes, ramBytes);
    if (isStore) orIsHeard(this.#code, width, spanBytes);
    this.leaveIfMissing(width, isStore ? Need.Store : 0, step.pc, () => {
      this.#code.get(Local.Slot).constant(Base.Ram).op(Op.I32Add);
    });
    if (isStore && use?.isKept) keepFlatPage(this.#code, this.#plan.locals, use.slot);
    if (mayBeKept) this.#labels.close();
    this.#code.get(Local.Slot);
  }

  /** Pushes the place of `Address`, which may be in the page that a slot keeps; or leaves. */
  #findKept(span: Span, use: PageUse): void {
    const { locals } = this.#plan;
    this.#pushIsElsewhere(span, use, Local.Address);
    this.#labels.openPlain(Op.If, use.isKept ? Type.None : Type.I32);
    if (use.isKept) {
      this.#lookUp(span);
      keepPage(this.#code, locals, use.slot);
    } else {
      this.#lookUpAndPush(span);
      this.#code.op(Op.Else);
      pushKeptPlace(this.#code, locals, use.slot);
    }
    this.#labels.close();
    if (use.isKept) pushKeptPlace(this.#code, locals, use.slot);
  }

  #lookUpAndPush(span: Span): void {
    this.#lookUp(span);
    pushPlace(this.#code);
  }

  /** Finds the entry of `Address`, or leaves; as also where not all of the span is in its page. */
  #lookUp({ step, width, spanBytes, isStore }: Span): void {
    pushIsMiss(this.#code, width, isStore ? DataEntry.WriteTag : DataEntry.ReadTag);
    if (spanBytes > width) orIsInTwoPages(this.#code, spanBytes, Local.Address);
    this.leaveIfMissing(width, isStore ? Need.Store : 0, step.pc);
  }

  #pushIsElsewhere({ width, spanBytes }: Span, { slot }: PageUse, local: Local): void {
    pushIsElsewhere(this.#code, this.#plan.locals, width, slot, local);
    if (spanBytes > width) orIsInTwoPages(this.#code, spanBytes, local);
  }

  /**
   * Leaves if the word on the stack is not zero: the address may not be accessed so, or it is not aligned. Where that
   * happens often, tries to find out first; elsewhere the call would cost more than it saves, as registers live across
   * it.
   */
  leaveIfMissing(width: number, need: number, pc: number, pushAddress = () => this.#pushAddress()): void {
    if (!this.refills) {
      this.#writer.leaveIf(pc);
      return;
    }
    this.#labels.openPlain(Op.If);
    pushAddress();
    this.#code.constant(((width - 1) << Need.AlignmentShift) | need);
    this.#code.indexed(Op.Call, Import.Refill).tee(Local.Value).op(Op.I32Eqz);
    this.#writer.leaveIf(pc);
    if (width > 1 && (need & Need.Alignment) === 0) this.#payIfMisaligned(pc);
    this.#labels.close();
  }

  #pushAddress(): void {
    this.#code.get(Local.Address);
  }

  /** Leaves where the rest of the block, which is paid already, would begin too late. */
  #payIfMisaligned(pc: number): void {
    this.#code.get(Local.Value).constant(Refilled.Misaligned).op(Op.I32Eq);
    this.#labels.openPlain(Op.If);
    this.#writer.charge(MISALIGNED);
    this.#code.get(Local.Budget).longConstant(0).op(Op.I64LtS);
    this.#writer.leaveIf(pc, Departure.Interpreter, sum(this.#writer.unpaid, MISALIGNED));
    this.#labels.close();
  }
}
