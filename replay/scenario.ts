/**
 * A scenario: what to type, what to break and when, and what must hold at the end. A YAML file, read and checked here; docs/scenarios.md describes
 * it, scenario-run.ts carries it out. Begin at `scenario`.
 */
import { z } from "zod";
import { services } from "../system/services.ts";
import { closestMistake, type Path, ScenarioError, ScenarioFile } from "./scenario-file.ts";

const serviceNames = services.map(({ name }) => name);
const service = z.enum(serviceNames);
const peer = z.enum([...serviceNames, "programs"]);
const count = z.number().int().positive();
const cycles = z.number().int().nonnegative();
const word = z.number().int().min(0).max(0xffff_ffff);
/** `file.ts:12`, or a symbol. */
const place = z.string().min(1);

const step = z.union([
  /** Types the text and Return. */
  z.strictObject({ run: z.string() }),
  /** Types exactly this. */
  z.strictObject({ type: z.string() }),
  /** Waits until the text appears in what came since the last step. */
  z.strictObject({ wait: z.string(), within: count.optional() }),
  /** Lets so many cycles pass. */
  z.strictObject({ pause: cycles }),
]);

const when = z.union([
  z.strictObject({ cycle: cycles }),
  /** So many cycles after step n (the first is 1) was begun. */
  z.strictObject({ step: count, plus: cycles.default(0) }),
  /** The n-th message that fits. `type` is a member of the protocol's enum, such as `BlockCall.Write`. */
  z.strictObject({
    message: z.strictObject({
      from: peer.optional(),
      to: service.optional(),
      type: z.string().optional(),
      number: count.default(1),
    }),
  }),
  /** RS starts the service, for the n-th time since the first step. */
  z.strictObject({ starts: service, number: count.default(1) }),
  /** The n-th time that this is about to run. */
  z.strictObject({ reached: place, in: z.enum(["kernel", ...serviceNames]), number: count.default(1) }),
]);

const fault = z.union([
  z.strictObject({ kill: z.union([service, z.array(service).min(1)]) }),
  z.strictObject({ loop: service }),
  z.strictObject({ register: z.number().int().min(1).max(31), of: service, value: word }),
  z.strictObject({ data: place, of: service, value: word }),
  z.strictObject({ code: place, of: service, value: word }),
  z.strictObject({ lose_interrupt: z.enum(["disk", "tty"]) }),
  z.strictObject({ disk_error: z.enum(["read", "write"]), count: count.default(1) }),
]);

const expectation = z.union([
  z.strictObject({ screen: z.string() }),
  z.strictObject({ no_screen: z.string() }),
  /** Two files on the disk with the same content. */
  z.strictObject({ equal_files: z.tuple([z.string(), z.string()]) }),
  /** What RS says of a service at the end. */
  z.strictObject({
    service,
    state: z.string().optional(),
    restarts: z.number().int().nonnegative().optional(),
    cause: z.string().optional(),
  }),
  z.strictObject({ disk: z.literal("clean") }),
  /** From the death of a service to the first request that its successor takes, at most. */
  z.strictObject({ recovery: service, at_most: count }),
]);

const scenario = z.strictObject({
  name: z.string().min(1),
  /** A line or more for people. */
  about: z.string().optional(),
  steps: z.array(step).min(1),
  inject: z
    .array(z.strictObject({ when, fault, /** Again each time from then on. */ every: z.boolean().default(false) }))
    .default([]),
  expect: z.array(expectation).min(1),
});

/** `placeOf` says where in the file a part of it stands: `file:line:column`. */
export type Scenario = z.infer<typeof scenario> & { readonly placeOf: (path: Path) => string };
export type Step = z.infer<typeof step>;
export type Injection = z.infer<typeof scenario>["inject"][number];
export type When = z.infer<typeof when>;
export type Fault = z.infer<typeof fault>;
export type Expectation = z.infer<typeof expectation>;

/** Reads a scenario. Throws a ScenarioError. */
export function parseScenario(text: string, name: string): Scenario {
  const file = new ScenarioFile(text, name);
  const result = scenario.safeParse(file.value);
  if (result.success) return { ...result.data, placeOf: (path) => file.placeOf(path) };
  const { path, message, unknownKey } = closestMistake(result.error.issues[0]!, file.value);
  throw new ScenarioError(`${file.placeOf(path, unknownKey)}: ${path.join(".") || "scenario"}: ${message}`);
}
