/**
 * A service seen from outside, instruction by instruction: when it runs, how much of its code it has run, and its death at exactly
 * that instruction. The guest has no hook for any of it.
 */
import type { Machine } from "../../machine/machine.ts";
import { services } from "../../system/services.ts";

const SATP = 0x180;
const USER_MODE = 0;
/** No process has a page here. */
const NOWHERE = 0;

export class ServiceProcess {
  private readonly machine: Machine;
  private readonly slot: number;

  constructor(machine: Machine, name: string) {
    this.machine = machine;
    this.slot = services.find((service) => service.name === name)!.slot;
  }

  /** Whether the next instruction is one of the service's own: the kernel names a process' address space after its slot. */
  get runs(): boolean {
    const { hart } = this.machine;
    return hart.readMode() === USER_MODE && (((hart.readCsr(SATP) ?? 0) >>> 22) & 0x1ff) === this.slot;
  }

  /** Runs the machine until so many of the service's instructions have been reached, or `isOver`; how many there were. */
  reach(instructions: number, isOver: () => boolean): number {
    let reached = 0;
    while (!isOver()) {
      if (this.runs && ++reached > instructions) return reached;
      this.machine.run(this.machine.cycle + 1);
    }
    return reached;
  }

  /** It is about to run; its next instruction lies nowhere. */
  kill(): void {
    this.machine.post({ at: this.machine.cycle, type: "inject", edit: { kind: "pc", value: NOWHERE } });
  }

  /** Waits until the service runs, for at most a second, and kills it then. */
  killWhenItRuns(): void {
    const limit = this.machine.cycle + 100_000_000;
    this.reach(0, () => this.machine.cycle > limit);
    if (!this.runs) throw new Error(`the service in slot ${this.slot} does not run`);
    this.kill();
  }
}
