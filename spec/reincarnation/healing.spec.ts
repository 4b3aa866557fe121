/** Every driver survives every fault while a program uses it: what the program gets is right, and RS says what happened. */
import { expect } from "chai";
import { bootedSystem } from "../harness.ts";

const DRIVERS: Record<string, { use: string; shows: string }> = {
  disk: { use: "cp /bin/grep /copy; cksum </bin/grep; cksum </copy", shows: "" },
  tty: { use: "echo one; echo two", shows: "one\ntwo\n" },
  memory: { use: "dd if=/dev/zero bs=1000 count=3 2>/dev/null | wc -c", shows: "3000" },
  log: { use: "dmesg | head -n 1", shows: "renix: 64 MiB of memory" },
};
const FAULTS: Record<string, RegExp> = {
  null: /store page fault/,
  index: /index|check/,
  assert: /assert|check/,
  illegal: /illegal instruction/,
  loop: /no heartbeat/,
  exit: /exit 3/,
  jump: /fetch page fault/,
};

describe("healing", () => {
  for (const [driver, { use, shows }] of Object.entries(DRIVERS)) {
    for (const [fault, cause] of Object.entries(FAULTS)) {
      it(`${driver} commits the fault "${fault}", and programs do not notice`, async () => {
        const system = await bootedSystem();
        const output = system.run(`service crash ${driver} ${fault}; ${use}`);
        if (driver === "disk") expect(new Set(output.trim().split("\n")).size, output).to.equal(1);
        else expect(output).to.include(shows);
        system.advance(100_000_000);
        const [, line] = system.run(`service status ${driver}`).split("\n");
        const [name, state, , , restarts, ...words] = line!.split(/ +/);
        expect([name, state, restarts]).to.deep.equal([driver, "running", "1"]);
        expect(words.join(" ")).to.match(cause);
      });
    }
  }

  it("keeps a crash record with the calls by source line, the registers and the last messages", async () => {
    const system = await bootedSystem();
    system.run("service crash disk null; ls /");
    const record = system.run("service log");
    expect(record).to.include("--- disk: store page fault ---").and.include("generation 0").and.include("from mfs");
    expect(record).to.match(/#0 0x[0-9a-f]{8} lib\/service\.ts:commit \(lib\/service\.ts:\d+\)/);
    expect(record).to.match(/drivers\/disk\/main\.ts:main \(drivers\/disk\/main\.ts:\d+\)/);
  });

  it("names the check that failed", async () => {
    const system = await bootedSystem();
    system.run("service crash disk index; ls /");
    expect(system.run("service status disk")).to.include("index out of range");
  });

  it("lets a killed process id of a driver come back as another", async () => {
    const system = await bootedSystem();
    const pid = /^disk +running +\d+ +(\d+)/m.exec(system.run("service status disk"))![1]!;
    system.run(`kill -9 ${pid}`);
    system.run("ls /bin");
    expect(system.run("service status disk")).to.match(/^disk +running +\d+ +\d+ +1 +killed/m);
  });

  it("takes a service down and up again", async () => {
    const system = await bootedSystem();
    system.run("service down memory");
    system.advance(10_000_000);
    expect(system.run("service status memory")).to.match(/^memory +down/m);
    system.run("service up memory");
    system.advance(10_000_000);
    expect(system.run("service status memory")).to.match(/^memory +running/m);
  });

  it("refuses to harm a vital service, and says so", async () => {
    const system = await bootedSystem();
    expect(system.run("service crash vfs null; echo $?")).to.match(/vfs.*\n1\n/);
  });
});
