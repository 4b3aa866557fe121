/** The memory driver's devices: one that is empty, one that never ends, and a disk of one mebibyte. */
import { expect } from "chai";
import { bootedSystem } from "../harness.ts";

describe("the memory driver", () => {
  it("reads nothing from null, and swallows everything", async () => {
    const system = await bootedSystem();
    expect(system.run("wc -c </dev/null")).to.match(/^ *0\n$/);
    expect(system.run("cat /bin/sh >/dev/null; echo $?")).to.equal("0\n");
  });

  it("reads zeros without end from zero, whatever the size of a piece", async () => {
    const system = await bootedSystem();
    expect(system.run("dd if=/dev/zero bs=3 count=1 2>/dev/null | hexdump | head -n 1")).to.match(/^0+ +00 00 00\s/);
    expect(system.run("dd if=/dev/zero bs=10000 count=3 2>/dev/null | wc -c")).to.match(/^ *30000\n$/);
  });

  it("keeps on its disk what was written, where it was written", async () => {
    const system = await bootedSystem();
    system.run("dd if=/bin/more of=/dev/ram bs=1024 seek=100 2>/dev/null");
    const kept = system.run("dd if=/dev/ram bs=1024 skip=100 2>/dev/null | head -c `wc -c </bin/more` | cksum");
    expect(kept).to.equal(system.run("cksum </bin/more"));
  });

  it("ends its disk after a mebibyte", async () => {
    const system = await bootedSystem();
    expect(system.run("cksum </dev/ram")).to.match(/^\d+ 1048576\n$/);
    const tooMuch = system.run("dd if=/dev/zero of=/dev/ram bs=65536 count=17");
    expect(tooMuch).to.include("No space left on device");
  });
});
