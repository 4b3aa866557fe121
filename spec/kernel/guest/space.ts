/** Address spaces, copies, grants and missing pages, as the kernel checks them. Begin at `main`. */
import { ARCHIVE_BASE } from "../../../lib/archive.ts";
import { type Endpoint, RS, VM } from "../../../lib/endpoint.ts";
import { GRANT_ROW_BITS, GrantFlags, grantDirect, grantMagic, revoke } from "../../../lib/grant.ts";
import { KERNEL_CALL, Trap } from "../../../lib/ipc.ts";
import { Crash, DeathCause, getCrash } from "../../../lib/kernel-call/crash.ts";
import { KernelCall } from "../../../lib/kernel-call/number.ts";
import { clearProcess, virtualCopy } from "../../../lib/kernel-call/process.ts";
import { Blocked } from "../../../lib/kernel-call/service.ts";
import {
  frameCopy,
  frameZero,
  PAGE_BYTES,
  PageFlags,
  PageMapping,
  spaceCreate,
  spaceMap,
  spaceQuery,
  spaceUnmap,
} from "../../../lib/kernel-call/space.ts";
import { Status } from "../../../lib/status.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import { DEMAND_BASE, DEMAND_END } from "./demand.ts";
import { ask, blockedOf, end, result, settle, tellToAsk } from "./direct.ts";
import { machineInformation, takeFrame } from "./frames.ts";
import { Special } from "./orders.ts";
import { beginReport, check, claim, endReport } from "./report.ts";
import { allRights, create, FIRST_SLOT, map, spawn } from "./spawn.ts";

const PLACE: vaddr = 0x3000_0000;
const RW = PageFlags.Read | PageFlags.Write;

let puppet: Endpoint = 0;
const words = new Uint32Array(64);
const others = new Uint32Array(64);
const mapping = new PageMapping();
const crash = new Crash();

export function main(): never {
  beginReport();
  inNewWorld();
  refusals();
  queries();
  inNewWorld();
  copies();
  inNewWorld();
  missingPages();
  inNewWorld();
  inboxes();
  inNewWorld();
  grants();
  inNewWorld();
  protection();
  endReport();
}

function inNewWorld(): void {
  end(puppet);
  puppet = spawn(FIRST_SLOT, "puppet", allRights());
  settle();
}

function refusals(): void {
  const frame = takeFrame();
  const both = RW | PageFlags.Execute;
  check("no page is writable and executable", spaceMap(puppet, PLACE, frame, 1, both, takeFrame()), Status.Denied);
  check("the kernel's memory is never mapped", mapAt(paddr(Base.Ram)), Status.Denied);
  check("nor the archive", mapAt(machineInformation().freeBase - PAGE_BYTES), Status.Denied);
  check("nor what is no memory", mapAt(machineInformation().freeEnd), Status.Denied);
  check(
    "nor a device that is not one's own",
    spaceMap(puppet, PLACE, paddr(Base.Uart), 1, RW | PageFlags.Device, 0),
    Status.Denied,
  );
  check("an address within a page is invalid", spaceMap(puppet, PLACE + 4, frame, 1, RW, 0), Status.Invalid);
  check("a missing table is asked for", spaceMap(puppet, PLACE, frame, 1, RW, 0), Status.NeedTable);
  const spare = takeFrame();
  check("and taken", spaceMap(puppet, PLACE, frame, 1, RW, spare), 1);
  check("a page table is never mapped", mapAt(spare), Status.Denied);
  check("nor zeroed", frameZero(spare, 1), Status.Denied);
  check("nor copied to", frameCopy(spare, frame), Status.Denied);
  check("nor used as another table", spaceCreate(puppet, spare), Status.Denied);
  check("more frames than there are are refused", spaceMap(puppet, PLACE, frame, 0x10_0000, RW, 0), Status.Denied);
  const nobody = create(FIRST_SLOT + 1, "nobody");
  check(
    "a process without a space cannot be mapped into",
    spaceMap(nobody, PLACE, frame, 1, RW, spare),
    Status.Invalid,
  );
  end(nobody);
}

function mapAt(frame: paddr): i32 {
  return spaceMap(puppet, PLACE, frame, 1, RW, 0);
}

