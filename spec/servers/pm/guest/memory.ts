/** What a process may do with its memory, how much it gets, and what it uses of the processor. */
import { now, TICKS_PER_MILLISECOND } from "../../../../lib/clock.ts";
import { breakAddress, Ending, exit, fork, moveBreak, waitFor } from "../../../../lib/library/process.ts";
import { handle, ignore, kill, pause } from "../../../../lib/library/signals.ts";
import { processTimes } from "../../../../lib/library/time.ts";
import { PmTimesReply } from "../../../../lib/protocol/pm.ts";
import { Signal } from "../../../../lib/signal.ts";
import { Status } from "../../../../lib/status.ts";
import { join, start } from "./cases.ts";
import { exitSeven } from "./lives.ts";
import { times } from "./signals.ts";

const MEBIBYTE = 0x10_0000;

class Word {
  value: u32 = 0;
}
const data = new Uint32Array(4);

export function storeNull(): void {
  at(0, Word).value = 1;
}

export function nullStore(): void {
  assert(join(start(storeNull)) === 128 + Signal.Segmentation);
}

function storeToCode(): void {
  at(address(storeToCode), Word).value = 0;
}

export function codeCannotBeWritten(): void {
  assert(join(start(storeToCode)) === 128 + Signal.Segmentation);
}

function jumpTo(place: vaddr): void {
  asm`jalr ra, 0(${place})`;
}

function executeData(): void {
  data[0] = 0x0000_8067; // ret
  jumpTo(address(data));
}

export function dataCannotBeExecuted(): void {
  assert(join(start(executeData)) === 128 + Signal.Segmentation);
}

function failAssertion(): void {
  assert(times() > 0);
}

export function failedAssertion(): void {
  assert(join(start(failAssertion)) === 128 + Signal.Trap);
}

function exitThree(_: i32): void {
  exit(3);
}

function handleNull(): void {
  handle(Signal.Segmentation, exitThree);
  storeNull();
}

export function exceptionHandled(): void {
  assert(join(start(handleNull)) === 3);
}

/** Uses about a page of stack for each level, and every one of its words. */
function descend(levels: i32): u32 {
  const block = new Uint32Array(1000);
  for (let index = 0; index < block.length; index++) block[index] = u32(levels);
  const below = levels === 0 ? 0 : descend(levels - 1);
  assert(block[999] === u32(levels));
  return below + block[0];
}

export function stackGrows(): void {
  assert(descend(200) === 20_100);
}

export function descendForever(): void {
  descend(1000);
}

export function stackEnds(): void {
  assert(join(start(descendForever)) === 128 + Signal.Segmentation);
}

export function brkMoves(): void {
  const begin = breakAddress();
  assert(moveBreak(begin + 4 * MEBIBYTE) === begin + 4 * MEBIBYTE);
  const words = wordsAt(begin, MEBIBYTE);
  for (let index = 0; index < words.length; index += 1024) {
    assert(words[index] === 0);
    words[index] = u32(index);
  }
  for (let index = 0; index < words.length; index += 1024) assert(words[index] === u32(index));
  assert(moveBreak(begin) === begin);
  assert(moveBreak(begin + 4096) === begin + 4096);
  assert(words[0] === 0);
}

export function brkRefuses(): void {
  const begin = breakAddress();
  assert(moveBreak(begin + 512 * MEBIBYTE) === 0);
  assert(moveBreak(begin - 4096) === 0);
  assert(breakAddress() === begin);
}

/** Nobody has touched the heap, but a child could want all of its copy. */
export function memoryIsPromised(): void {
  const begin = breakAddress();
  assert(moveBreak(begin + 36 * MEBIBYTE) !== 0);
  assert(fork() === Status.NoMemory);
  assert(moveBreak(begin) !== 0);
  assert(join(start(exitSeven)) === 7);
}

function changeData(): void {
  assert(data[1] === 11);
  data[1] = 12;
}

export function memoryIsCopied(): void {
  data[1] = 11;
  assert(join(start(changeData)) === 0);
  assert(data[1] === 11);
}

function spin(): void {
  const began = now();
  while (now() - began < 30n * TICKS_PER_MILLISECOND) {}
}

export function timesAddUp(): void {
  const used = new PmTimesReply();
  assert(join(start(spin)) === 0);
  assert(processTimes(used) === Status.Ok);
  assert(used.childUserCycles >= 1_000_000n);
  assert(used.userCycles < used.childUserCycles);
}

function forkAll(): void {
  let children = 0;
  let pid = fork();
  while (pid > 0) {
    children++;
    pid = fork();
  }
  if (pid === 0) for (;;) pause();
  assert(pid === Status.TryAgain || pid === Status.NoMemory);
  assert(children > 30);
  ignore(Signal.Terminate);
  kill(0, Signal.Terminate);
  const ending = new Ending();
  while (children > 0) {
    assert(waitFor(-1, 0, ending) > 0);
    children--;
  }
}

export function processesRunOut(): void {
  forkAll();
}
