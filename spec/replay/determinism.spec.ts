/** The same inputs make the same run: twice, in slices of any size, from a snapshot, and replayed. */
import { expect } from "chai";
import { Machine } from "../../machine/machine.ts";
import { replay } from "../../replay/player.ts";
import { Recorder } from "../../replay/recorder.ts";
import { parseRecording, RecordingError } from "../../replay/recording.ts";
import { defaultConfiguration, Session } from "../../replay/session.ts";
import { systemImage } from "../harness.ts";

const END_CYCLE = 60_000_000;
const SCRIPT = [
  { at: 8_000_000, text: "cp /bin/grep /copy; cksum /copy\r" },
  { at: 16_000_000, text: "service crash disk null; ls /\r" },
  { at: 40_000_000, text: "service status\r" },
];

/** Runs the script in slices of this size; the state's hash at the end. */
async function hashAfter(sliceCycles: number): Promise<string> {
  const machine = await scriptedMachine();
  while (machine.cycle < END_CYCLE) machine.run(Math.min(END_CYCLE, machine.cycle + sliceCycles));
  return machine.hash();
}

async function scriptedMachine(): Promise<Machine> {
  const { elf, disk } = await systemImage();
  const machine = new Machine({ disk });
  machine.loadElf(elf);
  for (const { at, text } of SCRIPT) machine.post({ at, type: "input", text });
  return machine;
}

/** Records the script, with a fault injected on the way. */
async function record(): Promise<string> {
  let text = "";
  const image = await systemImage();
  const recorder = new Recorder((lines) => (text += lines), image, defaultConfiguration);
  const session = new Session(image, defaultConfiguration, recorder);
  for (const event of SCRIPT) {
    session.advance(event.at);
    session.type(event.text);
  }
  session.advance(45_000_000);
  session.inject({ kind: "disk-error", direction: "read", count: 1 });
  session.advance(END_CYCLE);
  session.end("left", 0);
  return text;
}

describe("determinism", () => {
  it("gives equal hashes when run twice", async () => {
    expect(await hashAfter(10_000_000)).to.equal(await hashAfter(10_000_000));
  });

  it("gives equal hashes whatever the slices", async () => {
    const whole = await hashAfter(END_CYCLE);
    for (const slice of [7_777_777, 100_003, 4_999])
      expect(await hashAfter(slice), `slices of ${slice}`).to.equal(whole);
  });

  it("gives equal hashes from a restored snapshot, and in a fork", async () => {
    const machine = await scriptedMachine();
    machine.run(25_000_000);
    const snapshot = machine.snapshot();
    const fork = machine.fork();
    machine.run(END_CYCLE);
    const expected = machine.hash();
    machine.restore(snapshot);
    expect(machine.cycle).to.be.below(END_CYCLE);
    machine.run(END_CYCLE);
    expect(machine.hash()).to.equal(expected);
    fork.run(END_CYCLE);
    expect(fork.hash()).to.equal(expected);
  });

  it("replays a recording identically, whatever the slices", async () => {
    const recording = parseRecording(await record(), "recording");
    for (const sliceCycles of [50_000_000, 123_457]) {
      const verdict = replay(recording, await systemImage(), { sliceCycles });
      expect(verdict.difference).to.equal(null);
      expect(verdict.checkpoints).to.be.above(5);
    }
  });

  it("finds a recording with one changed byte of input different", async () => {
    const changed = (await record()).replace("cksum /copy", "cksum /cops");
    expect(replay(parseRecording(changed, "recording"), await systemImage()).identical).to.equal(false);
  });

  it("refuses another image, and another disk", async () => {
    const recording = parseRecording(await record(), "recording");
    const { elf, disk } = await systemImage();
    expect(() => replay(recording, { elf: elf.with(5000, 1), disk })).to.throw(RecordingError, "another image");
    expect(() => replay(recording, { elf, disk: disk.with(5000, 1) })).to.throw(RecordingError, "disk");
  });

  it("replays after a disk of the user's has changed, with what the recording kept of it", async () => {
    const { elf, disk } = await systemImage();
    const file = disk.slice();
    let text = "";
    const image = { elf, disk: file.slice() };
    const recorder = new Recorder((lines) => (text += lines), image, defaultConfiguration, "disk.img");
    const session = new Session(image, defaultConfiguration, recorder);
    const kept = new Set<number>();
    session.machine.disk!.onWrite((sector, before, after) => {
      if (!kept.has(sector)) session.keepSector(sector, before.slice());
      kept.add(sector);
      file.set(after, sector * 512);
    });
    session.advance(8_000_000);
    session.type("echo kept >/new; sync\r");
    session.advance(END_CYCLE);
    session.end("left", 0);
    expect(kept.size).to.be.above(0);
    expect(Buffer.from(file).equals(Buffer.from(disk)), "the disk has changed").to.equal(false);
    expect(replay(parseRecording(text, "recording"), { elf, disk: file }).identical).to.equal(true);
  });
});
