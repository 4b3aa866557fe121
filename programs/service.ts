/** service: the services, and what the reincarnation server can do to them. Begin reading at `main`. */
import { NONE, RS } from "../lib/endpoint.ts";
import { beginProgram, showUsage, usageError } from "../lib/library/arguments.ts";
import { Ascii } from "../lib/library/ascii.ts";
import { Builder } from "../lib/library/builder.ts";
import { fieldBytes, fillField, findByte, sameBytes, startsWith } from "../lib/library/bytes.ts";
import { call } from "../lib/library/call.ts";
import { complainAbout, errorText } from "../lib/library/errors.ts";
import { STANDARD_INPUT } from "../lib/library/file.ts";
import { formatSigned, NUMBER_BYTES } from "../lib/library/number.ts";
import { complain, print, printBytes, printLeft } from "../lib/library/output.ts";
import { isTerminal } from "../lib/library/terminal.ts";
import type { Message } from "../lib/message.ts";
import {
  Fault,
  RsCrash,
  RsDown,
  RsLog,
  type RsNamed,
  RsRestart,
  type RsServiceReply,
  RsStatus,
  RsUp,
  ServiceState,
} from "../lib/protocol/rs.ts";
import { Status } from "../lib/status.ts";

const USAGE =
  "service status [NAME] | up NAME | down NAME | restart NAME | log [NAME] | crash NAME null|index|assert|illegal|loop|exit|jump";
const TERMINAL_DRIVER = "tty";
const NAME_WIDTH = 10;
const STATE_WIDTH = 10;
const ENDPOINT_WIDTH = 9;
const PID_WIDTH = 5;
const RESTARTS_WIDTH = 9;

export function main(args: readonly string[]): i32 {
  beginProgram(args, USAGE);
  const verb = args.length > 1 ? args[1] : "";
  switch (verb) {
    case "--help":
      showUsage();
      break;
    case "status":
      return showStatus(args.length > 2 ? expect(args, 3) : "");
    case "log":
      return showLog(args.length > 2 ? expect(args, 3) : "");
    case "up":
      return command(new RsUp(), expect(args, 3));
    case "down":
      return takeDown(expect(args, 3));
    case "restart":
      return command(new RsRestart(), expect(args, 3));
    case "crash":
      return crash(expect(args, 4), args);
    default:
      usageError();
  }
}

/** The service's name, where there are as many arguments as there must be. */
function expect(args: readonly string[], count: i32): string {
  if (args.length !== count) usageError();
  return args[2];
}

function command(request: RsNamed, name: string): i32 {
  const status = fillField(request.name, name) ? call(RS, request) : Status.NoEntry;
  if (status >= 0) return 0;
  complain`${name}: ${refusal(status)}`;
  return 1;
}

/** Whoever types this at a terminal could not type anything any more. */
function takeDown(name: string): i32 {
  if (name !== TERMINAL_DRIVER || !isTerminal(STANDARD_INPUT)) return command(new RsDown(), name);
  complain`${name}: refused: it carries this terminal; service restart ${name} gives it a new one`;
  return 1;
}

function refusal(status: i32): string {
  switch (status) {
    case Status.NoEntry:
      return "no such service";
    case Status.Busy:
      return "is in that state already";
    case Status.Denied:
      return "refused: the system cannot live without it";
    case Status.ServiceDown:
      return "is down";
    default:
      return errorText(status);
  }
}

function crash(name: string, args: readonly string[]): i32 {
  const request = new RsCrash();
  request.fault = faultOf(args[3]);
  if (request.fault === 0) usageError();
  return command(request, name);
}

function faultOf(word: string): u32 {
  switch (word) {
    case "null":
      return Fault.Null;
    case "index":
      return Fault.Index;
    case "assert":
      return Fault.Assert;
    case "illegal":
      return Fault.Illegal;
    case "loop":
      return Fault.Loop;
    case "exit":
      return Fault.Exit;
    case "jump":
      return Fault.Jump;
    default:
      return 0;
  }
}

// --- log ---------------------------------------------------------------------------------------------------------------

