/**
 * What debuggers see: objdump and addr2line show TypeScript lines, gdb breaks by name and walks the stack.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseModule } from "../../compiler/ir-text.ts";
import { readElf, symbolAddress } from "../../machine/elf.ts";
import { build } from "./run-machine-code.ts";

const PROGRAM = parseModule(`module test.ts
data test:word 4 align 4 writable
function test:leaf (%0) 1 {
0:
  %1 = symbol test:word 0
  store4v %1 + 0, %0
  %2 = load4v %1 + 0
  return %2
}
function test:middle (%0, %1) 1 {
  slot 128 align 64
0:
  %2 = slot 0 0
  store4v %2 + 4, %1
  %3 = call test:leaf %0
  %4 = load4v %2 + 4
  %5 = add %3, %4
  return %5
}
function test:recurse (%0) 1 {
0:
  branch equal %0, 0 ? 1 : 2
1:
  %1 = call test:middle 1, 2
  return %1
2:
  %2 = subtract %0, 1
  %3 = call test:recurse %2
  %4 = add %3, %0
  return %4
}
function test:main () 2 {
0:
  %0 = call test:recurse 3
  return %0, 0
}
`);

function withImage<T>(work: (file: string, image: Uint8Array) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "renix-debug-"));
  try {
    const image = build([PROGRAM], false);
    const file = join(folder, "image.elf");
    writeFileSync(file, image);
    return work(file, image);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The tool's output, or null where it is not installed. */
function output(name: string, ...parameters: string[]): string | null {
  try {
    return execFileSync(name, parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 50_000 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

describe("debug information", () => {
  it("lets objdump put lines beside instructions", function () {
    const text = withImage((file) => output("riscv64-unknown-elf-objdump", "-dl", file));
    if (text === null) return this.skip();
    const leaf = text.slice(text.indexOf("<test:leaf>:"), text.indexOf("<test:middle>:"));
    expect(leaf).to.match(/test\.ts:6\b[\s\S]*\bsw\t/);
    expect(leaf).to.match(/test\.ts:7\b[\s\S]*\blw\t/);
    expect(leaf).to.match(/test\.ts:8\b[\s\S]*\bret\b/);
  });

  it("lets addr2line name the function and line of an address", function () {
    const text = withImage((file, image) => {
      const address = symbolAddress(readElf(image), "test:middle")!;
      return output("riscv64-unknown-elf-addr2line", "-f", "-e", file, `0x${address.toString(16)}`);
    });
    if (text === null) return this.skip();
    expect(text.trim().split("\n")).to.deep.equal(["test:middle", "./test.ts:10"]);
  });

  it("lets gdb walk the stack at every instruction of a call", function () {
    if (output("qemu-system-riscv32", "--version") === null) return this.skip();
    const commands = [
      "set architecture riscv:rv32",
      "set confirm off",
      "set remotetimeout 40", // a busy host lets QEMU wait
      "target remote | exec qemu-system-riscv32 -M virt -bios none -display none -monitor none -serial null -gdb stdio -S -kernel $FILE",
      "break *'test:middle'",
      "continue",
      "python",
      "for step in range(40):",
      "  frame = gdb.newest_frame()",
      "  names = []",
      "  while frame is not None and len(names) < 20:",
      "    names.append('%s:%d' % (frame.name(), frame.find_sal().line))",
      "    frame = frame.older()",
      "  print('STACK ' + ' '.join(names))",
      "  if names[0].startswith('test:recurse'): break",
      "  gdb.execute('stepi', to_string=True)",
      "try:",
      "  gdb.execute('kill')",
      "except gdb.error:",
      "  pass", // QEMU may be gone before it has answered
      "end",
    ].join("\n");
    const text = withImage((file) => {
      const script = `${file}.gdb`;
      writeFileSync(script, commands.replace("$FILE", file));
      return output("gdb-multiarch", "-nx", "-batch", "-x", script, file);
    });
    if (text === null) return this.skip();
    const stacks = [...text.matchAll(/STACK (.*)/g)].map(([, stack]) => stack!.split(" "));
    const rest = ["test:recurse:24", "test:recurse:28", "test:recurse:28", "test:recurse:28", "test:main:34"];
    const functions = new Set<string>();
    for (const stack of stacks) {
      const names = stack.map((each) => each.replace(/:\d+$/, ""));
      functions.add(names[0]!);
      const inner = names.slice(0, names.indexOf("test:recurse"));
      expect(["test:middle", "test:leaf test:middle", ""]).to.include(inner.join(" "));
      if (inner.length > 0) expect(stack.slice(inner.length, inner.length + 5)).to.deep.equal(rest);
      expect(names.at(-1)).to.equal("start:start");
    }
    expect([...functions]).to.include.members(["test:middle", "test:leaf", "test:recurse"]);
  });
});
