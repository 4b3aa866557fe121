/**
 * Writes a recording while its run goes on, a line at a time, so that what is there is useful even when the host is cut off.
 */
import { createHash } from "node:crypto";
import type { Edit } from "../machine/machine.ts";
import type { EndLine, Header, Line } from "./recording.ts";
import type { Configuration, Image } from "./session.ts";

export const FORMAT_VERSION = 1;

/** Where lines go: a file, or a list in a test. Called with whole lines, newline included. */
export type Sink = (text: string) => void;

/** SHA-256, in hex. */
export function fingerprint(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export class Recorder {
  private readonly sink: Sink;

  /** Begins with the header. `diskFile` is where the disk came from, if it is a file of the user's. */
  constructor(sink: Sink, image: Image, configuration: Configuration, diskFile?: string) {
    this.sink = sink;
    this.write({
      renix: "recording",
      version: FORMAT_VERSION,
      image: fingerprint(image.elf),
      disk: fingerprint(image.disk),
      ...(diskFile === undefined ? {} : { diskFile }),
      configuration,
    } satisfies Header);
  }

  input(at: number, text: string): void {
    this.write({ at, type: "input", text } satisfies Line);
  }

  inject(at: number, edit: Edit): void {
    this.write({ at, type: "inject", edit });
  }

  checkpoint(at: number, hash: string): void {
    this.write({ at, type: "checkpoint", hash } satisfies Line);
  }

  /** The original content of a sector of the user's disk file, before the run changes it there. */
  sector(at: number, sector: number, before: Uint8Array): void {
    this.write({ at, type: "sector", sector, before: Buffer.from(before).toString("base64") } satisfies Line);
  }

  end(line: Omit<EndLine, "type">): void {
    const { at, ...rest } = line;
    this.write({ at, type: "end", ...rest } satisfies Line);
  }

  private write(line: object): void {
    this.sink(`${JSON.stringify(line)}\n`);
  }
}
