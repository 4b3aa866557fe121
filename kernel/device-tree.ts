/**
 * Reads the flattened device tree that the machine passes at start: how much RAM there is, the boot arguments, and where the devices
 * are (Devicetree Specification 0.4, chapter 5). The board's own constants are the check: what the kernel uses by itself must
 * lie where machine/board says, what drivers use is taken from here. Begin at `readDeviceTree`.
 */
import { DeviceKind } from "../lib/kernel-call/device.ts";
import { BOOT_ARGUMENTS_MAXIMUM_BYTES } from "../machine/board/boot-arguments.ts";
import { Base, Size } from "../machine/board/memory-map.ts";
import { VIRTIO_MAGIC, Virtio, VirtioDevice } from "../machine/board/virtio.ts";
import { foundDevice } from "./devices.ts";
import { least } from "./memory.ts";
import { panic } from "./panic.ts";

const MAGIC = 0xd00d_feed;
/** One more than there may be: what fills it has been cut off, and programs can tell. */
const BOOT_ARGUMENTS_ROOM_BYTES = BOOT_ARGUMENTS_MAXIMUM_BYTES + 1;

/** What stands in the structure block. */
const enum Token {
  BeginNode = 1,
  EndNode = 2,
  Property = 3,
  Nothing = 4,
  End = 9,
}

/** The header, as far as it matters here. All numbers in a device tree are big-endian. */
class Header {
  magic: u32 = 0;
  totalBytes: u32 = 0;
  structure: u32 = 0;
  strings: u32 = 0;
}

class Word {
  value: u32 = 0;
}

/** What the properties of the node being read have said so far. `board.virt` uses two cells for addresses and two for sizes. */
class Node {
  compatible: u32 = 0;
  base: u32 = 0;
  bytes: u32 = 0;
  line: u32 = 0;
  isMemory: boolean = false;
}

class Found {
  ramBase: paddr = 0;
  ramBytes: u32 = 0;
  /** 0: the board has none. */
  dmaGuard: paddr = 0;
  bootArgumentBytes: i32 = 0;
  readonly bootArguments = new Uint8Array(BOOT_ARGUMENTS_ROOM_BYTES);
}
export const found = new Found();

const node = new Node();
let strings: u32 = 0;

/** Reads the whole tree at `tree` into `found` and the table of devices. Panics where there is none, or no RAM in it. */
export function readDeviceTree(tree: paddr): void {
  const header = view(tree, Header);
  if (bigEndian(header.magic) !== MAGIC) panic("there is no device tree where a1 says");
  strings = tree + bigEndian(header.strings);
  let at = tree + bigEndian(header.structure);
  for (;;) {
    const token = number(at);
    at += 4;
    if (token === Token.BeginNode) {
      takeNode();
      clear(node);
      at += (u32(textAt(at).length) + 4) & ~u32(3); // its name and a zero, padded
    } else if (token === Token.EndNode) {
      takeNode();
      clear(node);
    } else if (token === Token.Property) {
      const bytes = number(at);
      readProperty(textAt(strings + number(at + 4)), at + 8, bytes);
      at += 8 + ((bytes + 3) & ~u32(3));
    } else if (token === Token.End) break;
  }
  if (found.ramBase !== Base.Ram || found.ramBytes === 0)
    panic("the device tree tells of no RAM where the board has it");
}

function readProperty(name: Uint8Array, value: u32, bytes: u32): void {
  if (says(name, "compatible")) node.compatible = node.compatible === 0 ? value : node.compatible;
  else if (says(name, "device_type")) node.isMemory = says(textAt(value), "memory");
  else if (says(name, "reg") && bytes >= 16) {
    node.base = number(value + 4);
    node.bytes = number(value + 12);
  } else if (says(name, "interrupts") && bytes >= 4) node.line = number(value);
  else if (says(name, "bootargs")) takeBootArguments(textAt(value));
}

/** A node's properties are complete: the kernel learns what it is. */
function takeNode(): void {
  if (node.isMemory) {
    found.ramBase = paddr(node.base);
    found.ramBytes = node.bytes;
  }
  if (node.compatible === 0) return;
  const kind = textAt(node.compatible);
  if (says(kind, "ns16550a")) takeUart();
  else if (says(kind, "virtio,mmio")) takeVirtio();
  else if (says(kind, "google,goldfish-rtc"))
    foundDevice(DeviceKind.RealTimeClock, paddr(node.base), node.bytes, node.line);
  else if (says(kind, "renix,dma-guard")) found.dmaGuard = paddr(node.base);
  else if (says(kind, "sifive,clint0") || says(kind, "riscv,clint0")) expect(Base.Clint, "the CLINT");
  else if (says(kind, "sifive,plic-1.0.0") || says(kind, "riscv,plic0")) expect(Base.Plic, "the PLIC");
  else if (says(kind, "sifive,test1") || says(kind, "sifive,test0")) expect(Base.Finisher, "the test finisher");
}

function takeUart(): void {
  expect(Base.Uart, "the serial port");
  foundDevice(DeviceKind.Uart, paddr(node.base), node.bytes, node.line);
}

/** A slot says itself what is in it (Virtio 1.1, 4.2.2). */
function takeVirtio(): void {
  const magic = at(node.base + Virtio.Magic, Word).value;
  const device = at(node.base + Virtio.DeviceId, Word).value;
  if (magic !== VIRTIO_MAGIC || device !== VirtioDevice.Block) return;
  foundDevice(DeviceKind.VirtioBlock, paddr(node.base), Size.VirtioSlot, node.line);
}

function expect(base: u32, what: string): void {
  if (node.base !== base) panic(what);
}

function takeBootArguments(text: Uint8Array): void {
  const bytes = i32(least(u32(text.length), BOOT_ARGUMENTS_ROOM_BYTES));
  found.bootArguments.set(text.subarray(0, bytes));
  found.bootArgumentBytes = bytes;
}

/** The bytes up to the next zero. */
function textAt(place: u32): Uint8Array {
  let bytes: u32 = 0;
  while (bytesAt(place, bytes + 1)[bytes] !== 0) bytes++;
  return bytesAt(place, bytes);
}

function says(text: Uint8Array, what: string): boolean {
  if (text.length !== what.length) return false;
  for (let i = 0; i < text.length; i++) if (text[i] !== what.charCodeAt(i)) return false;
  return true;
}

function number(place: u32): u32 {
  return bigEndian(view(place, Word).value);
}

function bigEndian(value: u32): u32 {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}
