/**
 * The interrupt controller (RISC-V PLIC specification 1.0.0): priorities, thresholds, claims, completions, gateways.
 */
import { expect } from "chai";
import { Plic as Register } from "../../../machine/board/plic.ts";
import { Plic } from "../../../machine/device/plic.ts";
import { Loader, Saver } from "../../../machine/state/archive.ts";
import { FakeWire } from "./fake-clock.ts";

function setup() {
  const machine = new FakeWire();
  const supervisor = new FakeWire();
  const plic = new Plic([machine.set, supervisor.set]);
  const priority = (source: number, value: number) => plic.write(Register.Priority + 4 * source, 4, value);
  const enable = (context: number, ...sources: number[]) => {
    const words = [0, 0, 0, 0];
    for (const source of sources) words[source >> 5]! |= 1 << (source & 31);
    words.forEach((word, index) => {
      plic.write(Register.Enable + context * Register.EnableStride + 4 * index, 4, word);
    });
  };
  const claim = (context = 0) => plic.read(Register.Claim + context * Register.ContextStride, 4);
  const complete = (source: number, context = 0) =>
    plic.write(Register.Claim + context * Register.ContextStride, 4, source);
  const threshold = (value: number, context = 0) =>
    plic.write(Register.Threshold + context * Register.ContextStride, 4, value);
  return { plic, machine, supervisor, priority, enable, claim, complete, threshold };
}

describe("PLIC", () => {
  it("interrupts a context for which a pending source is enabled, above priority 0 and above the threshold", () => {
    const { plic, machine, supervisor, priority, enable, threshold } = setup();
    plic.setLevel(10, true);
    expect(machine.level).to.equal(false);
    enable(0, 10);
    expect(machine.level).to.equal(false);
    priority(10, 2);
    expect([machine.level, supervisor.level]).to.deep.equal([true, false]);
    threshold(2);
    expect(machine.level).to.equal(false);
    threshold(1);
    expect(machine.level).to.equal(true);
  });

  it("claims the highest priority, and of equals the lowest source; 0 when there is none", () => {
    const { plic, priority, enable, claim } = setup();
    enable(0, 3, 8, 40, 96);
    for (const [source, value] of [
      [3, 1],
      [8, 5],
      [40, 5],
      [96, 7],
    ] as const) {
      priority(source, value);
      plic.setLevel(source, true);
    }
    expect([claim(), claim(), claim(), claim(), claim()]).to.deep.equal([96, 8, 40, 3, 0]);
  });

  it("claims below the threshold too: it is only the interrupt that the threshold masks", () => {
    const { plic, machine, priority, enable, claim, threshold } = setup();
    enable(0, 3);
    priority(3, 1);
    threshold(7);
    plic.setLevel(3, true);
    expect(machine.level).to.equal(false);
    expect(claim()).to.equal(3);
  });

  it("drops the interrupt at a claim, and raises it again at the completion if the line is still up", () => {
    const { plic, machine, priority, enable, claim, complete } = setup();
    enable(0, 3);
    priority(3, 1);
    plic.setLevel(3, true);
    expect(claim()).to.equal(3);
    expect(machine.level).to.equal(false);
    complete(3);
    expect(machine.level).to.equal(true);
    claim();
    plic.setLevel(3, false);
    complete(3);
    expect(machine.level).to.equal(false);
  });

  it("keeps a request pending that its device has withdrawn before the claim", () => {
    const { plic, priority, enable, claim } = setup();
    enable(0, 3);
    priority(3, 1);
    plic.setLevel(3, true);
    plic.setLevel(3, false);
    expect(claim()).to.equal(3);
  });

  it("does not forward while in service, and ignores a completion of a source that is not enabled for the context", () => {
    const { plic, priority, enable, claim, complete } = setup();
    enable(0, 3);
    priority(3, 1);
    plic.setLevel(3, true);
    claim();
    plic.setLevel(3, false);
    plic.setLevel(3, true);
    expect(claim()).to.equal(0);
    complete(3, 1);
    expect(claim()).to.equal(0);
    enable(0);
    complete(3);
    enable(0, 3);
    expect(claim()).to.equal(0);
    complete(3);
    expect(claim()).to.equal(3);
  });

  it("at an edge-triggered gateway, forwards each event once, and one that comes while in service at the completion", () => {
    const { plic, machine, priority, enable, claim, complete } = setup();
    enable(0, 10);
    priority(10, 1);
    plic.pulse(10, true);
    expect(claim()).to.equal(10);
    complete(10);
    expect(machine.level).to.equal(false); // though nobody has lowered the line
    plic.pulse(10, true);
    expect(claim()).to.equal(10);
    plic.pulse(10, true);
    plic.pulse(10, true);
    expect(machine.level).to.equal(false);
    complete(10);
    expect([claim(), claim()]).to.deep.equal([10, 0]);
  });

  it("at an edge-triggered gateway, forgets an event in service when the line goes down", () => {
    const { plic, machine, priority, enable, claim, complete } = setup();
    enable(0, 10);
    priority(10, 1);
    plic.pulse(10, true);
    claim();
    plic.pulse(10, true);
    plic.pulse(10, false);
    complete(10);
    expect(machine.level).to.equal(false);
  });

  it("keeps contexts apart", () => {
    const { plic, machine, supervisor, priority, enable, claim } = setup();
    enable(1, 5);
    priority(5, 1);
    plic.setLevel(5, true);
    expect([machine.level, supervisor.level]).to.deep.equal([false, true]);
    expect([claim(0), claim(1)]).to.deep.equal([0, 5]);
  });

  it("shows pending sources as bits, keeps three bits of priority, and has no source 0", () => {
    const { plic, priority, enable } = setup();
    plic.setLevel(33, true);
    priority(33, 0xff);
    priority(0, 7);
    enable(0, 0, 33);
    expect(plic.read(Register.Pending + 4, 4)).to.equal(2);
    expect(plic.read(Register.Priority + 33 * 4, 4)).to.equal(7);
    expect(plic.read(Register.Priority, 4)).to.equal(0);
    expect(plic.read(Register.Enable, 4)).to.equal(0);
    expect(plic.read(Register.Enable + 4, 4)).to.equal(2);
    expect(plic.read(Register.Pending, 1)).to.equal(-1);
  });

  it("loses exactly one interrupt when told to, and until then and afterwards none", () => {
    const { plic, machine, priority, enable, claim, complete } = setup();
    enable(0, 3);
    priority(3, 1);
    plic.setLevel(3, true);
    plic.loseNext(3);
    expect(claim()).to.equal(3);
    plic.setLevel(3, false);
    complete(3);
    plic.setLevel(3, true);
    expect(machine.level).to.equal(false);
    plic.setLevel(3, false);
    plic.setLevel(3, true);
    expect(machine.level).to.equal(true);
  });

  it("raises a request that no device made, once", () => {
    const { plic, priority, enable, claim, complete } = setup();
    enable(0, 3);
    priority(3, 1);
    plic.raiseOnce(3);
    expect(claim()).to.equal(3);
    complete(3);
    expect(claim()).to.equal(0);
  });

  it("comes back from an archive as it was", () => {
    const { plic, priority, enable } = setup();
    enable(0, 3);
    priority(3, 1);
    plic.setLevel(3, true);
    const saver = new Saver();
    plic.exchange(saver);
    const other = setup();
    other.plic.exchange(new Loader(saver.saved));
    expect(other.claim()).to.equal(3);
  });
});
