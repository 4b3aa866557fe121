/** df: how full the file systems are. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { fieldBytes } from "../lib/library/bytes.ts";
import { fileSystem } from "../lib/library/mounts.ts";
import { print, printRightUnsigned } from "../lib/library/output.ts";
import { VfsFileSystem } from "../lib/protocol/vfs.ts";

const WIDTH = 10;

export function main(args: readonly string[]): i32 {
  parseOptions(args, "k", "df");
  expectOperands(args, 0, 0);
  print`       KiB      used      free  use    inodes      free  mounted on\n`;
  const system = new VfsFileSystem();
  for (let index: u32 = 0; fileSystem(index, system) >= 0; index++) {
    const used = system.blocks - system.freeBlocks;
    printRightUnsigned(inKib(system.blocks, system), WIDTH);
    printRightUnsigned(inKib(used, system), WIDTH);
    printRightUnsigned(inKib(system.freeBlocks, system), WIDTH);
    printRightUnsigned(system.blocks === 0 ? 0 : (used * 100 + system.blocks - 1) / system.blocks, 4);
    print`%`;
    printRightUnsigned(system.inodes, WIDTH);
    printRightUnsigned(system.freeInodes, WIDTH);
    print`  ${fieldBytes(system.path)}\n`;
  }
  return 0;
}

function inKib(blocks: u32, system: VfsFileSystem): u32 {
  return u32((u64(blocks) * u64(system.blockBytes)) / 1024n);
}
