/**
 * The labels that are open while a body is written: how deep a `br` must reach.
 *
 * Around the body lie the exits. Inside it, a label stands for the blocks that a branch to it leads to.
 */
import type { Code } from "./encode.ts";
import { Op, Type } from "./encode.ts";

interface Label {
  /** Blocks that a branch to the label leads to; null for a label that is no jump's target. */
  readonly members: ReadonlySet<number> | null;
  /** The one among them that is reached at once; the others by a dispatch. */
  readonly first: number;
}

export interface Place {
  readonly depth: number;
  /** Whether the block is reached by a dispatch. */
  readonly isDispatched: boolean;
}

export class Labels {
  readonly #code: Code;
  readonly #open: Label[] = [];

  constructor(code: Code) {
    this.#code = code;
  }

  /** Opens a label for a node: before it for jumps forwards, around it (a loop) for jumps back. */
  open(op: Op.Block | Op.Loop, members: ReadonlySet<number>, first: number): void {
    this.#code.block(op);
    this.#open.push({ members, first });
  }

  /** Opens a block or a condition to which no jump leads. */
  openPlain(op: Op.Block | Op.If, type = Type.None): void {
    this.#code.block(op, type);
    this.#open.push({ members: null, first: -1 });
  }

  close(): void {
    this.#code.op(Op.End);
    this.#open.pop();
  }

  /** The innermost label that leads to a block. */
  find(block: number): Place {
    const index = this.#open.findLastIndex(({ members }) => members?.has(block));
    return { depth: this.#open.length - 1 - index, isDispatched: this.#open[index]!.first !== block };
  }

  /** The depth of an exit's label. */
  depthOfExit(label: number): number {
    return this.#open.length + label;
  }
}
