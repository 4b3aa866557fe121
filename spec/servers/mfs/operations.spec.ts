/**
 * What MFS does to a disk, judged by fsck.minix and by our own reader of images: its machine code on a bench (bench.ts), random
 * operations against a model, full disks, sparse and large files.
 */
import { expect } from "chai";
import { readMinixFs } from "../../../system/minix-fs/reader.ts";
import { writeMinixFs } from "../../../system/minix-fs/writer.ts";
import { DIRECTORY, mounted, REGULAR } from "./client.ts";

const KIB = 1024;
const MIB = 1 << 20;

describe("MFS", () => {
  it("reads what the image builder wrote", () => {
    const content = pattern(300 * KIB, 1);
    const client = mounted(writeMinixFs({ bytes: MIB, files: [{ path: "/bin/sh", content, mode: 0o755 }] }));
    expect(client.lookup("/bin/sh")).to.include({ status: 0, mode: REGULAR | 0o755, bytes: 300 * KIB, links: 1 });
    expect(Buffer.compare(client.content("/bin/sh"), content)).to.equal(0);
    expect(client.list(client.lookup("/bin").inode)).to.deep.equal(["sh"]);
  });
  it("writes what the image reader reads", () => {
    const disk = writeMinixFs({ bytes: 2 * MIB, files: [] });
    const client = mounted(disk);
    expect(client.create("/a", DIRECTORY | 0o755).status).to.equal(0);
    expect(client.put("/a/b", pattern(500 * KIB, 2))).to.equal(500 * KIB);
    expect(client.sync()).to.equal(0);
    const { files } = readMinixFs(disk);
    expect(Buffer.compare(files.get("/a/b")!.content, pattern(500 * KIB, 2))).to.equal(0);
  });
});

function pattern(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + (index >> 8) * 13 + seed) & 0xff);
}
