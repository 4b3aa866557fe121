/**
 * Makes the page of services (services.ts) into the rows that RS reads: lib/service-table.ts gives their layout, and
 * spec/system/services.spec.ts checks that both agree.
 */
import { NAME_BYTES, writeName } from "./archive.ts";
import { readConstant, readEnum } from "./guest-constants.ts";
import { init, RESTARTS, type Service, services } from "./services.ts";

/** `sizeOf(ServiceRow)` in the guest. */
export const ROW_BYTES = 96;
const POLICY = { vital: 0, restart: 1 };

/** Reads a source of the project, for the names of kernel calls and devices. */
export type ReadSource = (path: string) => string;

/** The rows, in the order RS starts them; init last. Throws an Error for a peer, call or device that does not exist. */
export function writeServiceTable(read: ReadSource, rows: readonly Service[] = services): Uint8Array {
  const calls = readEnum(read("lib/kernel-call/number.ts"), "lib/kernel-call/number.ts", "KernelCall");
  const devices = readEnum(read("lib/kernel-call/device.ts"), "lib/kernel-call/device.ts", "DeviceKind");
  const endpoint = (name: string) => readConstant(read("lib/endpoint.ts"), "lib/endpoint.ts", name);
  const slots = new Map([...rows.map((row) => [row.name, row.slot] as const), ["programs", endpoint("USER")] as const]);
  const table = new Uint8Array((rows.length + 1) * ROW_BYTES);
  rows.forEach((row, index) => {
    writeRow(table.subarray(index * ROW_BYTES), row, { calls, devices, slots, manager: endpoint("RS") });
  });
  writeInit(table.subarray(rows.length * ROW_BYTES), endpoint("PM"));
  return table;
}

interface Numbers {
  readonly calls: Map<string, number>;
  readonly devices: Map<string, number>;
  readonly slots: Map<string, number>;
  /** Who hears of a service's signals and end. */
  readonly manager: number;
}

function writeRow(target: Uint8Array, row: Service, { calls, devices, slots, manager }: Numbers): void {
  const view = new DataView(target.buffer, target.byteOffset);
  const word = (offset: number, value: number) => view.setUint32(offset, value, true);
  writeName(target, 0, row.name);
  writeName(target, NAME_BYTES, row.name);
  word(32, row.slot);
  word(36, POLICY[row.policy]);
  word(40, row.heartbeatMilliseconds);
  word(44, RESTARTS.maximum);
  word(48, RESTARTS.windowMilliseconds);
  word(52, RESTARTS.backoffMilliseconds);
  word(56, RESTARTS.backoffMaximumMilliseconds);
  writeSet(view, 60, row, "peer", [...row.asks, ...row.tells], slots);
  writeSet(view, 68, row, "kernel call", row.calls, calls);
  (row.devices ?? []).forEach((name, index) => {
    view.setUint8(76 + index, numberOf(row, "device", name, devices));
  });
  word(80, manager);
  word(84, row.priority);
  word(88, row.quantumMilliseconds);
}

function writeInit(target: Uint8Array, manager: number): void {
  const view = new DataView(target.buffer, target.byteOffset);
  writeName(target, 0, init.name);
  writeName(target, NAME_BYTES, init.name);
  view.setUint32(32, init.slot, true);
  view.setUint32(36, POLICY.vital, true);
  view.setUint32(80, manager, true);
  view.setUint32(84, init.priority, true);
  view.setUint32(88, init.quantumMilliseconds, true);
  view.setUint8(92, 1);
}

/** Sets a bit for each name in a set of 64. */
function writeSet(
  view: DataView,
  offset: number,
  row: Service,
  what: string,
  names: readonly string[],
  numbers: Map<string, number>,
): void {
  for (const name of names) {
    const bit = numberOf(row, what, name, numbers);
    const at = offset + (bit >>> 5) * 4;
    view.setUint32(at, view.getUint32(at, true) | (1 << (bit & 31)), true);
  }
}

function numberOf(row: Service, what: string, name: string, numbers: Map<string, number>): number {
  const number = numbers.get(name);
  if (number === undefined) throw new Error(`system/services.ts: service ${row.name}: there is no ${what} "${name}"`);
  return number;
}
