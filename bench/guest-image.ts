/** Compiles guest programs of bench/ to images, from the project's own sources. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, type Executable, formatDiagnostic } from "../compiler/compiler.ts";
import { ROOT } from "../system/build.ts";

/** The images by the executables' names. Throws an Error with the compiler's diagnostics. */
export function compileGuests(executables: readonly Executable[], optimise = true): ReadonlyMap<string, Uint8Array> {
  const read = (path: string): string | null => {
    const place = join(ROOT, path);
    return existsSync(place) ? readFileSync(place, "utf8") : null;
  };
  const { diagnostics, images } = compile({ read }, executables, { optimise });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return images;
}
