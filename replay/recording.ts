/**
 * The recording: everything that a run took from outside, as JSON Lines. With it, and the image and disk it names, the machine
 * does the same again, bit for bit.
 *
 * The first line is the header; then come, in the order of their cycles, events (`input`, `inject`), checkpoints with the
 * state's hash, original sectors of a disk file that the run changed (`sector`), and `end`. Begin at `Line`.
 */
import { z } from "zod";
import type { Edit } from "../machine/machine.ts";
import { FORMAT_VERSION } from "./recorder.ts";

const cycle = z.number().int().nonnegative();
const hash = z.string().regex(/^[0-9a-f]{32,}$/, "not a hash");

const header = z.object({
  renix: z.literal("recording"),
  version: z.literal(FORMAT_VERSION, { error: `not version ${FORMAT_VERSION} of the format` }),
  /** SHA-256 of renix.elf, and of the disk as it was before the run. */
  image: hash,
  disk: hash,
  /** Set when the run was given a disk file of the user's: where it was. */
  diskFile: z.string().optional(),
  configuration: z.object({
    ramBytes: z.number().int().positive(),
    bootArguments: z.string(),
    rtcStartSeconds: z.number().int().nonnegative(),
    dmaGuard: z.boolean(),
  }),
});
export type Header = z.infer<typeof header>;

const input = z.object({ at: cycle, type: z.literal("input"), text: z.string() });
const inject = z.object({ at: cycle, type: z.literal("inject"), edit: z.looseObject({ kind: z.string() }) });
const checkpoint = z.object({ at: cycle, type: z.literal("checkpoint"), hash });
const sector = z.object({
  at: cycle,
  type: z.literal("sector"),
  sector: z.number().int().nonnegative(),
  before: z.base64(),
});
const end = z.object({
  at: cycle,
  type: z.literal("end"),
  /** How the run stopped: by itself (with its exit status), or because the user left. */
  stop: z.enum(["finished", "left"]),
  status: z.number().int().min(0).max(255),
  hash,
});
const line = z.discriminatedUnion("type", [input, inject, checkpoint, sector, end]);

/** Every line but the header. */
export type Line = z.infer<typeof line>;
export type InputLine = z.infer<typeof input>;
export type InjectLine = { at: number; type: "inject"; edit: Edit };
export type CheckpointLine = z.infer<typeof checkpoint>;
export type SectorLine = z.infer<typeof sector>;
export type EndLine = z.infer<typeof end>;

export interface Recording {
  readonly header: Header;
  readonly lines: readonly Line[];
}

/** What is wrong with a recording, in one line that names file and line. */
export class RecordingError extends Error {}

/** Reads a recording. Throws a RecordingError that says in which line of `name` what is wrong. */
export function parseRecording(text: string, name: string): Recording {
  const rows = text.split("\n");
  if (rows[rows.length - 1] === "") rows.pop();
  if (rows.length === 0) throw new RecordingError(`${name}: the file is empty`);
  const first = check(header, parseJson(rows[0], name, 1), name, 1);
  const lines = rows.slice(1).map((row, index) => check(line, parseJson(row, name, index + 2), name, index + 2));
  let last = 0;
  lines.forEach((row, index) => {
    if (row.at < last) throw new RecordingError(`${name}:${index + 2}: cycle ${row.at} comes after cycle ${last}`);
    last = row.at;
  });
  if (lines.at(-1)?.type !== "end")
    throw new RecordingError(`${name}: the recording is cut off: its last line is no "end"`);
  return { header: first, lines };
}

function parseJson(row: string, name: string, number: number): unknown {
  try {
    return JSON.parse(row);
  } catch {
    throw new RecordingError(`${name}:${number}: this line is no JSON`);
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, name: string, number: number): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  const where = path.length > 0 ? `${path.join(".")}: ` : "";
  throw new RecordingError(`${name}:${number}: ${where}${message}`);
}
