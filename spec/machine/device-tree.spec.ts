/** The device tree: well-formed for dtc, and shaped like QEMU's, so that guests find devices the same way on both. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { boardTree } from "../../machine/device-tree.ts";
import { Machine } from "../../machine/machine.ts";
import { elfFile } from "./elf-file.ts";
import { isQemuInstalled, PROCESSOR } from "./qemu.ts";

const RAM_BYTES = 64 << 20;
const ours = (bootArguments = "", hasDmaGuard = true, initialDisk: { start: number; end: number } | null = null) =>
  boardTree({ ramBytes: RAM_BYTES, bootArguments, hasDmaGuard, initialDisk });

/** Nodes by path, properties as dtc writes them. */
type Tree = Map<string, Map<string, string>>;

/** Decompiles a blob; the second half of the result is what dtc complained about. */
function decompile(blob: Uint8Array): { tree: Tree; complaints: string } {
  // dtc reads as far as the header says; what QEMU's file holds beyond would end in a broken pipe.
  const input = blob.subarray(0, new DataView(blob.buffer, blob.byteOffset).getUint32(4));
  const { stdout, stderr, error } = spawnSync("dtc", ["-I", "dtb", "-O", "dts"], { input, encoding: "utf8" });
  if (error) throw error;
  const tree: Tree = new Map();
  const path: string[] = [];
  for (const line of stdout.split("\n").map((text) => text.trim())) {
    const opening = /^(\S+) \{$/.exec(line);
    const property = /^([^ =;]+)(?: = (.*))?;$/.exec(line);
    if (opening) {
      path.push(opening[1] === "/" ? "" : opening[1]!);
      tree.set(path.join("/") || "/", new Map());
    } else if (line === "};") {
      path.pop();
    } else if (property && path.length > 0) {
      tree.get(path.join("/") || "/")!.set(property[1]!, property[2] ?? "");
    }
  }
  return { tree, complaints: stderr };
}

function qemuTree(): Tree {
  const directory = mkdtempSync(join(tmpdir(), "renix-dtb-"));
  try {
    const path = join(directory, "qemu.dtb");
    const kernel = join(directory, "kernel"); // -append wants one
    writeFileSync(kernel, elfFile({ address: 0x8000_0000, bytes: new Uint8Array(4), memoryBytes: 4, symbols: [] }));
    const machine = ["-M", `virt,dumpdtb=${path}`, "-cpu", PROCESSOR, "-m", "64M", "-bios", "none"];
    spawnSync("qemu-system-riscv32", [...machine, "-kernel", kernel, "-append", "hello world"]);
    return decompile(readFileSync(path)).tree;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("device tree", () => {
  before(function () {
    if (spawnSync("dtc", ["--version"]).status !== 0) this.skip();
  });

  it("is accepted by dtc, which finds no more to say of it than of QEMU's", () => {
    const complaints = decompile(ours("a b"))
      .complaints.split("\n")
      .filter((line) => line !== "");
    expect(complaints.filter((line) => !line.includes("Missing #address-cells in interrupt provider"))).to.deep.equal(
      [],
    );
  });

  it("has every node that software looks for just as QEMU has it", function () {
    if (!isQemuInstalled()) this.skip();
    const theirs = qemuTree();
    const { tree } = decompile(ours("hello world"));
    const absent = ["/pmu", "/fw-cfg@10100000", "/flash@20000000", "/platform-bus@4000000", "/soc/pci@30000000"];
    const different = ["model", "rng-seed"];
    for (const [path, properties] of theirs) {
      if (absent.includes(path)) continue;
      for (const [name, value] of properties) {
        if (!different.includes(name)) expect(tree.get(path)?.get(name), `${path} ${name}`).to.equal(value);
      }
    }
    const added = [...tree.keys()].filter((path) => !theirs.has(path));
    expect(added).to.deep.equal(["/soc/dma-guard@3000000"]);
  });

  it("names the DMA guard only where the board has one, and boot arguments only where there are any", () => {
    const { tree } = decompile(ours("", false));
    expect(tree.has("/soc/dma-guard@3000000")).to.equal(false);
    expect(tree.get("/chosen")!.has("bootargs")).to.equal(false);
    const guarded = decompile(ours('sh -c "ls"')).tree;
    expect(guarded.get("/soc/dma-guard@3000000")!.get("compatible")).to.equal('"renix,dma-guard"');
    expect(guarded.get("/chosen")!.get("bootargs")).to.equal('"sh -c \\"ls\\""');
  });

  it("says where an initial file system lies, where there is one", () => {
    const { tree } = decompile(ours("", true, { start: 0x8200_0000, end: 0x8200_1234 }));
    expect(tree.get("/chosen")!.get("linux,initrd-start")).to.equal("<0x82000000>");
    expect(tree.get("/chosen")!.get("linux,initrd-end")).to.equal("<0x82001234>");
    expect(decompile(ours()).tree.get("/chosen")!.has("linux,initrd-start")).to.equal(false);
  });

  it("lies in RAM where a1 says, a0 says hart 0, and its size is in its header", () => {
    for (const ramBytes of [1 << 20, 64 << 20]) {
      const machine = new Machine({ ramBytes });
      const address = machine.hart.readRegister(11);
      expect(machine.hart.readRegister(10)).to.equal(0);
      expect(address % 4096).to.equal(0);
      const header = new DataView(machine.readPhysical(address, 8).buffer);
      expect(header.getUint32(0)).to.equal(0xd00d_feed);
      expect(address + header.getUint32(4)).to.be.at.most(0x8000_0000 + ramBytes);
    }
  });
});
