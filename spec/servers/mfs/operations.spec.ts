/**
 * What MFS does to a disk: its machine code on a bench (bench.ts), judged by a model (model.ts), by our own strict reader of images, and by
 * fsck.minix where it is installed. Random operations print their seed when they fail.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { readMinixFs } from "../../../system/minix-fs/reader.ts";
import { type FileSource, writeMinixFs } from "../../../system/minix-fs/writer.ts";
import { fsck, installed } from "../../system/fsck.ts";
import { FileServerBench, Status } from "./bench.ts";
import { Client, DIRECTORY, mounted, REGULAR } from "./client.ts";
import { Model } from "./model.ts";

const KIB = 1024;
const MIB = 1 << 20;
const FILE = REGULAR | 0o644;

describe("MFS", () => {
  it("reads what the image builder wrote", () => {
    const content = pattern(300 * KIB, 1);
    const client = mounted(disk(MIB, [{ path: "/bin/sh", content, mode: 0o755 }]));
    expect(client.lookup("/bin/sh")).to.include({ status: 0, mode: REGULAR | 0o755, bytes: 300 * KIB, links: 1 });
    expect(Buffer.compare(client.content("/bin/sh"), content)).to.equal(0);
    expect(client.list(client.lookup("/bin").inode)).to.deep.equal(["sh"]);
  });

  it("does to the disk what a model does, whatever the operations", () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 120 }), (operations) => {
        const image = disk(2 * MIB, []);
        const client = mounted(image);
        const model = new Model();
        for (const one of operations) one(client, model);
        expect(client.unmount()).to.equal(Status.Ok);
        expect(model.differences(readMinixFs(image))).to.deep.equal([]);
        if (installed("fsck.minix")) expect(fsck(image)).to.equal("");
      }),
      { numRuns: 40 },
    );
  });

  it("works on a disk that mkfs.minix made", function () {
    if (!installed("mkfs.minix")) this.skip();
    const folder = mkdtempSync(join(tmpdir(), "mfs-"));
    const file = join(folder, "disk.img");
    writeFileSync(file, new Uint8Array(2 * MIB));
    execFileSync("mkfs.minix", ["-3", file]);
    const image = Uint8Array.from(readFileSync(file));
    rmSync(folder, { recursive: true });
    const client = mounted(image);
    expect(client.create("/a", DIRECTORY | 0o755).status).to.equal(Status.Ok);
    expect(client.put("/a/file", pattern(100 * KIB, 3))).to.equal(100 * KIB);
    expect(client.unmount()).to.equal(Status.Ok);
    expect(fsck(image)).to.equal("");
    expect(Buffer.compare(readMinixFs(image).files.get("/a/file")!.content, pattern(100 * KIB, 3))).to.equal(0);
  });

  it("keeps large files, up to the double indirect zones, and gives every zone back", () => {
    const image = disk(4 * MIB, []);
    const client = mounted(image);
    const before = client.space();
    const content = pattern(2500 * KIB + 123, 4);
    expect(client.put("/large", content)).to.equal(content.length);
    expect(Buffer.compare(client.content("/large"), content)).to.equal(0);
    client.sync();
    expect(Buffer.compare(readMinixFs(image).files.get("/large")!.content, content)).to.equal(0);
    expect(client.unlink("/large")).to.equal(Status.Ok);
    expect(client.space()).to.deep.equal(before);
  });

  it("stores holes for nothing, and reads them as zeros", () => {
    const image = disk(MIB, []);
    const client = mounted(image);
    const before = client.space().freeBlocks;
    const { inode } = client.create("/sparse", FILE);
    expect(client.write(inode, 60 * MIB, Uint8Array.of(7))).to.equal(1);
    expect(before - client.space().freeBlocks).to.equal(3); // two indirect blocks and the data
    expect(client.lookup("/sparse").bytes).to.equal(60 * MIB + 1);
    expect(client.read(inode, 30 * MIB, 5000).content.every((byte) => byte === 0)).to.equal(true);
    expect(client.read(inode, 60 * MIB - 3, 10).content).to.deep.equal(Uint8Array.of(0, 0, 0, 7));
    expect(client.write(inode, 0x7fff_ffff, Uint8Array.of(7))).to.equal(Status.FileTooLarge);
    expect(client.truncate(inode, 5)).to.equal(Status.Ok);
    expect(client.space().freeBlocks).to.equal(before);
  });

  it("shows zeros, not old bytes, when a file grows again after it was cut", () => {
    const client = mounted(disk(MIB, []));
    const { inode } = client.create("/file", FILE);
    client.write(inode, 0, pattern(3000, 5));
    client.truncate(inode, 1500);
    client.truncate(inode, 3000);
    expect(client.read(inode, 1500, 1500).content.every((byte) => byte === 0)).to.equal(true);
    expect(client.read(inode, 0, 1500).content).to.deep.equal(pattern(1500, 5));
  });

  it("says NoSpace on a full disk, which stays consistent", () => {
    const image = writeMinixFs({ bytes: 128 * KIB, inodes: 32, files: [] });
    const client = mounted(image);
    const { inode } = client.create("/full", FILE);
    const written = client.write(inode, 0, pattern(200 * KIB, 6));
    expect(written).to.be.within(100 * KIB, 128 * KIB);
    expect(client.write(inode, written, Uint8Array.of(1))).to.equal(Status.NoSpace);
    expect(client.create("/directory", DIRECTORY | 0o755).status).to.equal(Status.NoSpace);
    let files = 1;
    while (client.create(`/f${files}`, FILE).status === Status.Ok) files++;
    expect(client.space()).to.include({ freeBlocks: 0 });
    expect(client.sync()).to.equal(Status.Ok);
    const { files: found } = readMinixFs(image);
    expect(Buffer.compare(found.get("/full")!.content, pattern(200 * KIB, 6).subarray(0, written))).to.equal(0);
    expect(client.unlink("/full")).to.equal(Status.Ok);
    expect(client.create("/directory", DIRECTORY | 0o755).status).to.equal(Status.Ok);
    client.sync();
    readMinixFs(image);
  });

  it("says NoSpace when there are no more inodes", () => {
    const image = writeMinixFs({ bytes: 128 * KIB, inodes: 16, files: [] });
    const client = mounted(image);
    for (let index = 2; index <= 16; index++) expect(client.create(`/${index}`, FILE).status).to.equal(Status.Ok);
    expect(client.create("/more", FILE).status).to.equal(Status.NoSpace);
    client.sync();
    readMinixFs(image);
  });

  it("keeps a file without a name while VFS holds it, and frees it then", () => {
    const image = disk(MIB, []);
    const client = mounted(image);
    const before = client.space();
    const { inode } = client.create("/file", FILE, { hold: true });
    client.write(inode, 0, pattern(5000, 7));
    expect(client.unlink("/file")).to.equal(Status.Ok);
    expect(client.lookup("/file").status).to.equal(Status.NoEntry);
    expect(client.read(inode, 0, 5000).content).to.deep.equal(pattern(5000, 7));
    expect(client.unmount()).to.equal(Status.Busy);
    expect(client.release(inode)).to.equal(Status.Ok);
    expect(client.space()).to.deep.equal(before);
    expect(client.unmount()).to.equal(Status.Ok);
    readMinixFs(image);
  });

  it("moves a name without a moment on the disk at which there is neither", () => {
    // Sixteen entries fill a block, so that the new name lies in another one than the old.
    const names = Array.from({ length: 40 }, (_, index) => ({ path: `/d/f${index}`, content: `${index}` }));
    const image = disk(MIB, [...names, { path: "/e", directory: true }]);
    const client = mounted(image);
    let writes = 0;
    client.bench.onWrite = () => {
      writes++;
      const has = (path: string) => hasName(image, path);
      expect(has("/d/f1") || has("/e/moved"), `after write ${writes}`).to.equal(true);
      expect(has("/d/f2") || has("/d/moved"), `after write ${writes}`).to.equal(true);
    };
    expect(client.rename("/d/f1", "/e/moved")).to.equal(Status.Ok);
    expect(client.rename("/d/f2", "/d/moved")).to.equal(Status.Ok);
    expect(client.unmount()).to.equal(Status.Ok);
    expect(writes).to.be.greaterThan(0);
    const { files } = readMinixFs(image);
    expect(new TextDecoder().decode(files.get("/e/moved")!.content)).to.equal("1");
    expect(new TextDecoder().decode(files.get("/d/moved")!.content)).to.equal("2");
  });

  it("writes data before inodes before directories", () => {
    const image = disk(MIB, []);
    const client = mounted(image);
    client.create("/directory", DIRECTORY | 0o755);
    client.put("/directory/file", pattern(20 * KIB, 8));
    const { inodeTable, firstDataZone } = { inodeTable: 4, firstDataZone: 4 + Math.ceil(MIB / KIB / 3 / 16) };
    const order: string[] = [];
    client.bench.onWrite = ({ position, bytes }) => {
      const block = position / KIB;
      const isEntry =
        block >= firstDataZone &&
        new DataView(image.buffer).getUint32(position, true) < 16 &&
        image[position + 4] === 0x2e;
      const isDirectory = isEntry || (bytes === KIB && block === firstDataZone);
      order.push(block < inodeTable ? "bitmap" : block < firstDataZone ? "inode" : isDirectory ? "directory" : "data");
    };
    client.sync();
    const distinct = order.filter((kind, index) => kind !== order[index - 1]);
    expect(distinct).to.deep.equal(["data", "bitmap", "inode", "directory"]);
  });

  it("writes back by itself some seconds after a change, and then rests", () => {
    const image = disk(MIB, []);
    const client = mounted(image);
    expect(client.bench.alarmMilliseconds).to.equal(0);
    client.put("/file", pattern(100, 9));
    expect(client.bench.alarmMilliseconds).to.be.within(1000, 10_000);
    expect(readMinixFs(image).files.has("/file")).to.equal(false);
    client.bench.ringAlarm();
    expect(readMinixFs(image).files.has("/file")).to.equal(true);
    expect(client.bench.alarmMilliseconds).to.equal(0);
  });

  it("changes nothing on a volume that is mounted read only", () => {
    const image = disk(MIB, [{ path: "/file", content: "text" }]);
    const client = new Client(new FileServerBench(image));
    expect(client.mount({ readOnly: true })).to.equal(Status.Ok);
    const { inode } = client.lookup("/file");
    for (const status of [
      client.write(inode, 0, Uint8Array.of(1)),
      client.truncate(inode, 0),
      client.changeMode(inode, 0o777),
      client.create("/new", FILE).status,
      client.link("/file", "/link"),
      client.rename("/file", "/moved"),
      client.unlink("/file"),
    ]) {
      expect(status).to.equal(Status.ReadOnly);
    }
    expect(client.read(inode, 0, 10).content).to.deep.equal(new TextEncoder().encode("text"));
    client.unmount();
    expect(client.bench.requests.filter(({ kind }) => kind === "write")).to.have.length(0);
  });

  it("refuses names that are too long, and walks through files", () => {
    const client = mounted(disk(MIB, [{ path: "/file", content: "text" }]));
    expect(client.create(`/${"n".repeat(60)}`, FILE).status).to.equal(Status.Ok);
    expect(client.lookup(`/${"n".repeat(60)}`).status).to.equal(Status.Ok);
    expect(client.create(`/${"n".repeat(61)}`, FILE).status).to.equal(Status.NameTooLong);
    expect(client.lookup(`/${"n".repeat(61)}`).status).to.equal(Status.NameTooLong);
    expect(client.lookup("/file/x").status).to.equal(Status.NotDirectory);
    expect(client.lookup("//file").status).to.equal(Status.Ok);
    expect(client.lookup("/./file").status).to.equal(Status.Ok);
  });

  it("leaves a block alone when the program's memory turns out bad", () => {
    const image = disk(MIB, [{ path: "/file", content: pattern(4 * KIB, 10) }]);
    const client = mounted(image);
    const { inode } = client.lookup("/file");
    client.bench.refuseCopies = true;
    expect(client.write(inode, 0, new Uint8Array(2 * KIB))).to.equal(Status.Fault);
    client.bench.refuseCopies = false;
    expect(client.content("/file")).to.deep.equal(pattern(4 * KIB, 10));
  });
});

// --- Random operations -----------------------------------------------------------------------------------------------

type Operation = (client: Client, model: Model) => void;

const name = fc.constantFrom("a", "b", "c", "d");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join("/")}`);
const size = fc.oneof(fc.nat(3000), fc.nat(40_000), fc.nat(400_000));

/** What is done, and how it reads when a counterexample is printed. */
function named(text: string, act: Operation): Operation {
  return Object.assign(act, { [fc.toStringMethod]: () => text });
}

