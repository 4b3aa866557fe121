/**
 * The drivers behind device files: which major number is whose, and who they are at the moment. DS says when that changes.
 */
import { DS, type Endpoint, NONE } from "../../lib/endpoint.ts";
import { sendReceive } from "../../lib/ipc.ts";
import type { Message } from "../../lib/message.ts";
import { DsCheck, type DsReply, DsSubscribe } from "../../lib/protocol/ds.ts";
import { Major } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";

export class Driver {
  major: u32 = 0;
  /** In DS, zero-padded. */
  readonly name = new Uint8Array(16);
  /** NONE: not up yet, or given up. */
  endpoint: Endpoint = NONE;
  /** It has been given up, or taken down. */
  down: boolean = false;
  /** It speaks the character protocol, besides or instead of the block protocol. */
  character: boolean = false;
}

const drivers = table(Driver, 4);

/** Fills the table, and subscribes to every name in it. */
export function startDrivers(): void {
  declare(0, Major.Memory, "memory", true);
  declare(1, Major.Disk, "disk", false);
  declare(2, Major.Terminal, "tty", true);
  declare(3, Major.Log, "log", true);
}

export function driverOf(special: u32): Driver | null {
  for (const driver of drivers) if (driver.major === special >>> 8) return driver;
  return null;
}

/** The next driver that has changed since it was last asked, brought up to date; null when there is none. */
export function nextChangedDriver(): Driver | null {
  for (;;) {
    const letter = new DsCheck();
    if (sendReceive(DS, letter) !== Status.Ok) return null;
    const change = letter as Message as DsReply;
    if (change.status !== Status.Ok) return null;
    const driver = driverNamed(change.name);
    if (driver === null) continue;
    driver.endpoint = change.endpoint;
    driver.down = change.endpoint === NONE;
    return driver;
  }
}

function declare(row: i32, major: Major, name: string, character: boolean): void {
  const driver = drivers[row];
  driver.major = major;
  driver.name.set(name.bytes);
  driver.character = character;
  const letter = new DsSubscribe();
  letter.prefix.set(driver.name);
  sendReceive(DS, letter);
}

function driverNamed(name: Uint8Array): Driver | null {
  for (const driver of drivers) if (sameName(driver.name, name)) return driver;
  return null;
}

function sameName(a: Uint8Array, b: Uint8Array): boolean {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
