/** env: shows the environment, or runs a program in another one. */
import { parseOptions } from "../lib/library/arguments.ts";
import { findByte, startsWith } from "../lib/library/bytes.ts";
import { environment } from "../lib/library/environment.ts";
import { TextList } from "../lib/library/list.ts";
import { print } from "../lib/library/output.ts";
import { runProgram } from "./common/run.ts";

const USAGE = "env [-i] [NAME=value...] [COMMAND [ARGUMENT...]]";
const EQUALS = 0x3d;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "i", USAGE);
  const variables = new TextList();
  if (!options.has("i")) for (const entry of environment()) variables.append(entry);
  let index = options.first;
  while (index < args.length && findByte(args[index].bytes, EQUALS) > 0) {
    setEntry(variables, args[index]);
    index++;
  }
  if (index < args.length) return runProgram(args, index, variables);
  for (let entry = 0; entry < variables.count; entry++) print`${variables.at(entry)}\n`;
  return 0;
}

/** In the place of an entry of the same name, or at the end. */
function setEntry(variables: TextList, entry: string): void {
  const name = findByte(entry.bytes, EQUALS) + 1;
  for (let index = 0; index < variables.count; index++) {
    if (startsWith(variables.at(index).bytes, entry.bytes.subarray(0, name))) {
      variables.put(index, entry);
      return;
    }
  }
  variables.append(entry);
}
