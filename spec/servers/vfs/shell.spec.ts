/**
 * The whole way from a program to the disk and back: random commands at the shell, judged by the model of spec/servers/mfs and by
 * fsck.minix, while the disk driver dies every few commands and nobody notices.
 */
import { expect } from "chai";
import fc from "fast-check";
import { readMinixFs } from "../../../system/minix-fs/reader.ts";
import { bootedSystem, type System } from "../../harness.ts";
import { fsck, installed } from "../../system/fsck.ts";
import { Directory, Model } from "../mfs/model.ts";

const HOME = "/tmp/random";

describe("commands at the shell", () => {
  it("do to the disk what a model does, while its driver dies again and again", async () => {
    const booted = await bootedSystem();
    const start = booted.machine.snapshot();
    fc.assert(
      fc.property(fc.array(command, { minLength: 10, maxLength: 40 }), (commands) => {
        booted.machine.restore(start);
        const model = new Model();
        for (const name of ["tmp", "random"]) model.create(name === "tmp" ? "/tmp" : HOME, true);
        expect(statusOf(booted, `mkdir ${HOME}`)).to.equal(0);
        commands.forEach((one, index) => {
          if (index % 7 === 3) booted.run("service crash disk null");
          const expected = one.model(model) >= 0;
          expect(statusOf(booted, one.text) === 0, one.text).to.equal(expected);
        });
        booted.run("sync");
        const disk = booted.machine.disk!.content();
        expect(differencesBelow(HOME, model, disk)).to.deep.equal([]);
        if (installed("fsck.minix")) expect(fsck(disk)).to.equal("");
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });
});

/** A command line, and what the model makes of it: a status. */
interface Command {
  readonly text: string;
  readonly model: (model: Model) => number;
}

const name = fc.constantFrom("a", "b", "c");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `${HOME}/${names.join("/")}`);
const pair = fc.tuple(path, path);
const text = fc.stringMatching(/^[a-z]{1,60}$/);

const command: fc.Arbitrary<Command> = fc.oneof(
  path.map((at) => ({ text: `mkdir ${at}`, model: (m: Model) => m.create(at, true) })),
  path.map((at) => ({ text: `rmdir ${at}`, model: (m: Model) => m.unlink(at, true) })),
  path.map((at) => ({ text: `rm ${at}`, model: (m: Model) => m.unlink(at, false) })),
  fc
    .tuple(path, text)
    .map(([at, what]) => ({ text: `echo ${what} >${at}`, model: (m: Model) => put(m, at, `${what}\n`) })),
  fc
    .tuple(path, text)
    .map(([at, what]) => ({ text: `echo ${what} >>${at}`, model: (m: Model) => append(m, at, `${what}\n`) })),
  fc.tuple(path, fc.nat(300)).map(([at, kib]) => ({
    text: `dd if=/dev/zero of=${at} bs=1024 count=${kib} 2>/dev/null`,
    model: (m: Model) => put(m, at, "\0".repeat(kib * 1024)),
  })),
  pair.map(([from, to]) => ({
    text: `cp ${from} ${to} 2>/dev/null`,
    model: (m: Model) => copyFile(m, from, into(m, from, to)),
  })),
  pair.map(([from, to]) => ({ text: `mv ${from} ${to}`, model: (m: Model) => m.rename(from, into(m, from, to)) })),
  pair.map(([from, to]) => ({ text: `ln ${from} ${to}`, model: (m: Model) => m.link(from, into(m, from, to)) })),
);

/** Where a file goes that is sent to a directory. */
function into(model: Model, from: string, to: string): string {
  return model.find(to) instanceof Directory ? `${to}/${from.slice(from.lastIndexOf("/") + 1)}` : to;
}

function put(model: Model, at: string, content: string): number {
  const made = model.create(at, false);
  const cut = made === 0 ? 0 : model.truncate(at, 0);
  return cut < 0 ? (made < 0 && typeof model.find(at) === "number" ? made : cut) : append(model, at, content);
}

function append(model: Model, at: string, content: string): number {
  const made = model.create(at, false);
  const file = model.find(at);
  if (typeof file === "number") return made;
  return model.write(at, file instanceof Directory ? 0 : file.content.length, new TextEncoder().encode(content));
}

const FAILED = -1;

function copyFile(model: Model, from: string, to: string): number {
  const source = model.find(from);
  if (typeof source === "number" || source instanceof Directory || source === model.find(to)) return FAILED;
  return put(model, to, new TextDecoder().decode(source.content));
}

/** The exit status of a command. */
function statusOf(system: System, line: string): number {
  const output = system.run(`${line}; echo "=$?"`);
  return Number(output.slice(output.lastIndexOf("=") + 1));
}

function differencesBelow(folder: string, model: Model, disk: Uint8Array): string[] {
  const files = readMinixFs(disk);
  const mine = new Map(
    [...files.files].filter(([at]) => at === "/" || at === "/tmp" || `${at}/`.startsWith(`${folder}/`)),
  );
  return model.differences({ ...files, files: mine });
}
