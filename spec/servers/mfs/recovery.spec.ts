/**
 * MFS when its driver dies, fails or talks nonsense, and when what is on the disk makes no sense: programs do not notice the first, hear of
 * the others, and MFS itself outlives them all. On the bench of bench.ts.
 */
import { expect } from "chai";
import fc from "fast-check";
import { readMinixFs } from "../../../system/minix-fs/reader.ts";
import { writeMinixFs } from "../../../system/minix-fs/writer.ts";
import { type Fate, FileServerBench, Status } from "./bench.ts";
import { Client, DIRECTORY, mounted, REGULAR } from "./client.ts";

const KIB = 1024;
const MIB = 1 << 20;
const FILE = REGULAR | 0o644;

describe("MFS and its driver", () => {
  for (const fate of ["dies", "dies after", "dies slowly"] as const) {
    it(`lets no program notice a driver that ${fate} at any request`, () => {
      const image = empty();
      const client = mounted(image);
      client.bench.fate = () => (client.bench.requests.length % 3 === 0 ? fate : "done");
      const content = pattern(900 * KIB, 1);
      expect(client.create("/d", DIRECTORY | 0o755).status).to.equal(Status.Ok);
      expect(client.put("/d/a", content)).to.equal(content.length);
      expect(client.sync()).to.equal(Status.Ok);
      expect(Buffer.compare(client.content("/d/a"), content)).to.equal(0);
      expect(client.rename("/d/a", "/b")).to.equal(Status.Ok);
      expect(client.unmount()).to.equal(Status.Ok);
      expect(Buffer.compare(readMinixFs(image).files.get("/b")!.content, content)).to.equal(0);
    });
  }

  it("gives signs of life while it waits for a driver", () => {
    const client = mounted(empty());
    const before = client.bench.signsOfLife;
    client.bench.fate = onceThenDone("dies slowly");
    expect(client.put("/file", pattern(10, 2))).to.equal(10);
    expect(client.sync()).to.equal(Status.Ok);
    expect(client.bench.signsOfLife).to.equal(before + 1);
    expect(client.bench.alarmMilliseconds).to.be.greaterThan(0);
  });

  it("forgets no request that comes while it waits for a driver", () => {
    const image = empty();
    const client = mounted(image);
    client.put("/file", pattern(10, 2));
    client.bench.fate = onceThenDone("dies slowly");
    client.bench.interloper = client.syncLetter();
    client.bench.ringAlarm();
    expect(client.bench.lateAnswer?.getInt32(8, true)).to.equal(Status.Ok);
    expect(readMinixFs(image).files.has("/file")).to.equal(true);
  });

  it("tries a request that the disk fails five times more, and one whose driver dies ten times", () => {
    for (const [fate, attempts] of [
      ["error", 6],
      ["dies", 11],
    ] as const) {
      const client = mounted(empty());
      client.put("/file", pattern(10, 3));
      client.bench.requests.length = 0;
      client.bench.fate = () => fate;
      expect(client.sync(), fate).to.equal(Status.InputOutput);
      expect(client.bench.requests, fate).to.have.length(attempts);
    }
  });

  it("loses nothing that it could not write, and writes it when the disk is well again", () => {
    const image = empty();
    const client = mounted(image);
    client.bench.fate = ({ kind }) => (kind === "write" ? "error" : "done");
    expect(client.put("/file", pattern(30 * KIB, 4))).to.equal(30 * KIB);
    expect(client.sync()).to.equal(Status.InputOutput);
    expect(client.unmount()).to.equal(Status.InputOutput);
    expect(readMinixFs(image).files.has("/file")).to.equal(false);
    client.bench.fate = () => "done";
    expect(Buffer.compare(client.content("/file"), pattern(30 * KIB, 4))).to.equal(0);
    expect(client.sync()).to.equal(Status.Ok);
    expect(Buffer.compare(readMinixFs(image).files.get("/file")!.content, pattern(30 * KIB, 4))).to.equal(0);
  });

  it("answers, and works again later, when a dead disk has filled its cache with changes", () => {
    const image = writeMinixFs({ bytes: 4 * MIB, files: [] });
    const client = mounted(image);
    client.bench.fate = ({ kind }) => (kind === "write" ? "error" : "done");
    const { inode } = client.create("/file", FILE);
    const written = client.write(inode, 0, pattern(3 * MIB, 5));
    expect(written).to.be.lessThan(3 * MIB);
    expect(client.write(inode, 3 * MIB, pattern(KIB, 5))).to.equal(Status.InputOutput);
    client.bench.fate = () => "done";
    expect(client.sync()).to.equal(Status.Ok);
    expect(client.put("/other", pattern(100 * KIB, 6))).to.equal(100 * KIB);
    expect(client.unmount()).to.equal(Status.Ok);
    expect(Buffer.compare(readMinixFs(image).files.get("/other")!.content, pattern(100 * KIB, 6))).to.equal(0);
  });

  it("answers InputOutput when the driver has been given up, and takes the next one that is announced", () => {
    const client = mounted(empty());
    client.put("/file", pattern(10, 7));
    client.bench.driver = null;
    expect(client.sync()).to.be.lessThan(0);
    client.bench.driver = 12 + 512;
    expect(client.sync()).to.equal(Status.Ok);
  });

  it("complains to RS about an answer that makes no sense", () => {
    const client = mounted(empty());
    client.put("/file", pattern(10, 8));
    client.bench.fate = onceThenDone("nonsense");
    client.sync();
    expect(client.bench.complaints).to.equal(1);
    expect(client.sync()).to.equal(Status.Ok);
  });

  it("mounts no device that is absent, too small, or holds something else", () => {
    const status = (image: Uint8Array) => new Client(new FileServerBench(image)).mount();
    expect(status(new Uint8Array(0))).to.equal(Status.Invalid);
    expect(status(new Uint8Array(KIB))).to.equal(Status.Invalid);
    expect(status(new Uint8Array(MIB))).to.equal(Status.Invalid);
    expect(status(empty().subarray(0, MIB).slice())).to.equal(Status.Invalid);
    const bench = new FileServerBench(empty());
    bench.driver = null;
    expect(new Client(bench).mount()).to.equal(Status.ServiceDown);
  });

  it("outlives every damage to what is on the disk", () => {
    const files = Array.from({ length: 30 }, (_, index) => ({
      path: `/d/f${index}`,
      content: pattern(index * 1000, index),
    }));
    const good = writeMinixFs({
      bytes: MIB,
      inodes: 96,
      files: [...files, { path: "/a/b/c", content: pattern(300 * KIB, 9) }],
    });
    const interesting = 40 * KIB; // bitmaps, inodes, the first directories and indirect blocks lie before
    const damage = fc.array(fc.tuple(fc.oneof(fc.nat(interesting), fc.nat(MIB - 1)), fc.nat(255)), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(damage, (bytes) => {
        const image = good.slice();
        for (const [at, value] of bytes) image[Math.max(at, 2 * KIB)] = value;
        const client = new Client(new FileServerBench(image));
        if (client.mount() !== Status.Ok) return;
        exercise(client);
      }),
      { numRuns: 30 },
    );
  });

  it("outlives every superblock", () => {
    const good = empty();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(31), fc.nat(255)), { minLength: 1, maxLength: 6 }), (bytes) => {
        const image = good.slice();
        for (const [at, value] of bytes) image[KIB + at] = value;
        const client = new Client(new FileServerBench(image));
        if (client.mount() === Status.Ok) exercise(client);
      }),
      { numRuns: 30 },
    );
  });
});

