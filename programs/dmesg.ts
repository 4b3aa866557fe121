/** dmesg: what the kernel and the services have logged. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { open, read, STANDARD_OUTPUT, writeAll } from "../lib/library/file.ts";
import { OpenFlags } from "../lib/protocol/vfs.ts";
import { Status } from "../lib/status.ts";

const LOG = "/dev/klog";

const buffer = new Uint8Array(4096);

export function main(args: readonly string[]): i32 {
  parseOptions(args, "", "dmesg");
  expectOperands(args, 0, 0);
  const descriptor = open(LOG, OpenFlags.ReadOnly);
  let status = descriptor;
  while (status >= 0) {
    status = read(descriptor, buffer);
    if (status === Status.Interrupted) status = 1;
    else if (status === 0) return 0;
    else if (status > 0) status = writeAll(STANDARD_OUTPUT, buffer.subarray(0, status));
  }
  complainAbout(LOG, status);
  return 1;
}
