/** Requests that make no sense, and what must not be lost: memory. */
import { PM } from "../../../../lib/endpoint.ts";
import { sendReceive } from "../../../../lib/ipc.ts";
import { Ending, waitFor } from "../../../../lib/library/process.ts";
import { systemInformation } from "../../../../lib/library/time.ts";
import { Message } from "../../../../lib/message.ts";
import { PmCall, PmSignalReturn, PmSystem } from "../../../../lib/protocol/pm.ts";
import { Signal } from "../../../../lib/signal.ts";
import { join, start } from "./cases.ts";
import { execPassesArguments, exitSeven } from "./lives.ts";
import { brkMoves, descendForever, memoryIsPromised, stackGrows, storeNull } from "./memory.ts";

const SEEDS = 8;
const LETTERS = 400;
let random: u32 = 1;

function nextRandom(): u32 {
  random ^= random << 13;
  random ^= random >>> 17;
  random ^= random << 5;
  return random;
}

/** Requests that may take a long time, end others, or make more processes. */
function isLeftOut(type: u32): boolean {
  const call = type as PmCall;
  return (
    call === PmCall.Fork ||
    call === PmCall.Exit ||
    call === PmCall.Kill ||
    call === PmCall.Pause ||
    call === PmCall.Sleep ||
    call === PmCall.Reboot ||
    call === PmCall.Alarm ||
    call === PmCall.SignalReturn
  );
}

class Anything extends Message {
  override type: u32 = 0;
  readonly words = new Uint32Array(14);
}

/** Random letters of PM's protocol, and of none: often plausible words, often not. */
function talkNonsense(): void {
  const letter = new Anything();
  for (let count = 0; count < LETTERS; count++) {
    letter.type = PmCall.Fork + (nextRandom() % 24);
    for (let index = 0; index < letter.words.length; index++) {
      const word = nextRandom();
      letter.words[index] =
        (word & 1) !== 0 ? word : (word & 2) !== 0 ? (word >>> 2) & 0xff : (word & 0x1f_ffff) + 0x1_0000;
    }
    if (!isLeftOut(letter.type)) sendReceive(PM, letter);
  }
}

function returnFromNothing(): void {
  sendReceive(PM, new PmSignalReturn());
}

export function nonsenseHarmless(): void {
  for (let seed: u32 = 1; seed <= SEEDS; seed++) {
    random = seed * 0x9e37_79b9;
    join(start(talkNonsense)); // it may end somehow: its handlers are nonsense too
    assert(join(start(exitSeven)) === 7);
  }
  assert(join(start(returnFromNothing)) === 128 + Signal.Segmentation);
}

function freeBytes(): u32 {
  const system = new PmSystem();
  assert(systemInformation(system) >= 0);
  return system.freeBytes;
}

function useMemory(): void {
  brkMoves();
  stackGrows();
}

/** The answer to the question before the last process has been cleared may come early: so ask again for a while. */
export function nothingLeaks(): void {
  start(exitSeven);
  assert(waitFor(-1, 0, new Ending()) > 0);
  const before = freeBytes();
  for (let round = 0; round < 2; round++) {
    assert(join(start(useMemory)) === 0);
    assert(join(start(execPassesArguments)) === 0);
    assert(join(start(memoryIsPromised)) === 0);
    assert(join(start(storeNull)) !== 0);
    assert(join(start(descendForever)) !== 0);
  }
  assert(freeBytes() === before);
}
