/**
 * The services RS looks after: one row each, made from the archive's page at boot, and everything RS knows about the incarnation that
 * lives now. All of RS's decisions can be read off these rows.
 */
import { ARCHIVE_BASE, archiveEntry, SERVICES_ENTRY } from "../lib/archive.ts";
import { type Endpoint, NONE, slotOf } from "../lib/endpoint.ts";
import { panic } from "../lib/log.ts";
import { ServiceState } from "../lib/protocol/rs.ts";
import { ServiceRow } from "../lib/service-table.ts";

/** Why RS itself ended an incarnation; None where it died by itself or by another's hand. */
export const enum Sentence {
  None = 0,
  NoHeartbeat,
  NotReady,
  Complaint,
  /** `service restart`: not counted against it. */
  Restart,
  /** `service down`: it stays dead. */
  Down,
}

export class Service {
  /** Its line on the page, in the archive. */
  row: ServiceRow | null = null;
  state: ServiceState = ServiceState.Down;
  endpoint: Endpoint = NONE;
  pid: i32 = 0;
  /** Incarnations since boot, less one. */
  restarts: u32 = 0;
  sentence: Sentence = Sentence.None;
  /** Of the last death, in a word or two; zero-padded. */
  readonly cause = new Uint8Array(20);
  /** When something must have happened (ticks): it is ready (Starting), its backoff ends (Waiting), its next sign of life is asked for (Running). */
  deadline: u64 = 0n;
  /** A sign of life has been asked for, so many times, and has not come. */
  unanswered: u32 = 0;
  /** Deaths counted since `windowStart`. */
  deaths: u32 = 0;
  windowStart: u64 = 0n;
  backoffMilliseconds: u32 = 0;
}

export const SERVICES_MAXIMUM = 64;
const rows = table(Service, SERVICES_MAXIMUM);
let count = 0;

/** Reads the page. Init is its last row; it is started like the others, and PM's from then on. */
export function loadServices(): void {
  const name = new Uint8Array(16);
  name.set(SERVICES_ENTRY.bytes);
  const entry = archiveEntry(name);
  if (entry === null) panic`the archive has no services`;
  else {
    count = i32(entry.bytes) / sizeOf(ServiceRow);
    assert(count <= SERVICES_MAXIMUM);
    const page = tableAt(ARCHIVE_BASE + entry.offset, ServiceRow, u32(count));
    for (let index = 0; index < count; index++) rows[index].row = page[index];
  }
}

/** Every service, in the order of the page. */
export function services(): Service[] {
  return tableAt(address(rows), Service, u32(count));
}

/** The page's line of a service. */
export function rowOf(service: Service): ServiceRow {
  return service.row!;
}

/** The service that lives, or last lived, at this endpoint. */
export function serviceAt(endpoint: Endpoint): Service | null {
  for (const service of services()) {
    if (rowOf(service).slot === slotOf(endpoint) && service.endpoint === endpoint) return service;
  }
  return null;
}

/** The service of a zero-padded name. */
export function serviceNamed(name: Uint8Array): Service | null {
  for (const service of services()) if (sameName(rowOf(service).name, name)) return service;
  return null;
}

function sameName(a: Uint8Array, b: Uint8Array): boolean {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
