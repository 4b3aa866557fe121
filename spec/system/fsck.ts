/** The outside judge of MINIX FS images: util-linux' fsck.minix. Tests skip where it is not installed. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function installed(tool: string): boolean {
  return spawnSync(tool, ["--version"]).error === undefined;
}

/** What fsck.minix has to say against an image; empty when it finds it clean. */
export function fsck(image: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "fsck-"));
  const file = join(folder, "disk.img");
  writeFileSync(file, image);
  const { status, stdout, stderr } = spawnSync("fsck.minix", ["-f", file], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return status === 0 ? "" : `exit ${status}: ${stdout}${stderr}`;
}
