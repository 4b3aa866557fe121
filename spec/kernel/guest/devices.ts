/** Interrupts and DMA, as drivers get them: one interrupt for each enable, frames pinned while a device may touch them. Begin at `main`. */
import { type Endpoint, HARDWARE, RS } from "../../../lib/endpoint.ts";
import { GrantFlags, grantDirect } from "../../../lib/grant.ts";
import { KERNEL_CALL, Trap } from "../../../lib/ipc.ts";
import {
  DeviceInformation,
  DeviceKind,
  DmaDirection,
  DmaRequest,
  deviceInformation,
  dmaRelease,
} from "../../../lib/kernel-call/device.ts";
import { KernelCall } from "../../../lib/kernel-call/number.ts";
import { clearProcess, killProcess, virtualCopy } from "../../../lib/kernel-call/process.ts";
import { frameZero, PAGE_BYTES, PageFlags, PageMapping, spaceMap, spaceQuery } from "../../../lib/kernel-call/space.ts";
import { MessageType } from "../../../lib/message.ts";
import { DEVICE_BASE } from "../../../lib/protocol/vm.ts";
import { Signal } from "../../../lib/signal.ts";
import { Status } from "../../../lib/status.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import { InterruptEnable, Uart } from "../../../machine/board/uart.ts";
import { ask, end, outcome, PENDING, settle, tellToAsk } from "./direct.ts";
import { takeFrame } from "./frames.ts";
import { Special } from "./orders.ts";
import { beginReport, check, claim, endReport } from "./report.ts";
import { allRights, FIRST_SLOT, map, spawn } from "./spawn.ts";

const PLACE: vaddr = 0x3000_0000;
const RW = PageFlags.Read | PageFlags.Write;

class Port {
  readonly registers = new Uint8Array(8);
}

const request = new DmaRequest();
const mapping = new PageMapping();
const device = new DeviceInformation();
const buffer = new Uint8Array(64);
let driver: Endpoint = 0;

export function main(): never {
  beginReport();
  driver = driverOf(DeviceKind.Uart);
  rights();
  interrupts();
  end(driver);
  driver = driverOf(DeviceKind.VirtioBlock);
  transfers();
  deaths();
  endReport();
}

function driverOf(kind: DeviceKind): Endpoint {
  const rights = allRights();
  rights.devices[0] = kind;
  const who = spawn(FIRST_SLOT, "puppet", rights);
  map(who, PLACE, 4, RW);
  settle();
  return who;
}

function rights(): void {
  check("a device is where the board has it", deviceInformation(RS, 0, device), Status.Ok);
  claim("by the device tree", device.base === Base.Uart && device.line === 10);
  check("a service has no device that its rights do not name", deviceInformation(RS, 1, device), Status.NoDevice);
  check("nobody may ask about another's", deviceInformation(driver, 0, device), Status.Denied);
  check(
    "its registers can be mapped",
    spaceMap(driver, DEVICE_BASE, paddr(Base.Uart), 1, RW | PageFlags.Device, takeFrame()),
    1,
  );
  const beyond = spaceMap(driver, DEVICE_BASE, paddr(Base.Uart), 2, RW | PageFlags.Device, 0);
  check("and no more than they are", beyond, Status.Denied);
  const code = spaceMap(
    driver,
    DEVICE_BASE,
    paddr(Base.Uart),
    1,
    PageFlags.Read | PageFlags.Execute | PageFlags.Device,
    0,
  );
  check("nor as code", code, Status.Denied);
}

/** The transmitter is empty, and says so as long as it is asked to. */
function interrupts(): void {
  const port = at(DEVICE_BASE, Port);
  port.registers[Uart.InterruptEnable] = InterruptEnable.TransmitterEmpty;
  settle();
  check("a line is masked until its driver enables it", ask(driver, Trap.Receive, HARDWARE), PENDING);
  end(driver);
  driver = driverOf(DeviceKind.Uart);
  enable(1);
  settle();
  check("an interrupt is a notification", ask(driver, Trap.Receive, HARDWARE), Status.Ok);
  check("of its kind", i32(outcome.heard), i32(MessageType.Notify));
  check("that says which device", i32(outcome.value), 1);
  check("there is one for each enable", ask(driver, Trap.Receive, HARDWARE), PENDING);
  end(driver);
  driver = driverOf(DeviceKind.Uart);
  check("a successor hears nothing before it enables the line", ask(driver, Trap.Receive, HARDWARE), PENDING);
  end(driver);
  driver = driverOf(DeviceKind.Uart);
  enable(1);
  check("and then what its predecessor left unfinished", ask(driver, Trap.Receive, HARDWARE), Status.Ok);
  port.registers[Uart.InterruptEnable] = 0;
  enable(1); // what the controller may have remembered is over with this
  end(driver);
  driver = driverOf(DeviceKind.Uart);
  enable(1);
  enable(0);
  port.registers[Uart.InterruptEnable] = InterruptEnable.TransmitterEmpty;
  settle();
  check("a line can be masked again", ask(driver, Trap.Receive, HARDWARE), PENDING);
  port.registers[Uart.InterruptEnable] = 0;
}