const operation = fc.oneof(
  path.map((at) => named(`create ${at}`, (c, m) => expect(c.create(at, FILE).status).to.equal(m.create(at, false)))),
  path.map((at) =>
    named(`mkdir ${at}`, (c, m) => expect(c.create(at, DIRECTORY | 0o755).status).to.equal(m.create(at, true))),
  ),
  path.map((at) => named(`unlink ${at}`, (c, m) => expect(c.unlink(at)).to.equal(m.unlink(at, false)))),
  path.map((at) => named(`rmdir ${at}`, (c, m) => expect(c.unlink(at, true)).to.equal(m.unlink(at, true)))),
  fc
    .tuple(path, path)
    .map(([at, to]) => named(`link ${at} ${to}`, (c, m) => expect(c.link(at, to)).to.equal(m.link(at, to)))),
  fc
    .tuple(path, path)
    .map(([at, to]) => named(`rename ${at} ${to}`, (c, m) => expect(c.rename(at, to)).to.equal(m.rename(at, to)))),
  fc
    .tuple(path, size, fc.nat(60_000), fc.nat(255))
    .map(([at, position, bytes, seed]) =>
      named(`write ${at} at ${position}, ${bytes} bytes`, (c, m) =>
        writeBoth(c, m, at, position, pattern(bytes, seed)),
      ),
    ),
  fc.tuple(path, size).map(([at, bytes]) =>
    named(`truncate ${at} to ${bytes}`, (c, m) => {
      const node = c.lookup(at);
      expect(node.status < 0 ? node.status : c.truncate(node.inode, bytes)).to.equal(m.truncate(at, bytes));
    }),
  ),
  fc.constant(named("read everything", readBoth)),
  fc.constant(named("sync", (c) => expect(c.sync()).to.equal(Status.Ok))),
);