function queries(): void {
  const frame = takeFrame();
  spaceMap(puppet, PLACE, frame, 1, PageFlags.Read, 0);
  spaceQuery(puppet, PLACE, mapping);
  claim("a query tells the frame", mapping.frame === frame);
  check("and what may be done there", i32(mapping.flags), PageFlags.Read);
  spaceUnmap(puppet, PLACE, 1);
  spaceQuery(puppet, PLACE, mapping);
  check("nothing is mapped after it has been taken away", i32(mapping.flags), 0);
}

function copies(): void {
  map(puppet, PLACE, 2, RW);
  for (let i = 0; i < 64; i++) words[i] = u32(i) * 3 + 1;
  const crossing = PLACE + PAGE_BYTES - 100;
  check("a copy crosses pages", virtualCopy(RS, address(words), puppet, crossing, 256), Status.Ok);
  check("and back", virtualCopy(puppet, crossing, RS, address(others), 256), Status.Ok);
  claim("with every word intact", sameWords());
  check("at odd addresses too", virtualCopy(puppet, crossing, puppet, PLACE + 1, 255), Status.Ok);
  virtualCopy(puppet, PLACE + 1, RS, address(others), 255);
  claim("with every byte intact", bytesOf(others)[254] === bytesOf(words)[254] && bytesOf(others)[0] === 1);
  spaceMap(puppet, PLACE, takeFrame(), 1, PageFlags.Read, 0);
  check("a copy to what cannot be written is a fault", virtualCopy(RS, address(words), puppet, PLACE, 4), Status.Fault);
  check("so is one from where there is nothing", virtualCopy(puppet, 0x10, RS, address(words), 4), Status.Fault);
  check("one to the archive", virtualCopy(RS, address(words), RS, ARCHIVE_BASE, 4), Status.Fault);
  check("and one that would wrap around", virtualCopy(puppet, PLACE, RS, 0xffff_fff0, 64), Status.Fault);
  check("nothing at all can be copied anywhere", virtualCopy(puppet, 0x10, RS, 0x10, 0), Status.Ok);
  check("VM gets no page for a copy of its own", copyByVm(), Status.Fault);
}

function sameWords(): boolean {
  for (let i = 0; i < 64; i++) if (words[i] !== others[i]) return false;
  return true;
}

/** A missing page of VM's own is nobody's to map. */
function copyByVm(): i32 {
  return virtualCopy(RS, address(words), VM, DEMAND_BASE, 4);
}

function missingPages(): void {
  check("a page that is touched comes", ask(puppet, Special.Store, 0, DEMAND_BASE + 8), 0);
  check("and stays", ask(puppet, Special.Load, 0, DEMAND_BASE + 8), 0x1234);
  check(
    "a copy that meets a missing page is tried again",
    virtualCopy(RS, address(words), puppet, DEMAND_END - 8, 8),
    Status.Ok,
  );
  check("and has happened", ask(puppet, Special.Load, 0, DEMAND_END - 8), 1);
  check(
    "a copy that runs out of pages is a fault",
    virtualCopy(RS, address(words), puppet, DEMAND_END - 4, 8),
    Status.Fault,
  );
  check("a call's answer may go where a page is missing", answerIntoMissing(), Status.Ok);
  ask(puppet, Special.Store, 0, 0x10);
  claim("a service that touches what it must not is frozen", (blockedOf(puppet) & Blocked.Dead) !== 0);
  getCrash(puppet, crash);
  check("its crash says how", i32(crash.cause), DeathCause.Exception);
  check("with the exception", i32(crash.mcause), 15);
  check("and the address", i32(crash.address), 0x10);
  check("a copy from the dead still works", virtualCopy(puppet, DEMAND_BASE + 8, RS, address(others), 4), Status.Ok);
  check(
    "but brings no new pages",
    virtualCopy(puppet, DEMAND_BASE + 2 * PAGE_BYTES, RS, address(others), 4),
    Status.Fault,
  );
}

/** The page in which a message is awaited may go, or become another, meanwhile. */
function inboxes(): void {
  const sender = spawn(FIRST_SLOT + 1, "puppet", allRights());
  const inbox = puppetListensAt(sender);
  spaceUnmap(puppet, PLACE, 1);
  check(
    "a message to memory that has gone is not delivered",
    ask(sender, Trap.SendNonblocking, puppet),
    Status.NotReady,
  );
  check("and its receiver is told", result(puppet), Status.Fault);
  puppetListensAt(sender);
  const other = takeFrame();
  frameCopy(other, inbox);
  spaceMap(puppet, PLACE, other, 1, RW, 0);
  check("one to memory that has become other memory is", ask(sender, Trap.SendNonblocking, puppet, 5), Status.Ok);
  check("to its receiver's content", result(puppet), Status.Ok);
  check("in the new place", ask(puppet, Special.Load, 0, PLACE + 8), 5);
  end(sender);
}

