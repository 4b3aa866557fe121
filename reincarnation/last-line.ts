/** What a service said last: the reason that a panic gives is nowhere but in the kernel's log. */
import { About, information, MachineInformation } from "../lib/kernel-call/service.ts";

/** The reason is not far from the end: nobody but the kernel has run since, or not for long. */
const TAIL_BYTES = 1024;
const tail = new Uint8Array(TAIL_BYTES);
const NEWLINE = 0x0a;
const COLON = 0x3a;

/** The last line of the log that begins with the (zero-padded) name, without the name; empty where there is none. */
export function lastLine(name: Uint8Array): Uint8Array {
  const count = readTail();
  let found = tail.subarray(0, 0);
  let begin = 0;
  for (let index = 0; index < count; index++) {
    if (tail[index] !== NEWLINE) continue;
    const text = textAfter(name, tail.subarray(begin, index));
    if (text.length > 0) found = text;
    begin = index + 1;
  }
  return found;
}

function readTail(): i32 {
  const machine = new MachineInformation();
  information(About.Machine, 0, address(machine), u32(sizeOf(MachineInformation)));
  const { logBegin, logEnd } = machine;
  const position = logEnd - logBegin > TAIL_BYTES ? logEnd - TAIL_BYTES : logBegin;
  let count = 0;
  for (;;) {
    const rest = tail.subarray(count);
    const copied = information(About.Log, position + u32(count), address(rest), u32(rest.length));
    if (copied <= 0) return count;
    count += copied;
  }
}

/** What stands behind `name: ` in a line that begins with it. */
function textAfter(name: Uint8Array, line: Uint8Array): Uint8Array {
  let length = 0;
  while (length < name.length && name[length] !== 0) length++;
  const begin = length + 2;
  if (line.length <= begin || line[length] !== COLON) return line.subarray(0, 0);
  for (let index = 0; index < length; index++) if (line[index] !== name[index]) return line.subarray(0, 0);
  return line.subarray(begin);
}
