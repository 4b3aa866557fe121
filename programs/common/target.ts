/** Where cp, mv and ln put things: the last operand is the new name, or a directory for all the others. Begin at `forEachSource`. */
import { expectOperands, usageError } from "../../lib/library/arguments.ts";
import { baseName } from "../../lib/library/bytes.ts";
import { isDirectoryPath } from "../../lib/library/directory.ts";
import { joinPath, makeText, releaseText } from "../../lib/library/text.ts";

/**
 * The operands SOURCE... TARGET: `act` gets each source with its target, and says whether that worked. Answers the program's exit status; several
 * sources for a target that is no directory are a usage error.
 */
export function forEachSource(
  args: readonly string[],
  first: i32,
  act: (source: string, target: string) => boolean,
): i32 {
  expectOperands(args, 2, args.length);
  const target = args[args.length - 1];
  const intoDirectory = isDirectoryPath(target);
  if (!intoDirectory && args.length - first > 2) usageError();
  let result = 0;
  for (let index = first; index + 1 < args.length; index++) {
    const path = targetPath(args[index], target, intoDirectory);
    if (!act(args[index], path)) result = 1;
    releaseText(path);
  }
  return result;
}

/** A new string: the path that `source` gets at `target`. */
function targetPath(source: string, target: string, intoDirectory: boolean): string {
  return intoDirectory ? joinPath(target, baseName(source.bytes)) : makeText(target.bytes);
}
