/**
 * The interpreter of threaded.ts, ready to run, and what it leaves to JavaScript: the long way of an access, system
 * instructions, decoding. Begin with `makeThreadedInterpreter`.
 */

import type { Width } from "../isa/meaning.ts";
import { webAssembly } from "../webassembly.ts";
import type { Interpreter, Parts } from "./generate.ts";
import { type ImportName, SYSTEM_OPERATIONS, threadedModule } from "./threaded.ts";

export interface ThreadedParts extends Parts {
  /** A jump to an address in a register, which is no return. */
  jumpedIndirectly(pc: number, target: number): void;
}

export function makeThreadedInterpreter(parts: ThreadedParts): Interpreter {
  module ??= new webAssembly.Module(threadedModule());
  const { memory } = parts.ram.memory;
  const { exports } = new webAssembly.Instance(module, { env: { memory, ...importsFrom(parts) } });
  return exports.interpret as Interpreter;
}

/** Shared by all machines: nothing in it is anyone's own. */
let module: object | null = null;

/**
 * What tells something gives nothing back; what is asked says, but for `atomicOffset`, whether the hart has departed.
 */
function importsFrom(parts: ThreadedParts): Record<ImportName, (...words: number[]) => number | undefined> {
  const { state, code, data, system } = parts;
  const operations = SYSTEM_OPERATIONS.map((operation) => system[operation].bind(system));
  return {
    decode: (slot) => void code.decodeSlot(slot),
    illegal: (word) => void system.illegal(word),
    breakpoint: (slot) => void parts.breakpointReached(slot),
    jumpedIndirectly: (pc, target) => void parts.jumpedIndirectly(pc, target),
    load(address, width, signed, rd) {
      state.departed = false;
      const value = data.load(address, width as Width, signed !== 0);
      if (state.departed) return 1;
      state.x[rd] = value;
      return 0;
    },
    store(address, width, value) {
      state.departed = false;
      data.store(address, width as Width, value);
      return state.departed ? 1 : 0;
    },
    /** -1 where the hart has departed. */
    atomicOffset(address) {
      state.departed = false;
      const offset = data.atomicOffset(address);
      return state.departed ? -1 : offset;
    },
    system(operation, word) {
      state.departed = false;
      operations[operation]!(word);
      return state.departed ? 1 : 0;
    },
  };
}
