import { expect } from "chai";
import { bootedSystem, type System } from "../../harness.ts";

const LIVES = 20;
/** A ring of one page for each life would be twice this. */
const TOLERATED_KIB = 40;

describe("memory of dead drivers", function () {
  this.timeout(60_000);

  it("is used again once their devices have been reset", async () => {
    const system = await bootedSystem();
    kill(system, "disk");
    const before = usedKib(system);
    for (let life = 0; life < LIVES; life++) kill(system, "disk");
    expect(usedKib(system) - before).to.be.lessThan(TOLERATED_KIB);
    expect(system.run("service status disk")).to.match(new RegExp(`running +\\d+ +\\d+ +${LIVES + 1} +killed`));
  });
});

/** In the middle of a write; then waits, so that RS does not give it up. */
function kill(system: System, name: string): void {
  const line = system
    .run("ps")
    .split("\n")
    .find((text) => text.includes(` ${name} `));
  const pid = Number.parseInt(line ?? "", 10);
  system.run(`dd if=/bin/sh of=/tmp/copy bs=4096 & sleep 0.01; kill -9 ${pid}; wait; sync`);
  system.run("sleep 8");
}

function usedKib(system: System): number {
  return Number(/Memory +\d+ +(\d+)/.exec(system.run("free"))![1]);
}
