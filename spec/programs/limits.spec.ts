/** What programs meet when something has run out: a clear word, a status, and a system that goes on. */
import { expect } from "chai";
import { bootedSystem, type System } from "../harness.ts";
import { fsck, installed } from "../system/fsck.ts";

const NO_SPACE = "No space left on device";

describe("a full disk", () => {
  let system: System;
  before(async () => {
    system = await bootedSystem();
  });

  it("ends dd where the disk ends, with what it has written", () => {
    const report = system.run("dd if=/dev/zero of=/big bs=64k; echo $?");
    const shape =
      /^dd: \/big: No space left on device\n(\d+)\+0 records in\n(\d+)\+1 records out\n(\d+) bytes copied\n1\n$/;
    expect(report).to.match(shape);
    const [read, whole, bytes] = shape.exec(report)!.slice(1).map(Number);
    expect([read, Math.floor(bytes! / 65536)]).to.deep.equal([whole! + 1, whole]);
    expect(system.run("wc -c /big").trim()).to.equal(`${bytes} /big`);
  });

  for (const [command, complaint] of [
    ["echo x >/new", `sh: echo: ${NO_SPACE}`],
    ["seq 10 >/new", `seq: standard output: ${NO_SPACE}`],
    ["cp /bin/sh /copy", `cp: /copy: ${NO_SPACE}`],
    ["mkdir /folder", `mkdir: /folder: ${NO_SPACE}`],
  ]) {
    it(`is told to ${command}`, () => {
      expect(system.run(`${command}; echo $?`)).to.equal(`${complaint}\n1\n`);
    });
  }

  it("has room again when a file is gone, and was never inconsistent", function () {
    expect(system.run("rm /big && cp /bin/sh /copy; echo $?")).to.equal("0\n");
    expect(system.run("cksum </bin/sh")).to.equal(system.run("cksum </copy"));
    if (!installed("fsck.minix")) this.skip();
    system.run("sync");
    expect(fsck(system.machine.disk!.content())).to.equal("");
  });
});

describe("a full process table", () => {
  it("is told to whoever forks, and empties itself", async () => {
    const system = await bootedSystem();
    const processes = () => Number(system.run("ps | wc -l"));
    const before = processes();
    const ten = "i=0; while [ $i -lt 10 ]; do sleep 5 & i=$((i+1)); done";
    const crowd = `for a in $(seq 30); do sh -c '${ten}'; done`;
    expect(system.run(crowd)).to.match(/^(sh: fork: Resource temporarily unavailable\n){20,}$/);
    expect(system.run("echo alive; ps | wc -l")).to.equal("alive\nsh: fork: Resource temporarily unavailable\n");
    system.advance(600_000_000);
    expect(processes()).to.equal(before);
  });
});

describe("names and lines", () => {
  let system: System;
  before(async () => {
    system = await bootedSystem();
  });

  it("may be forty folders deep", () => {
    system.run("d=/; for n in $(seq 40); do d=$d/folder-of-some-length; mkdir $d || break; done");
    expect(
      system
        .run("cd $d && pwd | wc -c && echo in >f && cat f; cd /")
        .split("\n")
        .map((line) => line.trim()),
    ).to.deep.equal([String(40 * "/folder-of-some-length".length + 1), "in", ""]);
    expect(system.run("rm -r /folder-of-some-length; echo $?")).to.equal("0\n");
  });

  it("have a longest name, and one longer is refused", () => {
    expect(system.run(`echo x >/tmp/${"n".repeat(60)}; echo $?`)).to.equal("0\n");
    expect(system.run(`echo x >/tmp/${"n".repeat(61)}; echo $?`)).to.equal(
      `sh: /tmp/${"n".repeat(61)}: File name too long\n1\n`,
    );
  });

  it("of 2,000 characters are a command", () => {
    const words = "word ".repeat(390).trim();
    expect(system.run(`echo ${words}`)).to.equal(`${words}\n`);
  });
});
