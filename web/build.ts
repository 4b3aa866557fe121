/**
 * Makes the page: two scripts, a style sheet and the system's two files, packed, in one folder that any static host can serve. Begin at `buildPage`.
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { build } from "esbuild";
import { buildImage, ROOT } from "../system/build.ts";

const SOURCES = join(ROOT, "web", "page");
/** What tsc has made of the page and the worker: the very code that runs in Node. */
const COMPILED = join(ROOT, "dist", "web");

/** Builds everything into a folder. */
export async function buildPage(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [
      { in: join(COMPILED, "page", "main.js"), out: "main" },
      { in: join(COMPILED, "worker", "worker.js"), out: "worker" },
      { in: join(SOURCES, "main.css"), out: "main" },
    ],
    outdir: folder,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2023",
    logLevel: "warning",
  });
  copyFileSync(join(SOURCES, "index.html"), join(folder, "index.html"));
  const { elf, disk } = await buildImage();
  writeFileSync(join(folder, "renix.elf.deflate"), deflateSync(elf));
  writeFileSync(join(folder, "disk.img.deflate"), deflateSync(disk));
}