/** The puppet enables (1) or masks (0) the interrupt of its only device. */
function enable(on: u32): void {
  tellToAsk(driver, Special.Ask, KERNEL_CALL + KernelCall.InterruptControl, 0, on, 0, 0, 0);
}

function transfers(): void {
  check("a driver opens its own memory", open(driver, 0, PLACE + PAGE_BYTES - 100, 300, DmaDirection.ToMemory), 0);
  check("up to the end of its page", i32(request.contiguousBytes), 100);
  const first = frameAt(PLACE);
  claim("and learns where it lies on the bus", request.bus === first + PAGE_BYTES - 100);
  claim("the frame is pinned", isPinned(PLACE));
  claim("and no other", !isPinned(PLACE + PAGE_BYTES));
  check("VM cannot use it anew", frameZero(first, 1), Status.Busy);
  check("a second piece of the same frame", open(driver, 0, PLACE, 8, DmaDirection.FromMemory), 1);
  close(0);
  claim("keeps it pinned", isPinned(PLACE));
  check("until it is closed too", close(1), Status.Ok);
  claim("then it is free", !isPinned(PLACE));
  check("what is closed cannot be closed again", close(1), Status.Invalid);
  const grant = grantDirect(driver, address(buffer), 64, GrantFlags.Read);
  check("a grant to read may be read by a device", open(RS, grant, 0, 64, DmaDirection.FromMemory), 0);
  close(0);
  check("but not written", open(RS, grant, 0, 64, DmaDirection.ToMemory), Status.BadGrant);
  check("nor beyond its end", open(RS, grant, 32, 64, DmaDirection.FromMemory), Status.BadGrant);
  check("nothing can be opened in no direction", open(driver, 0, PLACE, 8, 0), Status.Invalid);
  check("nor where there is no memory", open(driver, 0, 0x10, 8, DmaDirection.FromMemory), Status.Fault);
}

/** What a dead driver's device may still touch stays pinned until the device has been reset. */
function deaths(): void {
  open(driver, 0, PLACE, 8, DmaDirection.ToMemory);
  const frame = frameAt(PLACE);
  killProcess(driver, Signal.Kill);
  check("the memory of the dead stays pinned", frameZero(frame, 1), Status.Busy);
  clearProcess(driver);
  check("also when they are cleared", frameZero(frame, 1), Status.Busy);
  driver = driverOf(DeviceKind.VirtioBlock);
  open(driver, 0, PLACE, 8, DmaDirection.ToMemory);
  dmaRelease(FIRST_SLOT);
  check("until their device has been reset", frameZero(frame, 1), Status.Ok);
  claim("which leaves the successor's own alone", isPinned(PLACE));
  check("nobody closes what another has opened", close(0), Status.Invalid);
}

/** Has the driver open a piece; what it answers, and the request with its answer in `request`. */
function open(granter: Endpoint, grant: u32, offset: u32, bytes: u32, direction: u32): i32 {
  const place = PLACE + 3 * PAGE_BYTES;
  request.granter = granter;
  request.grant = grant;
  request.offset = offset;
  request.bytes = bytes;
  request.direction = direction;
  request.device = 0;
  virtualCopy(RS, address(request), driver, place, u32(sizeOf(DmaRequest)));
  const answer = ask(driver, Special.Ask, i32(place), KERNEL_CALL + KernelCall.DmaOpen);
  virtualCopy(driver, place, RS, address(request), u32(sizeOf(DmaRequest)));
  return answer;
}

function close(handle: i32): i32 {
  return ask(driver, Special.Ask, handle, KERNEL_CALL + KernelCall.DmaClose);
}

function frameAt(place: vaddr): paddr {
  spaceQuery(driver, place, mapping);
  return mapping.frame;
}

function isPinned(place: vaddr): boolean {
  spaceQuery(driver, place, mapping);
  return (mapping.flags & PageFlags.Pinned) !== 0;
}
