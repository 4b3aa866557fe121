/**
 * `lr.w` and `sc.w` in translated code, where the word's page is in the translation cache: what `loadReserved` and
 * `storeConditional` of hart/data-path.ts do there.
 *
 * `Address` holds the address, `Slot` its entry in the cache.
 */
import { NO_RESERVATION } from "../hart/state.ts";
import { addressOf } from "../hart/state-words.ts";
import { type Code, Op } from "./encode.ts";
import { Local } from "./locals.ts";
import { load, pushPlace, store } from "./memory-access.ts";
import { setWord } from "./standing.ts";

/** Pushes the word, and reserves it. */
export function loadReserved(code: Code): void {
  pushPlace(code);
  code.tee(Local.Slot);
  load(code, 4, true);
  code.set(Local.Value);
  setWord(code, "reservedAddress", () => code.get(Local.Address));
  setWord(code, "reservedOffset", () => code.get(Local.Slot));
  setWord(code, "reservedValue", () => code.get(Local.Value));
  code.get(Local.Value);
}

/** Pushes whether there is no reservation at this address. */
export function pushIsNotReserved(code: Code): void {
  code.get(Local.Address).loadWord(addressOf("reservedAddress")).op(Op.I32Ne);
  code.loadWord(addressOf("reservedOffset")).constant(0).op(Op.I32LtS).op(Op.I32Or);
}

/** Stores what is pushed if the word is reserved and holds what it held; pushes 0 if so, else 1. */
export function storeConditional(code: Code, pushValue: () => void): void {
  pushPlace(code);
  code.tee(Local.Slot).loadWord(addressOf("reservedOffset")).op(Op.I32Eq);
  code.get(Local.Address).loadWord(addressOf("reservedAddress")).op(Op.I32Eq).op(Op.I32And);
  code.get(Local.Slot);
  load(code, 4, true);
  code.loadWord(addressOf("reservedValue")).op(Op.I32Eq).op(Op.I32And).tee(Local.Value).block(Op.If);
  code.get(Local.Slot);
  pushValue();
  store(code, 4);
  code.op(Op.End);
  setWord(code, "reservedOffset", () => code.constant(NO_RESERVATION));
  code.get(Local.Value).op(Op.I32Eqz);
}
