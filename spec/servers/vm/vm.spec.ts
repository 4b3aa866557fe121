import { expect } from "chai";
import type { ArchiveFile } from "../../../system/archive.ts";
import { bootArchive, compileServices } from "../test-archive.ts";

const PROGRAM_HEADERS = 52;
const PROGRAM_HEADER_BYTES = 32;

describe("VM", function () {
  this.timeout(120_000);

  it("loads sound programs only, gives each what it touches, and finds every frame back", () => {
    const services = compileServices({
      rs: "spec/servers/vm/guest/loader.ts",
      vm: "servers/vm/main.ts",
      victim: "spec/servers/vm/guest/victim.ts",
      hog: "spec/servers/vm/guest/hog.ts",
    });
    const victim = services.get("victim")!;
    const outcome = bootArchive(services, [...damaged(victim), ...mutated(victim, 40)]);
    expect(outcome.console).to.equal("");
    expect(outcome.status).to.equal(0);
  });
});

/** Every rule of lib/elf.ts and plan.ts, broken once. */
function damaged(image: Uint8Array): ArchiveFile[] {
  const edits: Record<string, (view: DataView) => void> = {
    magic: (view) => view.setUint8(1, 0x46),
    class: (view) => view.setUint8(4, 2),
    endian: (view) => view.setUint8(5, 2),
    type: (view) => view.setUint16(16, 3, true),
    machine: (view) => view.setUint16(18, 62, true),
    flags: (view) => view.setUint32(36, 4, true),
    "table-place": (view) => view.setUint32(28, 0xffff_fff0, true),
    "table-odd": (view) => view.setUint32(28, 54, true),
    "table-size": (view) => view.setUint16(44, 60_000, true),
    "table-empty": (view) => view.setUint16(44, 0, true),
    "row-size": (view) => view.setUint16(42, 56, true),
    entry: (view) => view.setUint32(24, 0x3000_0000, true),
    offset: (view) => view.setUint32(loadable(view) + 4, 0xffff_f000, true),
    address: (view) => view.setUint32(loadable(view) + 8, 0x7fff_0000, true),
    low: (view) => view.setUint32(loadable(view) + 8, 0x1000, true),
    file: (view) => view.setUint32(loadable(view) + 16, 0x7fff_ffff, true),
    memory: (view) => view.setUint32(loadable(view) + 20, 1, true),
    huge: (view) => view.setUint32(loadable(view) + 20, 0xf000_0000, true),
    "write-code": (view) => view.setUint32(loadable(view) + 24, 7, true),
    unreadable: (view) => view.setUint32(loadable(view) + 24, 1, true),
  };
  return Object.entries(edits).map(([name, edit]) => ({ name: `bad-${name}`, bytes: edited(image, edit) }));
}

/** Random words in the headers: they may be refused or not, but nothing may come of them. */
function mutated(image: Uint8Array, count: number): ArchiveFile[] {
  const seed = Date.now() >>> 0;
  console.log(`      seed ${seed}`);
  const random = xorshift(seed);
  const headers =
    PROGRAM_HEADERS + PROGRAM_HEADER_BYTES * new DataView(image.buffer, image.byteOffset).getUint16(44, true);
  return Array.from({ length: count }, (_, index) => {
    const edit = (view: DataView) => {
      for (let times = 1 + (random() % 3); times > 0; times--) {
        view.setUint8(random() % headers, random() & 0xff);
      }
    };
    return { name: `odd-${index}`, bytes: edited(image, edit) };
  });
}

function edited(image: Uint8Array, edit: (view: DataView) => void): Uint8Array {
  const copy = image.slice();
  edit(new DataView(copy.buffer));
  return copy;
}

/** Where the first loadable segment's program header lies. */
function loadable(view: DataView): number {
  let place = view.getUint32(28, true);
  while (view.getUint32(place, true) !== 1) place += PROGRAM_HEADER_BYTES;
  return place;
}

function xorshift(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
