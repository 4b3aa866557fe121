/** ln: gives files more names. */
import { parseOptions } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { link, unlink } from "../lib/library/file.ts";
import { forEachSource } from "./common/target.ts";

const USAGE = "ln [-f] SOURCE... TARGET";

let force = false;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "f", USAGE);
  force = options.has("f");
  return forEachSource(args, options.first, linkFile);
}

function linkFile(source: string, target: string): boolean {
  if (force) unlink(target);
  const status = link(source, target);
  if (status < 0) complainAbout(target, status);
  return status >= 0;
}
