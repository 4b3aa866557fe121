/**
 * Compiles IR modules, links them and runs them on the machine: what most tests of the back end do.
 *
 * The start routine calls `test:main`, leaves its two results in memory and ends the run; a trap ends it too, with its cause. Begin with `run`.
 */
import { generate } from "../../compiler/backend.ts";
import type { Module } from "../../compiler/ir.ts";
import { parseModule } from "../../compiler/ir-text.ts";
import { LineTable } from "../../compiler/line-table.ts";
import { link } from "../../compiler/link.ts";
import { type Elf, readElf } from "../../machine/elf.ts";
import { Machine } from "../../machine/machine.ts";

export const START = `module start
routine start:start {
  la   sp, {start:stack} + 65536
  la   t0, {start:trapped}
  csrw mtvec, t0
  call {linker:initialize}
  call {linker:main}
  la   t0, {start:results}
  sw   a0, 0(t0)
  sw   a1, 4(t0)
  li   t1, 0x5555
  j    {start:finish}
}
routine start:trapped {
  la   t0, {start:results}
  csrr t1, mcause
  sw   t1, 8(t0)
  csrr t1, mepc
  sw   t1, 12(t0)
  sw   sp, 16(t0)
  sw   ra, 20(t0)
  li   t1, 0x5555
  j    {start:finish}
}
routine start:finish {
  li   t0, 0x100000
  sw   t1, 0(t0)
1: j   1b
}
data start:results 24 align 4 writable
data start:stack 65536 align 64 writable
`;

export interface Outcome {
  readonly results: readonly [number, number];
  /** Null where `main` returned. */
  readonly trap: { readonly cause: number; readonly pc: number; readonly sp: number; readonly ra: number } | null;
  readonly instructions: number;
  readonly machine: Machine;
  readonly elf: Elf;
  readonly image: Uint8Array;
}

/** The executable of these modules, one of which has a function `test:main`. */
export function build(modules: readonly Module[], optimise: boolean): Uint8Array {
  const all = [parseModule(START), ...modules];
  const byPath = new Map(all.map((module) => [module.path, module]));
  const objects = all.map((module) => generate(module, byPath, { optimise }));
  const initializers = all.flatMap(({ initializer }) => (initializer === null ? [] : [initializer]));
  return link(
    {
      name: "test",
      entry: "test:main",
      start: "start:start",
      base: 0x8000_0000,
      kind: "kernel",
      initializers,
      blobs: [],
      linesInMemory: true,
    },
    objects,
  );
}

export function run(modules: readonly Module[], optimise: boolean, cycles = 100_000_000): Outcome {
  const image = build(modules, optimise);
  const machine = new Machine({ ramBytes: 4 << 20 });
  machine.loadElf(image);
  const stop = machine.run(cycles);
  if (stop.kind !== "finished") throw new Error(`the program did not end: ${JSON.stringify(stop)}`);
  const elf = readElf(image);
  const place = elf.symbols.find(({ name }) => name === "start:results")!.address;
  const bytes = machine.readPhysical(place, 24);
  const word = (index: number): number => new DataView(bytes.buffer, bytes.byteOffset).getInt32(4 * index, true);
  const [cause, pc, sp, ra] = [word(2), word(3) >>> 0, word(4) >>> 0, word(5) >>> 0];
  const trap = pc === 0 ? null : { cause, pc, sp, ra };
  return { results: [word(0), word(1)], trap, instructions: machine.instructions, machine, elf, image };
}

/** The line table that the linker put into memory. */
export function lineTableOf({ machine, elf }: Outcome): LineTable {
  const address = (name: string): number => elf.symbols.find((symbol) => symbol.name === name)!.address;
  const start = address("lines_start");
  return new LineTable(machine.readPhysical(start, address("lines_end") - start));
}
