/** Reading and writing the files that a command line names: whole, with clear errors. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { Failure, fileFailure } from "./failure.ts";

export function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** The same, for a file that must not be empty: `what` is what it should have been. */
export function readWhole(path: string, what: string): Uint8Array {
  const bytes = readBytes(path);
  if (bytes.length === 0) throw new Failure(`${path}: the file is empty, and no ${what}`);
  return bytes;
}

export function readText(path: string): string {
  return new TextDecoder().decode(readBytes(path));
}

export function writeBytes(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** An empty file, and what appends to it: for what is written while a run goes on. */
export function startFile(path: string): (text: string) => void {
  writeBytes(path, new Uint8Array());
  return (text) => appendFileSync(path, text);
}
