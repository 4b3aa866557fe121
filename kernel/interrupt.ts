/**
 * Interrupts: claimed and masked by the kernel, heard by drivers as notifications from HARDWARE.
 *
 * A line that has interrupted stays claimed and disabled until its driver enables it again, which completes it. The order matters:
 * a completion while the source is disabled is ignored (PLIC specification, chapter 9). Begin at `externalInterrupt`.
 */
import { HARDWARE } from "../lib/endpoint.ts";
import { Base, Line } from "../machine/board/memory-map.ts";
import { Context, Plic } from "../machine/board/plic.ts";
import { timerInterrupt } from "./clock.ts";
import { deviceOnLine } from "./devices.ts";
import { notifyFrom } from "./ipc.ts";

/** Bits of mie and mip (privileged specification, 3.1.9). */
export const enum Pending {
  Timer = 1 << 7,
  External = 1 << 11,
}

class Register {
  value: u32 = 0;
}

/** No line above this belongs to a device that anybody drives. */
const LINES = 32;
const enables = at(Base.Plic + Plic.Enable + Context.Machine * Plic.EnableStride, Register);
const threshold = at(Base.Plic + Plic.Threshold + Context.Machine * Plic.ContextStride, Register);
const claim = at(Base.Plic + Plic.Claim + Context.Machine * Plic.ContextStride, Register);

/** Bit n: line n is claimed and not completed. */
let claimed: u32 = 0;

/** Every line masked, every source of equal priority. */
export function initializeInterrupts(): void {
  assert(Line.RealTimeClock < LINES);
  enables.value = 0;
  for (let line: u32 = 1; line < LINES; line++) at(Base.Plic + Plic.Priority + line * 4, Register).value = 1;
  threshold.value = 0;
  csr.mie = Pending.Timer | Pending.External;
}

/** Whatever has come while the hart was waiting. */
export function takeInterrupts(): void {
  const pending = csr.mip & csr.mie;
  if ((pending & Pending.Timer) !== 0) timerInterrupt();
  if ((pending & Pending.External) !== 0) externalInterrupt();
}

/** A device has something to say: its driver is notified, and its line is quiet until the driver asks for more. */
export function externalInterrupt(): void {
  for (;;) {
    const line = claim.value;
    if (line === 0) return;
    claimed |= u32(1) << line;
    disableLine(line);
    const device = deviceOnLine(line);
    if (device === null || device.driver === null) continue;
    device.driver.interrupts |= u32(1) << device.index;
    notifyFrom(HARDWARE, device.driver);
  }
}

export function enableLine(line: u32): void {
  const bit = u32(1) << line;
  enables.value |= bit;
  threshold.value = 0; // as it is already; but QEMU (7.2) looks at what is pending now only when this is written
  if ((claimed & bit) === 0) return;
  claimed &= ~bit;
  claim.value = line;
}

export function disableLine(line: u32): void {
  enables.value &= ~(u32(1) << line);
}
