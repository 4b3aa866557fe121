/**
 * A virtqueue, as the driver sees it (Virtio 1.1, section 2.6): descriptors, the ring of what is available to the device, the ring
 * of what it has used, and beside them the header and the status byte of the one request that is under way. All of it lies in one page,
 * so that one window of the DMA guard covers it.
 */
import { DmaDirection, DmaRequest, dmaOpen } from "../../lib/kernel-call/device.ts";
import { PAGE_BYTES } from "../../lib/kernel-call/space.ts";
import { ownEndpoint } from "../../lib/service.ts";
import type { DescriptorFlags } from "../../machine/board/virtio.ts";

/** Descriptors: a header, a status, and a piece of data for each page that a request may touch. */
export const QUEUE_SIZE = 16;

export class Descriptor {
  address: u64 = 0n;
  bytes: u32 = 0;
  flags: u16 = 0;
  next: u16 = 0;
}
class Available {
  flags: u16 = 0;
  index: u16 = 0;
  readonly ring = new Uint16Array(16);
}
class UsedElement {
  id: u32 = 0;
  bytes: u32 = 0;
}
class Used {
  flags: u16 = 0;
  index: u16 = 0;
  readonly ring = table(UsedElement, 16);
}
/** What a block request begins with (Virtio 1.1, section 5.2.6). */
class Header {
  type: u32 = 0;
  reserved: u32 = 0;
  sector: u64 = 0n;
}
class Shared {
  readonly descriptors = table(Descriptor, 16);
  readonly available = new Available();
  spare: u32 = 0;
  readonly used = new Used();
  readonly header = new Header();
  status: u32 = 0;
}

/** Twice a page, so that a whole one lies in it. */
const storage = new Uint8Array(2 * PAGE_BYTES);
const pageAddress = (address(storage) + (PAGE_BYTES - 1)) & ~(PAGE_BYTES - 1);
export const shared = at(pageAddress, Shared);
/** Where the page lies on the bus. */
let busBase: paddr = 0;

/** Gives the page to the device; it stays open for the driver's whole life. False when the kernel refuses. */
export function openQueue(): boolean {
  const request = new DmaRequest();
  request.granter = ownEndpoint();
  request.offset = pageAddress;
  request.bytes = PAGE_BYTES;
  request.direction = DmaDirection.FromMemory | DmaDirection.ToMemory;
  if (dmaOpen(request) < 0) return false;
  busBase = request.bus;
  return true;
}

/** Begins the rings anew, as the device does at a reset. The descriptors stay. */
export function clearRings(): void {
  clear(shared.available);
  clear(shared.used);
}

export const enum Part {
  Descriptors,
  Available,
  Used,
  Header,
  Status,
}

/** Where a part of the page lies on the bus. */
export function busAddressOf(part: Part): paddr {
  switch (part) {
    case Part.Descriptors:
      return busBase;
    case Part.Available:
      return paddr(busBase + u32(offsetOf(Shared, "available")));
    case Part.Used:
      return paddr(busBase + u32(offsetOf(Shared, "used")));
    case Part.Header:
      return paddr(busBase + u32(offsetOf(Shared, "header")));
    default:
      return paddr(busBase + u32(offsetOf(Shared, "status")));
  }
}

/** Fills in a descriptor. With `Next` in its flags the following one belongs to it. */
export function describe(index: i32, bus: paddr, bytes: u32, flags: DescriptorFlags): void {
  const descriptor = shared.descriptors[index];
  descriptor.address = u64(bus);
  descriptor.bytes = bytes;
  descriptor.flags = u16(flags);
  descriptor.next = u16(index + 1);
}

/** Puts the chain that begins at descriptor 0 before the device; it sees the index last. */
export function publishChain(): void {
  const { available } = shared;
  available.ring[i32(available.index) % QUEUE_SIZE] = 0;
  fence();
  available.index = u16(available.index + 1);
  fence();
}

/** Whether the device has used everything that was published. */
export function isSettled(): boolean {
  fence();
  return shared.used.index === shared.available.index;
}
