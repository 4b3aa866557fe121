/** Test finisher: a write ends the machine's run, or resets it (QEMU's hw/misc/sifive_test.c). */
import { Finish } from "../board/finisher.ts";
import type { Device } from "../bus.ts";
import type { Width } from "../isa/meaning.ts";

export type FinisherRequest = { readonly kind: "finished"; readonly status: number } | { readonly kind: "reset" };

export class Finisher implements Device {
  readonly nextEventCycle = Number.POSITIVE_INFINITY;
  readonly #onRequest: (request: FinisherRequest) => void;

  constructor(onRequest: (request: FinisherRequest) => void) {
    this.#onRequest = onRequest;
  }

  read(): number {
    return 0;
  }

  write(offset: number, width: Width, value: number): boolean {
    if (width === 1) return false;
    if (offset !== 0) return true;
    switch (value & 0xffff) {
      case Finish.Pass:
        this.#onRequest({ kind: "finished", status: 0 });
        break;
      case Finish.Fail:
        this.#onRequest({ kind: "finished", status: (value >>> 16) & 0xffff });
        break;
      case Finish.Reset:
        this.#onRequest({ kind: "reset" });
        break;
    }
    return true;
  }

  advance(): void {}
  reset(): void {}
  exchange(): void {}
}
