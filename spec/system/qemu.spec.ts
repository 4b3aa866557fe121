/** The very same renix.elf and disk.img boot on QEMU: a session there, with a driver's crash in it, and a clean disk afterwards. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { qemuCommand } from "../../bin/build.ts";
import { systemImage } from "../harness.ts";

const has = (program: string): boolean => spawnSync("which", [program]).status === 0;
const LINES = [
  "cp /bin/grep /copy; cksum </bin/grep; cksum </copy",
  "service crash disk null; ls /",
  "service crash tty null",
  "echo still here",
  "service status",
  "poweroff",
];

/** Types each line when the prompt stands; everything that was shown, and the exit status. */
function session(command: string): Promise<{ output: string; status: number | null }> {
  return new Promise((resolve) => {
    const qemu = spawn("sh", ["-c", `exec ${command}`], { timeout: 50_000 });
    const lines = [...LINES];
    let output = "";
    let answered = 0;
    qemu.stdout.on("data", (bytes: Buffer) => {
      output += bytes.toString("latin1").replaceAll("\r", "");
      if (!/(^|\n)# $/.test(output.slice(answered)) || lines.length === 0) return;
      answered = output.length;
      qemu.stdin.write(`${lines.shift()}\r`);
    });
    qemu.on("close", (status) => resolve({ output, status }));
  });
}

describe("on QEMU", () => {
  let folder: string;
  before(async function () {
    if (!has("qemu-system-riscv32")) this.skip();
    folder = mkdtempSync(join(tmpdir(), "renix-qemu-"));
    const { elf, disk } = await systemImage();
    writeFileSync(join(folder, "renix.elf"), elf);
    writeFileSync(join(folder, "disk.img"), disk);
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  it("boots the same files, heals a crashed driver, and leaves a clean disk", async () => {
    const disk = join(folder, "disk.img");
    const { output, status } = await session(qemuCommand(join(folder, "renix.elf"), disk));
    const sums = output.match(/^\d+ \d+$/gm) ?? [];
    expect(sums, output).to.have.lengthOf(2);
    expect(sums[0]).to.equal(sums[1]);
    expect(output)
      .to.include("still here\n")
      .and.match(/^disk +running +\d+ +\d+ +1 +store page fault/m);
    expect(output).to.match(/^tty +running +\d+ +\d+ +1 +store page fault/m);
    expect(status).to.equal(0);
    if (has("fsck.minix")) expect(spawnSync("fsck.minix", ["-f", disk]).status).to.equal(0);
  });
});
