/**
 * Carries a scenario out: boots, types the steps, injects the faults, and checks what must hold. Everything from outside is on the session's
 * record, so that a scenario's recording replays without the scenario. Begin at `runScenario`.
 */
import type { Engine, Machine } from "../machine/machine.ts";
import { readMinixFs } from "../system/minix-fs/reader.ts";
import type { GuestNumbers } from "./guest-numbers.ts";
import { type Death, type Injected, Injector } from "./injector.ts";
import { Observer } from "./observer.ts";
import { Recorder } from "./recorder.ts";
import type { Expectation, Scenario, Step } from "./scenario.ts";
import { ScenarioError } from "./scenario-file.ts";
import { defaultConfiguration, type Image, Session } from "./session.ts";
import { SystemSymbols } from "./symbols.ts";
import { Terminal } from "./terminal.ts";

/** How a check came out. */
export interface Check {
  readonly what: string;
  readonly passed: boolean;
  /** What was found instead. */
  readonly found?: string;
}

export interface Report {
  readonly name: string;
  readonly passed: boolean;
  readonly cycles: number;
  readonly injected: readonly Injected[];
  readonly deaths: readonly (Death & { readonly recoveryCycles: number | null })[];
  /** RS' crash records, as `service log` prints them. */
  readonly records: string;
  readonly checks: readonly Check[];
  /** Everything that the terminal has shown. */
  readonly screen: string;
}

/** Machine time, in cycles, that a step may take unless it says otherwise: ten seconds. */
const STEP_CYCLES = 1_000_000_000;

interface Options {
  /** Receives a recording. */
  readonly record?: (text: string) => void;
  /** Is told of each step. */
  readonly progress?: (step: string) => void;
  readonly engine?: Engine;
}

/** Runs it. Throws a ScenarioError for names that do not exist. */
export function runScenario(scenario: Scenario, image: Image, numbers: GuestNumbers, options: Options = {}): Report {
  try {
    return carryOut(scenario, image, numbers, options);
  } catch (error) {
    if (!(error instanceof ScenarioError) || error.path === null) throw error;
    throw new ScenarioError(`${scenario.placeOf(error.path)}: ${error.message}`);
  }
}

function carryOut(scenario: Scenario, image: Image, numbers: GuestNumbers, options: Options): Report {
  const recorder = options.record ? new Recorder(options.record, image, defaultConfiguration) : null;
  const session = new Session(image, defaultConfiguration, recorder, options.engine);
  const symbols = new SystemSymbols(image.elf);
  const injector = new Injector(session, new Observer(session, image.elf), symbols, numbers, scenario.inject);
  const terminal = new Terminal(session, (until) => injector.advance(until));
  const checks: Check[] = [];
  const played = playSteps(scenario.steps, terminal, injector, checks, options.progress);
  const status = played ? terminal.run("service status", STEP_CYCLES) : "";
  const records = played ? terminal.run("service log", STEP_CYCLES) : "";
  if (played) terminal.run("sync", STEP_CYCLES);
  session.end("left", 0);
  const deaths = injector.deaths.map((death) => ({ ...death, recoveryCycles: recovery(death) }));
  const facts: Facts = { screen: terminal.text, status: status ?? "", machine: session.machine, deaths };
  for (const expectation of scenario.expect) checks.push(check(expectation, facts));
  checks.push(...notInjected(scenario, injector.injected));
  return {
    name: scenario.name,
    passed: checks.every(({ passed }) => passed),
    cycles: session.machine.cycle,
    injected: injector.injected,
    deaths,
    records: records ?? "",
    checks,
    screen: terminal.text,
  };
}

/** Types and waits, step by step; false when one of them was in vain, and there is no sense in going on. */
function playSteps(
  steps: readonly Step[],
  terminal: Terminal,
  injector: Injector,
  checks: Check[],
  progress?: (step: string) => void,
): boolean {
  if (!terminal.waitForPrompt(STEP_CYCLES)) {
    checks.push({ what: "boot to the prompt", passed: false, found: terminal.text });
    return false;
  }
  injector.arm();
  for (const [index, step] of steps.entries()) {
    injector.stepBegins(index + 1);
    progress?.(JSON.stringify(step));
    if (play(step, terminal)) continue;
    checks.push({
      what: `step ${index + 1}: ${JSON.stringify(step)}`,
      passed: false,
      found: terminal.sinceStep.slice(-400),
    });
    return false;
  }
  return true;
}

