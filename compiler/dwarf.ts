import type { Placed } from "./line-table.ts";
import type { ObjectFile } from "./object.ts";
export function debugSections(
  _code: readonly Placed[],
  _objects: readonly ObjectFile[],
): { name: string; bytes: Uint8Array }[] {
  return [];
}