/** Asks for a bit of everything; what it answers does not matter, but it has to (the bench throws if it crashes or hangs). */
function exercise(client: Client): void {
  for (const path of ["/d", "/a", "/a/b", "/a/b/c", "/d/f3", "/d/f17"]) {
    const node = client.lookup(path);
    if (node.status < 0) continue;
    if ((node.mode & 0o170000) === DIRECTORY) attempt(() => client.list(node.inode));
    else client.read(node.inode, 0, Math.min(node.bytes, 400 * KIB));
  }
  client.put("/d/new", pattern(50 * KIB, 1));
  client.rename("/d/f3", "/a/moved");
  client.rename("/a", "/d/a");
  client.link("/d/f4", "/d/linked");
  client.truncate(client.lookup("/a/b/c").inode, 1000);
  for (let index = 0; index < 30; index++) client.unlink(`/d/f${index}`);
  client.unlink("/a/b/c");
  client.unlink("/a/b", true);
  client.space();
  client.sync();
  client.unmount();
}

function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error as Error).message.startsWith("status ")) throw error;
  }
}

function onceThenDone(fate: Fate): () => Fate {
  let first = true;
  return () => {
    const result = first ? fate : "done";
    first = false;
    return result;
  };
}

function empty(): Uint8Array {
  return writeMinixFs({ bytes: 2 * MIB, files: [] });
}

function pattern(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + (index >> 8) * 13 + seed) & 0xff);
}
