/** The machine as a whole: how its run ends. */
import { Shutdown } from "../lib/kernel-call/machine.ts";
import { Finish } from "../machine/board/finisher.ts";
import { Base } from "../machine/board/memory-map.ts";

class Finisher {
  value: u32 = 0;
}
const finisher = at(Base.Finisher, Finisher);

/** Ends the run through the test finisher, with an exit status of 0 to 255. */
export function shutDown(how: Shutdown, status: u32): never {
  if (how === Shutdown.Reboot) finisher.value = Finish.Reset;
  else finisher.value = status === 0 ? Finish.Pass : Finish.Fail | ((status & 0xff) << 16);
  for (;;) asm`wfi`;
}
