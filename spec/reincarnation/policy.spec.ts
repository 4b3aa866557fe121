/** What RS decides: when a service comes back, when not, whom it believes, and what it says when the system cannot go on. */
import { expect } from "chai";
import { Observer } from "../../replay/observer.ts";
import type { Session } from "../../replay/session.ts";
import { SystemSymbols } from "../../replay/symbols.ts";
import { ServiceProcess } from "../drivers/service-process.ts";
import { bootedSystem, type System, systemImage } from "../harness.ts";

const SECOND = 100_000_000;
/** Behind source, type and id in a character driver's answer. */
const STATUS_OFFSET = 12;
const SEND_ASYNC = 6;
const MEMORY_SLOT = 10;
/** `j .` */
const JUMP_TO_ITSELF = 0x0000_006f;
const A0 = 10;

function status(system: System, name: string): string {
  return system.run(`service status ${name}`).split("\n")[1]!;
}

/** The memory driver ends itself, so many times, each time after its backoff. */
function wearOut(system: System, times: number): void {
  for (let count = 0; count < times; count++) {
    system.run("service crash memory exit");
    system.advance(5 * SECOND + SECOND / 10);
  }
}

describe("RS", () => {
  it("starts a service again at once, then after waits that double", async () => {
    const system = await bootedSystem();
    wearOut(system, 4);
    const waits = [...system.run("dmesg").matchAll(/memory has died \d times: the next attempt in (\d+) ms/g)];
    expect(waits.map(([, wait]) => wait)).to.deep.equal(["100", "200", "400"]);
    expect(status(system, "memory")).to.match(/^memory +running +\d+ +\d+ +4 +exit 3$/);
  });

  it("gives a service up that dies too often, and says so; who needs it gets an error until somebody tries again", async () => {
    const system = await bootedSystem();
    wearOut(system, 11);
    expect(system.run("dmesg")).to.match(/rs: memory has died 11 times in 60000 ms: given up\n$/);
    expect(status(system, "memory")).to.match(/^memory +given-up +- +- +10 +exit 3$/);
    expect(system.run("cat /dev/zero")).to.equal("cat: /dev/zero: Input/output error\n");
    expect(system.run("service up memory; dd if=/dev/zero bs=5 count=1 2>/dev/null | wc -c")).to.match(/^ *5\n$/);
    expect(status(system, "memory")).to.match(/^memory +running/);
  });

  it("does not hold restarts against a service that somebody has asked for", async () => {
    const system = await bootedSystem();
    for (let count = 0; count < 12; count++) system.run("service restart log; sleep 0.1");
    expect(status(system, "log")).to.match(/^log +running +\d+ +\d+ +12 +restarted$/);
    expect(system.run("dmesg")).not.to.include("attempt");
  });

  it("kills a service that does not get ready, and starts another", async () => {
    const system = await bootedSystem();
    const { machine } = system;
    const entry = new SystemSymbols((await systemImage()).elf).symbol("memory", "lib/start/service.ts:start");
    const memory = new ServiceProcess(machine, "memory");
    system.type("service restart memory\r");
    while (!(memory.runs && machine.hart.readPc() === entry)) machine.run(machine.cycle + 1);
    const address = machine.translate(machine.hart.readPc(), "load")!;
    machine.post({ at: machine.cycle, type: "inject", edit: { kind: "memory", address, value: JUMP_TO_ITSELF } });
    system.advance(SECOND);
    expect(status(system, "memory")).to.match(/^memory +starting/);
    system.advance(2 * SECOND);
    expect(status(system, "memory")).to.match(/^memory +running +\d+ +\d+ +2 +never ready$/);
  });

  it("lets a service that waits for its next life be taken down, and tells whoever waits with it", async () => {
    const system = await bootedSystem();
    wearOut(system, 5);
    system.run("service crash memory exit");
    expect(status(system, "memory")).to.match(/^memory +waiting/);
    const begin = system.output.length;
    system.type("cat /dev/zero & service down memory; wait\r");
    system.waitFor("cat: /dev/zero: Input/output error\n", begin);
    system.advance(10 * SECOND);
    expect(status(system, "memory")).to.match(/^memory +down/);
  });

  it("believes a service that complains of an answer, and replaces who gave it", async () => {
    const system = await bootedSystem();
    const { machine } = system;
    const session = { machine, advance: (until: number) => machine.run(until) };
    const observer = new Observer(session as Session, (await systemImage()).elf);
    let spoilt = false;
    observer.onCall(({ slot, trap }) => {
      if (slot !== MEMORY_SLOT || trap !== SEND_ASYNC || spoilt) return;
      const address = machine.translate(machine.hart.readRegister(A0) + STATUS_OFFSET, "load")!;
      if (machine.readPhysical(address, 1)[0] !== 5) return;
      machine.post({ at: machine.cycle, type: "inject", edit: { kind: "memory", address, value: 5000 } });
      spoilt = true;
    });
    const begin = system.output.length;
    system.type("dd if=/dev/zero bs=5 count=1 of=/dev/null\r");
    observer.advance(machine.cycle + SECOND / 2);
    machine.clearBreakpoints();
    expect(spoilt).to.equal(true);
    expect(system.output.slice(begin)).to.include("Input/output error");
    expect(system.run("dmesg")).to.include("rs: vfs complains of memory");
    expect(status(system, "memory")).to.match(/^memory +running +\d+ +\d+ +1 +complaint$/);
  });

  it("ends the run with status 1 and the crash record on the console when a vital service dies", async () => {
    const system = await bootedSystem();
    system.type("ls /bin\r");
    new ServiceProcess(system.machine, "mfs").killWhenItRuns();
    expect(system.runToEnd()).to.equal(1);
    expect(system.output).to.match(/--- mfs: fetch page fault ---\n {2}endpoint 8, generation 0, pid \d+, death 1/);
    expect(system.output).to.match(/#\d 0x[0-9a-f]{8} servers\/mfs\/[a-z-]+\.ts:\w+/);
    expect(system.output).to.match(/rs: mfs is vital: the system ends here\n$/);
  });
});
