/**
 * What devices may do to memory: pieces opened one by one, each within one page, with a window of the DMA guard where the board has one.
 *
 * An open piece pins its frame. When its driver dies the window closes at once, but the pin stays: on a board without a guard the
 * device may still be writing, until the successor has reset it and `releaseDma` is called. Begin at `openDma`.
 */
import { type Endpoint, NONE, slotOf } from "../lib/endpoint.ts";
import { PAGE_BYTES } from "../lib/kernel-call/space.ts";
import { Status } from "../lib/status.ts";
import { DMA_WINDOWS, DmaGuard } from "../machine/board/dma-guard.ts";
import type { Process } from "./process.ts";

class Piece {
  /** Whose it is; 0 where the row is free. */
  driver: Endpoint = 0;
  frame: paddr = 0;
}

/** A window's registers, as machine/board/dma-guard.ts has them. */
class Window {
  base: paddr = 0;
  bytes: u32 = 0;
  device: u32 = 0;
  access: u32 = 0;
}
class Control {
  control: u32 = 0;
  windows: u32 = 0;
}

/** Row n uses window n of the guard. */
const pieces = table(Piece, DMA_WINDOWS);
/** No row from here on is in use. */
let end = 0;
let guard: paddr = 0;

/** The board has a guard: from now on, devices reach only what is open. */
export function startGuard(base: paddr): void {
  const control = at(base, Control);
  assert(control.windows >= DMA_WINDOWS);
  guard = base;
  control.control = 1;
}

/** Lets the device on `line` transfer these bytes, which lie in one page, in this direction. The piece's handle, or NoMemory. */
export function openDma(driver: Process, place: paddr, bytes: u32, line: u32, direction: u32): i32 {
  const handle = freeRow();
  if (handle < 0) return Status.NoMemory;
  const piece = pieces[handle];
  piece.driver = driver.endpoint;
  piece.frame = place & ~(PAGE_BYTES - 1);
  if (guard !== 0) openWindow(handle, place, bytes, line, direction);
  return handle;
}

/** The driver is done with a piece. */
export function closeDma(driver: Process, handle: i32): Status {
  if (handle < 0 || handle >= end || pieces[handle].driver !== driver.endpoint) return Status.Invalid;
  closeWindow(handle);
  free(handle);
  return Status.Ok;
}

/** The driver is dead: its device reaches nothing from now on, but the frames stay pinned. */
export function revokeDma(driver: Process): void {
  for (let handle = 0; handle < end; handle++) {
    if (pieces[handle].driver === driver.endpoint) closeWindow(handle);
  }
}

/** The device of the service in this slot has been reset: what dead incarnations had open is free. `living` keeps its own. */
export function releaseDma(slot: i32, living: Endpoint): void {
  for (let handle = end - 1; handle >= 0; handle--) {
    const { driver } = pieces[handle];
    if (driver !== NONE && driver !== 0 && slotOf(driver) === slot && driver !== living) free(handle);
  }
}

/** Whether a device may transfer to or from this frame, or may still be doing so. */
export function isPinned(frame: paddr): boolean {
  for (let handle = 0; handle < end; handle++) {
    if (pieces[handle].frame === frame) return true;
  }
  return false;
}

function freeRow(): i32 {
  for (let handle = 0; handle < end; handle++) if (pieces[handle].driver === 0) return handle;
  return end < DMA_WINDOWS ? end++ : -1;
}

function free(handle: i32): void {
  pieces[handle].driver = 0;
  pieces[handle].frame = 0;
  while (end > 0 && pieces[end - 1].driver === 0) end--;
}

function openWindow(handle: i32, place: paddr, bytes: u32, line: u32, direction: u32): void {
  const window = windowOf(handle);
  window.base = place;
  window.device = line;
  window.access = direction;
  window.bytes = bytes; // last: this opens it
}

function closeWindow(handle: i32): void {
  if (guard !== 0) windowOf(handle).bytes = 0;
}

function windowOf(handle: i32): Window {
  return at(guard + DmaGuard.Window + u32(handle) * DmaGuard.WindowStride, Window);
}
