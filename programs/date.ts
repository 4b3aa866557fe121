/** date: the time, in UTC. */
import { expectOperands, parseOptions, usageError } from "../lib/library/arguments.ts";
import { Ascii } from "../lib/library/ascii.ts";
import { CalendarTime, monthName, toCalendar, weekdayName } from "../lib/library/calendar.ts";
import { errorText } from "../lib/library/errors.ts";
import { complain, print, printByte } from "../lib/library/output.ts";
import { systemInformation } from "../lib/library/time.ts";
import { PmSystem } from "../lib/protocol/pm.ts";

const USAGE = "date [-u] [+FORMAT]   (%Y %m %d %H %M %S %a %b %s %F %T)";
const DEFAULT_FORMAT = "%a %b %d %T UTC %Y";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "u", USAGE);
  expectOperands(args, 0, 1);
  const system = new PmSystem();
  const status = systemInformation(system);
  if (status < 0) {
    complain`${errorText(status)}`;
    return 1;
  }
  const time = new CalendarTime();
  toCalendar(system.timeSeconds, time);
  let format = DEFAULT_FORMAT.bytes;
  if (options.first < args.length) {
    if (args[options.first].charCodeAt(0) !== Ascii.Plus) usageError();
    format = args[options.first].bytes.subarray(1);
  }
  for (let index = 0; index < format.length; index++) {
    if (format[index] !== Ascii.Percent || index + 1 === format.length) printByte(format[index]);
    else {
      index++;
      printField(format[index], time, system.timeSeconds);
    }
  }
  print`\n`;
  return 0;
}

/** `letter` is what follows the percent sign: as in C's strftime. */
function printField(letter: u8, time: CalendarTime, seconds: u64): void {
  switch (letter) {
    case 0x59: // Y
      print`${time.year}`;
      return;
    case 0x6d: // m
      printTwo(time.month);
      return;
    case 0x64: // d
      printTwo(time.day);
      return;
    case 0x48: // H
      printTwo(time.hour);
      return;
    case 0x4d: // M
      printTwo(time.minute);
      return;
    case 0x53: // S
      printTwo(time.second);
      return;
    case 0x61: // a
      print`${weekdayName(time.weekday)}`;
      return;
    case 0x62: // b
      print`${monthName(time.month)}`;
      return;
    case 0x73: // s
      print`${seconds}`;
      return;
    case 0x46: // F
      print`${time.year}-`;
      printTwo(time.month);
      print`-`;
      printTwo(time.day);
      return;
    case 0x54: // T
      printTwo(time.hour);
      print`:`;
      printTwo(time.minute);
      print`:`;
      printTwo(time.second);
      return;
    default:
      printByte(Ascii.Percent);
      printByte(letter);
  }
}

function printTwo(value: i32): void {
  print`${value / 10}${value % 10}`;
}
