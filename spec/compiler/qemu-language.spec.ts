/** One program with a bit of everything, as one image: what it prints on our machine and on QEMU is the same, and right. */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { compile, formatDiagnostic } from "../../compiler/compiler.ts";
import { CORE, RUNTIME } from "../../compiler/program.ts";
import { Machine } from "../../machine/machine.ts";
import { isQemuInstalled, runOnQemu } from "../machine/qemu.ts";

const project = new URL("../../../", import.meta.url);

const program = `
const stack = new Uint8Array(16384);
export const start = asm\`
    la   sp, \${stack} + 16384
    call \${begin}
\`;
class Port { data: u8 = 0; }
class Finisher { command: u32 = 0; }

export declare function print(text: TemplateStringsArray, ...values: Printable[]): void;
export function printText(text: string): void { printBytes(text.bytes); }
export function printBytes(bytes: Uint8Array): void { for (const byte of bytes) printCharacter(byte); }
export function printCharacter(code: u32): void { at(0x1000_0000, Port).data = u8(code); }
export function printUnsigned(value: u32): void { printLong(u64(value)); }
export function printSigned(value: i32): void { if (value < 0) printCharacter(45); printUnsigned(u32(value < 0 ? -value : value)); }
export function printLong(value: u64): void { if (value >= 10n) printLong(value / 10n); printCharacter(u32(value % 10n) + 48); }
export function printEnd(): void { printCharacter(10); }

function begin(): void { initializeModules(); entryMain(stringsAt(0, 0)); at(0x10_0000, Finisher).command = 0x5555; }

class Node { value: i32 = 0; left: Node | null = null; right: Node | null = null; }
const nodes = table(Node, 32);
let used = 0;
function insert(root: Node | null, value: i32): Node {
  if (root === null) { const node = nodes[used++]; node.value = value; return node; }
  if (value < root.value) root.left = insert(root.left, value); else root.right = insert(root.right, value);
  return root;
}
function walk(root: Node | null): void { if (root === null) return; walk(root.left); print\`\${root.value} \`; walk(root.right); }
const enum Operation { Add, Multiply, Shift }
const operations: Record<Operation, (a: u64, b: u64) => u64> = {
  [Operation.Add]: (a, b) => a + b,
  [Operation.Multiply]: (a, b) => a * b,
  [Operation.Shift]: (a, b) => a << (b & 63n),
};
export function main(_args: readonly string[]): i32 {
  let root: Node | null = null;
  let seed: u32 = 12345;
  for (let i = 0; i < 12; i++) { seed = seed * 1103515245 + 12345; root = insert(root, i32((seed >>> 16) % 200) - 100); }
  walk(root);
  let value = 1n;
  for (let round = 0; round < 40; round++) value = operations[(round % 3) as Operation](value, u64(round) + 3n);
  print\`value \${value}\`;
  const text = new Uint8Array(26);
  for (let i = 0; i < text.length; i++) text[i] = u8(97 + (i * 7) % 26);
  text.set(text.subarray(0, 20), 3);
  print\`\${text} \${text.length} \${"end"}\`;
  return 0;
}
`;

const files: Record<string, string> = { "program.ts": program };
for (const path of [CORE, RUNTIME]) files[path] = readFileSync(new URL(path, project), "utf8");

/** What JavaScript makes of the same arithmetic. */
function expected(): string {
  const values: number[] = [];
  let seed = 12345;
  for (let i = 0; i < 12; i++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    values.push(((seed >>> 16) % 200) - 100);
  }
  let value = 1n;
  for (let round = 0; round < 40; round++) {
    const by = BigInt(round) + 3n;
    value = BigInt.asUintN(64, [value + by, value * by, value << (by & 63n)][round % 3]!);
  }
  const text = Array.from({ length: 26 }, (_, i) => 97 + ((i * 7) % 26));
  text.splice(3, 20, ...text.slice(0, 20));
  const list = values.sort((a, b) => a - b).map((each) => `${each} \n`);
  return `${list.join("")}value ${value}\n${String.fromCharCode(...text)} 26 end\n`;
}

describe("a compiled program", () => {
  for (const optimise of [false, true]) {
    const image = (): Uint8Array => {
      const executable = { name: "program", entry: "program.ts", start: "program.ts", kind: "kernel" } as const;
      const { diagnostics, images } = compile({ read: (path) => files[path] ?? null }, [executable], { optimise });
      expect(diagnostics.map(formatDiagnostic)).to.deep.equal([]);
      return images.get("program")!;
    };

    it(`prints what it should on our machine, ${optimise ? "optimised" : "not optimised"}`, () => {
      const machine = new Machine({ ramBytes: 8 << 20 });
      const output: number[] = [];
      machine.onOutput((byte) => output.push(byte));
      machine.loadElf(image());
      expect(machine.run(1_000_000_000).kind).to.equal("finished");
      expect(String.fromCharCode(...output)).to.equal(expected());
    });

    it(`prints the same on QEMU, ${optimise ? "optimised" : "not optimised"}`, function () {
      if (!isQemuInstalled()) this.skip();
      expect(String.fromCharCode(...runOnQemu(image()).output)).to.equal(expected());
    });
  }
});