function writeBoth(client: Client, model: Model, at: string, position: number, content: Uint8Array): void {
  const node = client.lookup(at);
  expect(node.status < 0 ? node.status : client.write(node.inode, position, content)).to.equal(
    model.write(at, position, content),
  );
}

function readBoth(client: Client, model: Model): void {
  for (const [at, file] of model.paths()) {
    if ("content" in file) expect(Buffer.compare(client.content(at), file.content), at).to.equal(0);
    else expect(client.list(client.lookup(at).inode), at).to.deep.equal([...file.entries.keys()].sort());
  }
}

// --- Disks -----------------------------------------------------------------------------------------------------------

function disk(bytes: number, files: readonly FileSource[]): Uint8Array {
  return writeMinixFs({ bytes, files });
}

/** Whether a name is on the disk now, in a file system that is being written. */
function hasName(image: Uint8Array, at: string): boolean {
  const data = new DataView(image.buffer);
  const inodeTable = 2 + data.getUint16(1024 + 6, true) + data.getUint16(1024 + 8, true);
  let inode = 1;
  for (const wanted of at.split("/").slice(1)) {
    const bytes = data.getUint32(inodeTable * KIB + (inode - 1) * 64 + 8, true);
    let found = 0;
    for (let offset = 0; offset < bytes; offset += 64) {
      const zone = data.getUint32(inodeTable * KIB + (inode - 1) * 64 + 24 + 4 * Math.floor(offset / KIB), true);
      const entry = zone * KIB + (offset % KIB);
      const text = new TextDecoder().decode(image.subarray(entry + 4, entry + 64)).replace(/\0.*$/, "");
      if (text === wanted) found = data.getUint32(entry, true) || found;
    }
    if (found === 0) return false;
    inode = found;
  }
  return true;
}

function pattern(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + (index >> 8) * 13 + seed) & 0xff);
}
