/** The user's own disk image: read at the start, and given the run's changes as they come. */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { SECTOR_BYTES } from "../machine/board/virtio.ts";
import type { Session } from "../replay/session.ts";
import { Failure, fileFailure } from "./failure.ts";
import { readWhole } from "./files.ts";

export class DiskFile {
  readonly path: string;
  readonly content: Uint8Array;
  private readonly descriptor: number;
  /** Sectors whose original content the recording has already. */
  private readonly kept = new Set<number>();

  constructor(path: string) {
    this.path = path;
    this.content = readWhole(path, "disk image");
    if (this.content.length % SECTOR_BYTES !== 0) {
      throw new Failure(`${path}: ${this.content.length} bytes are no whole number of ${SECTOR_BYTES}-byte sectors`);
    }
    try {
      this.descriptor = openSync(path, "r+");
    } catch (error) {
      throw fileFailure(path, error);
    }
  }

  /** Writes the sectors that have changed since the last time; what they replace goes into the recording first. */
  save(session: Session): void {
    for (const { sector, bytes } of session.machine.takeChangedSectors()) {
      if (!this.kept.has(sector)) this.keep(session, sector);
      writeSync(this.descriptor, bytes, 0, SECTOR_BYTES, sector * SECTOR_BYTES);
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private keep(session: Session, sector: number): void {
    const before = new Uint8Array(SECTOR_BYTES);
    readSync(this.descriptor, before, 0, SECTOR_BYTES, sector * SECTOR_BYTES);
    session.keepSector(sector, before);
    this.kept.add(sector);
  }
}
