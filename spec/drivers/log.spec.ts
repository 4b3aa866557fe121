/** `/dev/klog`: what the kernel and the services have to say, in the order in which they said it. */
import { expect } from "chai";
import { bootedSystem } from "../harness.ts";

describe("the log driver", () => {
  it("reads from the oldest line to the newest, and ends there", async () => {
    const system = await bootedSystem();
    system.run("service crash memory null");
    system.run("service crash disk exit");
    const lines = system.run("dmesg").trimEnd().split("\n");
    expect(lines[0]).to.match(/^renix: /);
    const deaths = lines.filter((line) => line.includes(" died: "));
    expect(deaths).to.have.lengthOf(2);
    expect(deaths[0]).to.match(/^rs: memory died: store page fault, in lib\/service\.ts:\d+$/);
    expect(deaths[1]).to.equal("rs: disk died: exit 3");
  });

  it("tells a second reader the same", async () => {
    const system = await bootedSystem();
    expect(system.run("dmesg")).to.equal(system.run("dmesg"));
  });

  it("takes a line from a program", async () => {
    const system = await bootedSystem();
    system.run("echo somebody was here >/dev/klog");
    expect(system.run("dmesg")).to.match(/somebody was here\n$/);
  });
});
