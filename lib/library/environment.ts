/** The environment that the program was started with: "NAME=value" each. Begin reading at `environmentValue`. */
import { environment } from "../start/program.ts";
import { startsWith } from "./bytes.ts";

export { environment };

/** What the environment says of a name; empty if nothing. */
export function environmentValue(name: string): Uint8Array {
  for (const entry of environment()) {
    const bytes = entry.bytes;
    if (startsWith(bytes, name.bytes) && bytes.length > name.length && bytes[name.length] === 0x3d) {
      return bytes.subarray(name.length + 1);
    }
  }
  return "".bytes;
}