/** The puppet waits for the sender's message in a page of its own. */
function puppetListensAt(sender: Endpoint): paddr {
  const frame = takeFrame();
  if (spaceMap(puppet, PLACE, frame, 1, RW, 0) < 0) spaceMap(puppet, PLACE, frame, 1, RW, takeFrame());
  tellToAsk(puppet, Special.Ask, Trap.Receive, u32(sender), PLACE, 0, 0, 0);
  return frame;
}

function answerIntoMissing(): i32 {
  const call = KERNEL_CALL + KernelCall.SpaceQuery;
  return tellToAsk(puppet, Special.Ask, call, u32(puppet), DEMAND_BASE, DEMAND_BASE + 4 * PAGE_BYTES, 0, 0);
}

function grants(): void {
  map(puppet, PLACE, 1, RW);
  words[0] = 77;
  const grant = grantDirect(puppet, address(words), 16, GrantFlags.Read);
  check("what is granted can be read", copyFrom(grant, 0, 16), Status.Ok);
  check("and arrives", ask(puppet, Special.Load, 0, PLACE), 77);
  check("not beyond its end", copyFrom(grant, 8, 16), Status.BadGrant);
  check("nor from beyond the end of everything", copyFrom(grant, 0xffff_fffc, 8), Status.BadGrant);
  check("nor written", copyTo(grant, 0, 4), Status.BadGrant);
  revoke(grant);
  check("a revoked grant is worth nothing", copyFrom(grant, 0, 4), Status.BadGrant);
  const again = grantDirect(puppet, address(words), 16, GrantFlags.Write);
  claim("its row is used again", (again & 0xff) === (grant & 0xff));
  check("but the old id stays dead", copyFrom(grant, 0, 4), Status.BadGrant);
  check("the new one can be written", copyTo(again, 4, 4), Status.Ok);
  claim("and is", words[1] === 77);
  check(
    "a row that does not exist is no grant",
    copyFrom(u32(0xff) | (u32(0xffff) << GRANT_ROW_BITS), 0, 4),
    Status.BadGrant,
  );
  const foreign = grantDirect(VM, address(words), 16, GrantFlags.Read);
  check("a grant for somebody else is none", copyFrom(foreign, 0, 4), Status.BadGrant);
  const magic = grantMagic(puppet, VM, address(words), 16, GrantFlags.Read);
  check("only VFS can grant what is not its own", copyFrom(magic, 0, 4), Status.BadGrant);
}

function copyFrom(grant: u32, offset: u32, bytes: u32): i32 {
  return tellToAsk(puppet, Special.Ask, KERNEL_CALL + KernelCall.SafeCopyFrom, u32(RS), grant, offset, PLACE, bytes);
}

function copyTo(grant: u32, offset: u32, bytes: u32): i32 {
  return tellToAsk(puppet, Special.Ask, KERNEL_CALL + KernelCall.SafeCopyTo, u32(RS), grant, offset, PLACE, bytes);
}

/** Physical memory protection holds whatever a page table says, and every crash is told. */
function protection(): void {
  ask(puppet, Special.Illegal, 0);
  claim("an illegal instruction freezes a service", (blockedOf(puppet) & Blocked.Dead) !== 0);
  getCrash(puppet, crash);
  check("with its cause", i32(crash.mcause), 2);
  inNewWorld();
  ask(puppet, Special.Check, 0, 1);
  getCrash(puppet, crash);
  check("a failed check is a death of its own kind", i32(crash.cause), DeathCause.Check);
  claim("its pc is in its program", crash.pc >= 0x1_0000 && crash.pc < 0x2_0000);
  claim("its messages are in the record", crash.messages[7].peer === RS && !crash.messages[7].sent);
  inNewWorld();
  ask(puppet, Special.Exit, 0, 3);
  getCrash(puppet, crash);
  check("an exit is one too", i32(crash.cause), DeathCause.Exit);
  check("with its code", crash.code, 3);
  const before = puppet;
  clearProcess(puppet);
  check("the cleared have no crash", getCrash(before, crash), Status.DeadEndpoint);
  check("and report nothing", result(before), -0x5000);
  claim("and are not described", blockedOf(before) === Blocked.Vacant);
}
