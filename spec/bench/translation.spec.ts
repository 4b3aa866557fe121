/** What `npm run translation` shows. GNU's disassembler is the judge of instructions; those tests skip themselves where it is not installed. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { disassemble } from "../../bench/translation/disassemble.ts";
import { INSTRUCTIONS } from "../../machine/isa/instructions.ts";
import { ROOT } from "../../system/build.ts";
import { systemImage } from "../harness.ts";

const OBJDUMP = "riscv64-unknown-elf-objdump";
const SEED = Number(process.env.RENIX_SEED ?? Math.floor(Math.random() * 2 ** 31));
const WORDS_PER_ROW = 16;

describe("translation", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "renix-translation-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it(`writes instructions as GNU's disassembler does (RENIX_SEED=${SEED})`, function () {
    if (spawnSync(OBJDUMP, ["--version"]).error) return this.skip();
    const words = INSTRUCTIONS.flatMap(({ encoding }) =>
      fc.sample(fc.integer(), { seed: SEED, numRuns: WORDS_PER_ROW }).map((random) => wordOf(encoding, random)),
    );
    const path = join(folder, "words");
    writeFileSync(path, new Uint8Array(Int32Array.from(words).buffer));
    const theirs = spawnSync(OBJDUMP, ["-D", "-b", "binary", "-m", "riscv:rv32", "-M", "no-aliases", path]);
    const lines = [...theirs.stdout.toString().matchAll(/^ +[0-9a-f]+:\t[0-9a-f]{8} +\t(.*)$/gm)].map(
      ([, text]) => text!,
    );
    expect(lines).to.have.length(words.length);
    words.forEach((word, index) => {
      expect(plain(disassemble(word, 4 * index)!)).to.equal(plain(lines[index]!));
    });
  });

  it("shows a function's blocks and its WebAssembly", async () => {
    const elf = join(folder, "renix.elf");
    writeFileSync(elf, (await systemImage()).elf);
    const { stdout, status } = translation(elf, "lowestBit");
    expect(stdout).to.match(/^kernel\/set\.ts:lowestBit, 0x8[0-9a-f]+: \d+ blocks, entered at 0x8/);
    expect(stdout).to.match(/^ {4}0x8[0-9a-f]+ {2}andi {4}/m);
    expect(stdout).to.contain("(local.get $a0)");
    expect(stdout).to.contain("(local.tee $budget");
    expect(stdout).to.match(/\(export "region" \(func \d+\)\)\)\n$/);
    expect(status).to.equal(0);
  });

  it("says what it cannot show", async () => {
    const elf = join(folder, "renix.elf");
    writeFileSync(elf, (await systemImage()).elf);
    expect(translation(elf, "nosuch")).to.deep.equal({
      stdout: "",
      stderr: "translation: nosuch: no such function in this file\n",
      status: 2,
    });
    expect(translation(elf, "0x4").stderr).to.equal("translation: 0x4: nothing there can be translated\n");
    expect(translation(join(folder, "words"), "main").stderr).to.match(/^translation: .*\n$/);
    expect(translation(join(folder, "none"), "main").stderr).to.match(/^translation: .*no such file.*\n$/);
  });
});

/** The bits that the encoding leaves open, at random; but for the order that atomics and fences ask for, which we do not write. */
function wordOf(encoding: string, random: number): number {
  const bits = [...encoding.replaceAll(" ", "")];
  const fixed = encoding.endsWith("0101111") ? 0x0600_0000 : encoding.endsWith("0001111") ? 0xffff_ff80 : 0;
  return bits.reduce((word, bit, index) => {
    const place = 31 - index;
    const value = bit === "." ? ((random & ~fixed) >>> place) & 1 : Number(bit);
    return (word << 1) | value;
  }, 0);
}

/** Without spaces, symbols of targets, names of control registers (their number does) and what a fence orders. */
function plain(text: string): string {
  const [name, rest = ""] = text.trim().split(/\s+(.*)/s);
  if (name!.startsWith("fence")) return name!;
  const operands = rest
    .replace(/<.*>|#.*/g, "")
    .replaceAll(/\s/g, "")
    .split(",");
  if (name!.startsWith("csr")) operands.splice(1, 1);
  return `${name} ${operands.map((each) => (/^-?(0x[0-9a-f]+|\d+)$/.test(each) ? String(Number(each)) : each)).join(",")}`;
}

function translation(...operands: string[]): { stdout: string; stderr: string; status: number | null } {
  const main = join(ROOT, "dist", "bench", "translation", "main.js");
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...operands], { encoding: "utf8" });
  return { stdout, stderr, status };
}
