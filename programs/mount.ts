/** mount: lists the mounted file systems, or mounts one. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { fieldBytes } from "../lib/library/bytes.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { fileSystem, mount } from "../lib/library/mounts.ts";
import { print } from "../lib/library/output.ts";
import { VfsFileSystem } from "../lib/protocol/vfs.ts";

const USAGE = "mount [-r] [DEVICE DIRECTORY]";
/** Of `VfsMount`. */
const READ_ONLY = 1;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "r", USAGE);
  if (options.first === args.length) return list();
  expectOperands(args, 2, 2);
  const device = args[options.first];
  const status = mount(device, args[options.first + 1], options.has("r") ? READ_ONLY : 0);
  if (status < 0) complainAbout(device, status);
  return status < 0 ? 1 : 0;
}

function list(): i32 {
  const system = new VfsFileSystem();
  for (let index: u32 = 0; fileSystem(index, system) >= 0; index++) {
    print`${fieldBytes(system.path)} (${system.readOnly !== 0 ? "read only" : "read and write"})\n`;
  }
  return 0;
}