function play(step: Step, terminal: Terminal): boolean {
  if ("run" in step) return terminal.run(step.run, STEP_CYCLES) !== null;
  if ("type" in step) terminal.type(step.type);
  else if ("wait" in step) return terminal.waitFor(step.wait, step.within ?? STEP_CYCLES);
  else return terminal.pause(step.pause);
  return true;
}

interface Facts {
  readonly screen: string;
  /** What `service status` has printed. */
  readonly status: string;
  readonly machine: Machine;
  readonly deaths: Report["deaths"];
}

function check(expectation: Expectation, facts: Facts): Check {
  if ("screen" in expectation)
    return { what: `the screen shows "${expectation.screen}"`, passed: facts.screen.includes(expectation.screen) };
  if ("no_screen" in expectation)
    return {
      what: `the screen does not show "${expectation.no_screen}"`,
      passed: !facts.screen.includes(expectation.no_screen),
    };
  if ("equal_files" in expectation) return checkFiles(expectation.equal_files, facts.machine);
  if ("disk" in expectation) return checkDisk(facts.machine);
  if ("recovery" in expectation) return checkRecovery(expectation, facts.deaths);
  return checkService(expectation, facts.status);
}

function checkFiles([first, second]: readonly [string, string], machine: Machine): Check {
  const what = `${first} and ${second} are equal`;
  const files = readDisk(machine);
  const [a, b] = [files.get(first)?.content, files.get(second)?.content];
  if (!a || !b) return { what, passed: false, found: `${a ? second : first} is not there` };
  return { what, passed: Buffer.from(a).equals(Buffer.from(b)), found: `${a.length} and ${b.length} bytes` };
}

function checkDisk(machine: Machine): Check {
  const what = "the disk is consistent";
  try {
    readDisk(machine);
    return { what, passed: true };
  } catch (error) {
    return { what, passed: false, found: (error as Error).message };
  }
}

function readDisk(machine: Machine) {
  return readMinixFs(machine.disk!.content()).files;
}

function checkRecovery(
  { recovery: name, at_most: limit }: { recovery: string; at_most: number },
  deaths: Report["deaths"],
): Check {
  const cycles = deaths.find(({ service }) => service === name)?.recoveryCycles ?? null;
  const found = cycles === null ? "it has not recovered" : `${cycles} cycles`;
  return { what: `${name} recovers within ${limit} cycles`, passed: cycles !== null && cycles <= limit, found };
}

/** A line of `service status`: NAME STATE ENDPOINT PID RESTARTS CAUSE. */
function checkService(
  wanted: { service: string; state?: string; restarts?: number; cause?: string },
  status: string,
): Check {
  const line = status.split("\n").find((row) => row.split(/ +/)[0] === wanted.service) ?? "";
  const [, state, , , restarts, ...cause] = line.split(/ +/);
  const passed =
    (wanted.state === undefined || wanted.state === state) &&
    (wanted.restarts === undefined || String(wanted.restarts) === restarts) &&
    (wanted.cause === undefined || wanted.cause === cause.join(" ").trim());
  const { service, ...rest } = wanted;
  const facts = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return { what: `${service}: ${facts.join(", ")}`, passed, found: line.trim() };
}

/** An injection whose moment never came says nothing about the system. */
function notInjected(scenario: Scenario, injected: readonly Injected[]): Check[] {
  return scenario.inject.map((_, index) => ({
    what: `injection ${index + 1} took place`,
    passed: injected.some(({ number }) => number === index + 1),
  }));
}

/** From the moment RS notices the death to the successor's first request, or sign of life where nobody asks it anything. */
function recovery(death: Death): number | null {
  const end = death.requestedAt ?? death.readyAt;
  return end === null ? null : end - death.detectedAt;
}
