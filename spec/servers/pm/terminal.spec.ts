import { expect } from "chai";
import { bootedSystem, execute, type System } from "../../harness.ts";

const MILLISECOND = 100_000;

/** Starts a command, waits until it waits, presses a key, and returns what comes before the next prompt. */
function interrupt(system: System, command: string, key: string): string {
  system.type(`${command}\r`);
  system.advance(200 * MILLISECOND);
  const begin = system.output.length;
  system.type(key);
  system.waitForPrompt(begin);
  return system.output.slice(begin);
}

describe("signals from the keyboard", function () {
  this.timeout(60_000);

  it("end what runs in the foreground, and not the shell", async () => {
    const system = await bootedSystem();
    expect(interrupt(system, "sleep 100", "\x03")).to.match(/^\^C/);
    expect(system.run("echo $?")).to.equal("130\n");
    expect(interrupt(system, "sleep 100 | cat", "\x03")).to.match(/^\^C/);
    expect(system.run("echo still here")).to.equal("still here\n");
  });

  it("stop a program, which takes nothing from the terminal until it goes on", async () => {
    const system = await bootedSystem();
    expect(interrupt(system, "cat", "\x1a")).to.contain("Stopped");
    expect(system.run("echo every byte of this")).to.equal("every byte of this\n");
    system.type("fg\r");
    system.advance(200 * MILLISECOND);
    const begin = system.output.length;
    system.type("for cat\r");
    system.waitFor("for cat\nfor cat\n", begin);
    system.type("\x04");
    system.waitForPrompt(begin);
  });
});

describe("the end of the run", function () {
  this.timeout(60_000);

  it("has the status of the command that was asked for", async () => {
    expect(await execute("exit 3")).to.deep.equal({ output: "", status: 3 });
    expect((await execute("kill -9 $$")).status).to.equal(137);
    expect(await execute("kill -9 1; echo ok")).to.deep.equal({ output: "ok\n", status: 0 });
  });

  it("comes at once when nobody has to be killed", async () => {
    const obliging = await bootedSystem();
    obliging.type("sleep 100 &\rpoweroff\r");
    const began = obliging.machine.cycle;
    expect(obliging.runToEnd()).to.equal(0);
    expect(obliging.machine.cycle - began).to.be.lessThan(400 * MILLISECOND);
  });
});
