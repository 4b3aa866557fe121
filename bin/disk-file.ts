/** The user's own disk image: read at the start, and given the run's changes as they come. */
import { closeSync, openSync, writeSync } from "node:fs";
import { SECTOR_BYTES } from "../machine/board/virtio.ts";
import type { Session } from "../replay/session.ts";
import { checkSuperBlock } from "../system/minix-fs/reader.ts";
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
      checkSuperBlock(this.content);
    } catch (error) {
      throw new Failure(`${path}: ${(error as Error).message}: nothing to boot from (renix build writes a disk.img)`);
    }
    try {
      this.descriptor = openSync(path, "r+");
    } catch (error) {
      throw fileFailure(path, error);
    }
  }

  /** From now on every sector that the run writes is written here too; what it replaces goes into the recording first. */
  follow(session: Session): void {
    session.machine.disk!.onWrite((sector, before, after) => {
      if (!this.kept.has(sector)) session.keepSector(sector, before);
      this.kept.add(sector);
      writeSync(this.descriptor, after, 0, SECTOR_BYTES, sector * SECTOR_BYTES);
    });
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
