/**
 * The page: a terminal on the system in the worker, and beside it what the machine says of itself.
 *
 * The address may say how to start: `?exec=COMMAND` runs one command and ends, `?fast` skips idle time, `?engine=NAME` chooses what runs the instructions, and `?elf=FILE` boots something else,
 * with a blank disk. Begin at `boot`.
 */
import { Terminal } from "@xterm/xterm";
import { EXEC_ARGUMENT } from "../../machine/board/boot-arguments.ts";
import type { Engine } from "../../machine/machine.ts";
import type { Report, Request } from "../worker/protocol.ts";
import { unpacked } from "./images.ts";
import { Status } from "./status.ts";

/** One sector, for whoever boots something else than the system. */
const BLANK_DISK_BYTES = 512;
const COLUMNS = 80;
const ROWS = 28;

const parameters = new URLSearchParams(location.search);
const terminal = new Terminal({
  cols: COLUMNS,
  rows: ROWS,
  cursorBlink: true,
  fontFamily: "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace",
  fontSize: 14,
  theme: { background: "#10151c", foreground: "#d8dee9", cursor: "#7fd1b9", selectionBackground: "#34495e" },
});
const status = new Status();
const engine = document.querySelector<HTMLSelectElement>("#engine")!;
let worker: Worker | null = null;

/** Gets the images, and starts a worker on them; an earlier one is gone. */
async function boot(): Promise<void> {
  worker?.terminate();
  worker = null;
  terminal.reset();
  status.reset();
  try {
    const [elf, disk] = await Promise.all([
      unpacked(parameters.get("elf") ?? "renix.elf.deflate"),
      parameters.has("elf") ? new Uint8Array(BLANK_DISK_BYTES) : unpacked("disk.img.deflate"),
    ]);
    worker = new Worker("worker.js");
    worker.onmessage = ({ data }: MessageEvent<Report>) => receive(data);
    worker.onerror = ({ message }) => receive({ type: "failed", message });
    const command = parameters.get("exec");
    const bootArguments = command === null ? "" : EXEC_ARGUMENT + command;
    tell({ type: "start", elf, disk, bootArguments, engine: engine.value as Engine, fast: parameters.has("fast") });
    status.running();
    terminal.focus();
  } catch (error) {
    receive({ type: "failed", message: (error as Error).message });
  }
}

/** The one the address names, if it is one. */
function chooseEngine(): void {
  const wanted = parameters.get("engine");
  if ([...engine.options].some(({ value }) => value === wanted)) engine.value = wanted!;
}

function tell(request: Request): void {
  worker?.postMessage(request);
}

function receive(report: Report): void {
  switch (report.type) {
    case "output":
      terminal.write(report.bytes);
      break;
    case "checkpoint":
      status.checkpoint(report.cycle, report.hash);
      break;
    case "progress":
      status.progress(report);
      break;
    case "stopped":
      status.progress(report);
      status.stopped(report);
      break;
    case "failed":
      status.failed(report.message);
      break;
  }
}

function type(text: string): void {
  tell({ type: "input", text });
}

function listen(): void {
  terminal.onData(type);
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-command]")) {
    button.onclick = () => {
      type(`${button.dataset.command}\r`);
      terminal.focus();
    };
  }
  const pause = document.querySelector<HTMLButtonElement>("#pause")!;
  pause.onclick = () => {
    const willPause = pause.getAttribute("aria-pressed") !== "true";
    pause.setAttribute("aria-pressed", String(willPause));
    tell({ type: willPause ? "pause" : "continue" });
    status.paused(willPause);
  };
  const restart = (): void => {
    pause.setAttribute("aria-pressed", "false");
    void boot();
  };
  document.querySelector<HTMLButtonElement>("#restart")!.onclick = restart;
  engine.onchange = restart;
}

terminal.open(document.querySelector<HTMLElement>("#terminal")!);
chooseEngine();
listen();
void boot();
