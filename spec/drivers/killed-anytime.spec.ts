/**
 * Drivers die at any instruction of theirs while a program uses them, and the program gets what it would have got anyway. Of the terminal's output
 * at most one FIFO's worth repeats, and nothing is lost.
 *
 * RENIX_SEED repeats a run, RENIX_RUNS makes it longer.
 */
import { expect } from "chai";
import { UART_FIFO_BYTES } from "../../machine/board/uart.ts";
import { bootedSystem, PROMPT, type System } from "../harness.ts";
import { randomNumbers } from "../random-numbers.ts";
import { ServiceProcess } from "./service-process.ts";

const SEED = Number(process.env.RENIX_SEED ?? Date.now() & 0xffff);
const RUNS = Number(process.env.RENIX_RUNS ?? 2);

const WORK = {
  disk: "cp /bin/more /copy; sync; cksum </copy; cksum </bin/more; rm /copy",
  tty: "for i in `seq 20`; do echo $i: a line of text; done",
  memory: "dd if=/dev/zero bs=3000 count=4 2>/dev/null | cksum; dd if=/bin/more of=/dev/null 2>/dev/null; echo $?",
  log: "echo a word >/dev/klog; dmesg | head -n 1",
};

describe(`a driver killed at any instruction (RENIX_SEED=${SEED})`, () => {
  const random = randomNumbers(SEED);
  for (const [driver, command] of Object.entries(WORK)) {
    it(`${driver}: programs do not notice`, async () => {
      const measured = await begin(command);
      const everything = new ServiceProcess(measured.machine, driver);
      const instructions = everything.reach(Number.POSITIVE_INFINITY, () => isOver(measured));
      const wanted = outputOf(measured);
      for (let run = 0; run < RUNS; run++) {
        const at = Math.floor(random() * instructions);
        const system = await begin(command);
        const victim = new ServiceProcess(system.machine, driver);
        victim.reach(at, () => isOver(system));
        const place = `instruction ${at} of ${instructions}, pc 0x${system.machine.hart.readPc().toString(16)}`;
        victim.kill();
        system.waitFor(`\n${PROMPT}`, start);
        expect(isSame(outputOf(system), wanted, driver === "tty"), `${place}:\n${outputOf(system)}`).to.equal(true);
        expect(system.run(`service status ${driver}`), place).to.match(/running +\d+ +\d+ +1 +fetch page fault/);
      }
    });
  }
});

/** Where the output of the command begins: the echo of its line is out. */
let start = 0;

async function begin(command: string): Promise<System> {
  const system = await bootedSystem();
  const echo = system.output.length;
  system.type(`${command}\r`);
  system.waitFor("\n", echo);
  start = system.output.indexOf("\n", echo) + 1;
  return system;
}

function isOver(system: System): boolean {
  return system.output.endsWith(`\n${PROMPT}`) && system.output.length > start;
}

function outputOf(system: System): string {
  return system.output.slice(start, system.output.lastIndexOf(PROMPT));
}

/** The terminal may repeat the last bytes it had sent when it died. */
function isSame(output: string, wanted: string, mayRepeat: boolean): boolean {
  if (output === wanted) return true;
  if (!mayRepeat) return false;
  const repeated = output.length - wanted.length;
  if (repeated < 0 || repeated > UART_FIFO_BYTES) return false;
  let died = 0;
  while (died < wanted.length && output[died] === wanted[died]) died++;
  return Array.from({ length: UART_FIFO_BYTES }, (_, back) => died - back).some(
    (at) => at >= repeated && output.slice(0, at) + output.slice(at + repeated) === wanted,
  );
}