const RECORD_MARK = "--- ";

const piece = new Uint8Array(2048);
const line = new Builder();
/** The record that is being read is one to show. */
let shown = false;

/** The crash records, oldest first; of one service, if it is named. */
function showLog(name: string): i32 {
  if (name.length > 0 && !isService(name)) {
    complain`${name}: no such service`;
    return 1;
  }
  let position: u32 = 0;
  for (;;) {
    const request = new RsLog();
    request.position = position;
    request.address = address(piece);
    request.bytes = u32(piece.length);
    const count = call(RS, request);
    if (count < 0) {
      complainAbout("log", count);
      return 1;
    }
    if (count === 0) return 0;
    for (const byte of piece.subarray(0, count)) {
      line.appendByte(byte);
      if (byte === Ascii.Newline) showLogLine(name);
    }
    position += u32(count);
  }
}

/** A record begins with a line `--- NAME: cause ---`. */
function showLogLine(name: string): void {
  const text = line.bytes();
  if (startsWith(text, RECORD_MARK.bytes)) {
    const rest = text.subarray(RECORD_MARK.length);
    shown = name.length === 0 || (startsWith(rest, name.bytes) && findByte(rest, Ascii.Colon) === name.length);
  }
  if (shown) printBytes(text);
  line.clear();
}

// --- status ----------------------------------------------------------------------------------------------------------

/** All services, or the one of this name. */
function showStatus(name: string): i32 {
  let found = false;
  for (let index: u32 = 0; ; index++) {
    const request = new RsStatus();
    request.index = index;
    const status = call(RS, request);
    if (status === Status.Nothing) break;
    if (status < 0) {
      complainAbout("status", status);
      return 1;
    }
    const service = request as Message as RsServiceReply;
    if (name.length > 0 && !isNamed(service, name)) continue;
    if (!found) showHeader();
    found = true;
    showService(service);
  }
  if (!found && name.length > 0) complain`${name}: no such service`;
  return found || name.length === 0 ? 0 : 1;
}

function isService(name: string): boolean {
  for (let index: u32 = 0; ; index++) {
    const request = new RsStatus();
    request.index = index;
    if (call(RS, request) < 0) return false;
    if (isNamed(request as Message as RsServiceReply, name)) return true;
  }
}

function isNamed(service: RsServiceReply, name: string): boolean {
  return sameBytes(fieldBytes(service.name), name.bytes);
}

function showHeader(): void {
  showCell("NAME".bytes, NAME_WIDTH);
  showCell("STATE".bytes, STATE_WIDTH);
  showCell("ENDPOINT".bytes, ENDPOINT_WIDTH);
  showCell("PID".bytes, PID_WIDTH);
  showCell("RESTARTS".bytes, RESTARTS_WIDTH);
  print`CAUSE\n`;
}

function showService(service: RsServiceReply): void {
  showCell(fieldBytes(service.name), NAME_WIDTH);
  showCell(stateName(service.state).bytes, STATE_WIDTH);
  if (service.endpoint === NONE) showCell("-".bytes, ENDPOINT_WIDTH);
  else showNumber(service.endpoint, ENDPOINT_WIDTH);
  if (service.pid === 0) showCell("-".bytes, PID_WIDTH);
  else showNumber(service.pid, PID_WIDTH);
  showNumber(i32(service.restarts), RESTARTS_WIDTH);
  const cause = fieldBytes(service.cause);
  print`${cause.length === 0 ? "-".bytes : cause}\n`;
}

function showCell(text: Uint8Array, width: i32): void {
  printLeft(text, width - 1);
  print` `;
}

function showNumber(value: i32, width: i32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  showCell(formatSigned(value, digits), width);
}

function stateName(state: ServiceState): string {
  switch (state) {
    case ServiceState.Down:
      return "down";
    case ServiceState.Starting:
      return "starting";
    case ServiceState.Running:
      return "running";
    case ServiceState.Waiting:
      return "waiting";
    case ServiceState.GivenUp:
      return "given-up";
    default:
      return "dead";
  }
}
