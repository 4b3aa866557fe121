/**
 * The MINIX FS images that `renix build` writes: util-linux' fsck.minix finds them clean, and the reader understands them and
 * what mkfs.minix makes. The random trees print their seed when they fail.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { readMinixFs } from "../../system/minix-fs/reader.ts";
import { type FileSource, writeMinixFs } from "../../system/minix-fs/writer.ts";
import { fsck, installed } from "./fsck.ts";

const MIB = 1 << 20;

describe("MINIX FS images", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "minix-fs-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("come back from the reader as they went into the writer", () => {
    const content = pattern(300_000);
    const image = writeMinixFs({
      bytes: 2 * MIB,
      timeSeconds: 1234,
      files: [
        { path: "/bin", directory: true, mode: 0o700 },
        { path: "/bin/sh", content, mode: 0o755 },
        { path: "/dev/disk", device: { kind: "block", major: 3, minor: 1 }, mode: 0o600 },
        { path: "/a/b/c", content: "deep\n" },
      ],
    });
    const { files } = readMinixFs(image);
    expect([...files.keys()].sort()).to.deep.equal([
      "/",
      "/a",
      "/a/b",
      "/a/b/c",
      "/bin",
      "/bin/sh",
      "/dev",
      "/dev/disk",
    ]);
    expect(files.get("/bin")).to.include({ kind: "directory", mode: 0o700, links: 2 });
    expect(files.get("/bin/sh")).to.include({
      kind: "regular",
      mode: 0o755,
      bytes: 300_000,
      modificationSeconds: 1234,
    });
    expect(Buffer.compare(files.get("/bin/sh")!.content, content)).to.equal(0);
    expect(files.get("/dev/disk")).to.include({ kind: "block", major: 3, minor: 1, mode: 0o600 });
    expect(files.get("/")).to.include({ links: 5 });
  });

  it("are clean to fsck.minix, with files of every depth of indirection", function () {
    if (!installed("fsck.minix")) this.skip();
    for (const bytes of [0, 1, 7 * 1024, 7 * 1024 + 1, 263 * 1024, 263 * 1024 + 1, 3 * MIB]) {
      const image = writeMinixFs({ bytes: 8 * MIB, files: [{ path: "/file", content: pattern(bytes) }] });
      expect(fsck(image), `a file of ${bytes} bytes`).to.equal("");
      expect(Buffer.compare(readMinixFs(image).files.get("/file")!.content, pattern(bytes))).to.equal(0);
    }
  });

  it("are clean to fsck.minix whatever the tree", function () {
    if (!installed("fsck.minix")) this.skip();
    const name = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,60}$/).filter((text) => text !== "." && text !== "..");
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join("/")}`);
    const file = fc.record({ path, bytes: fc.nat(20_000) });
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: (one) => one.path, maxLength: 40 }), (list) => {
        const sources = withoutConflicts(list.map((one) => ({ path: one.path, content: pattern(one.bytes) })));
        const image = writeMinixFs({ bytes: 2 * MIB, files: sources });
        expect(fsck(image)).to.equal("");
        const { files } = readMinixFs(image);
        for (const source of sources) expect(files.get(source.path)!.bytes).to.equal(source.content!.length);
      }),
      { numRuns: 20 },
    );
  });

  it("that mkfs.minix made are understood", function () {
    if (!installed("mkfs.minix")) this.skip();
    const file = join(folder, "made.img");
    writeFileSync(file, new Uint8Array(4 * MIB));
    execFileSync("mkfs.minix", ["-3", file]);
    const { files, zones } = readMinixFs(readFileSync(file));
    expect([...files.keys()]).to.deep.equal(["/"]);
    expect(zones).to.equal(4096);
  });

  it("have the geometry that mkfs.minix would choose", function () {
    if (!installed("mkfs.minix")) this.skip();
    for (const kibibytes of [64, 1024, 8192, 65535]) {
      const file = join(folder, "made.img");
      writeFileSync(file, new Uint8Array(kibibytes * 1024));
      execFileSync("mkfs.minix", ["-3", file]);
      const theirs = readFileSync(file).subarray(1024, 2048);
      const ours = writeMinixFs({ bytes: kibibytes * 1024, files: [] }).subarray(1024, 2048);
      expect(Buffer.from(ours).toString("hex"), `${kibibytes} KiB`).to.equal(theirs.toString("hex"));
    }
  });

  it("are the same bytes for the same tree", () => {
    const make = () => writeMinixFs({ bytes: MIB, files: [{ path: "/x/y", content: pattern(9000) }] });
    expect(Buffer.compare(make(), make())).to.equal(0);
  });

  it("are refused by name when the tree does not fit", () => {
    const write = (files: FileSource[]) => () => writeMinixFs({ bytes: 64 * 1024, inodes: 16, files });
    expect(write([{ path: "/big", content: pattern(70_000) }])).to.throw("/big: the disk is full");
    expect(write([{ path: "relative", content: "" }])).to.throw("relative: not an absolute path");
    expect(write([{ path: `/${"n".repeat(61)}`, content: "" }])).to.throw("name too long");
    expect(
      write([
        { path: "/a", content: "" },
        { path: "/a/b", content: "" },
      ]),
    ).to.throw("/a/b: a is not a directory");
    expect(
      write([
        { path: "/a", content: "" },
        { path: "/a", content: "" },
      ]),
    ).to.throw("/a: is there twice");
    expect(write(Array.from({ length: 16 }, (_, index) => ({ path: `/${index}`, content: "" })))).to.throw("17 files");
  });

  it("are refused by the reader when damaged", () => {
    const make = () => writeMinixFs({ bytes: MIB, files: [{ path: "/file", content: pattern(3000) }] });
    expect(() => readMinixFs(new Uint8Array(100))).to.throw("too short");
    expect(() => readMinixFs(new Uint8Array(MIB))).to.throw("no MINIX FS V3");
    const damage = (at: number, value: number) => {
      const image = make();
      image[at] = value;
      return () => readMinixFs(image);
    };
    expect(damage(2 * 1024, 0xff)).to.throw("inode bit 3 is set but unused");
    expect(damage(3 * 1024, 0x03)).to.throw("zone bit 2 is clear but used");
    const inode = 4 * 1024 + 64;
    expect(damage(inode + 2, 2)).to.throw("/file: 1 names, but a link count of 2");
    expect(damage(inode + 25, 0xff)).to.throw("/file: zone");
  });
});

/** Bytes that differ from place to place. */
function pattern(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + (index >> 8) * 13) & 0xff);
}

/** Drops what would need a file to be a directory too. */
function withoutConflicts(files: { path: string; content: Uint8Array }[]): { path: string; content: Uint8Array }[] {
  return files.filter((file) => !files.some((other) => other.path.startsWith(`${file.path}/`)));
}
