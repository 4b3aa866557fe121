/**
 * Writes a flattened device tree (Devicetree Specification v0.4, chapter 5; format version 17).
 *
 * What is in the board's tree is in device-tree.ts; here are only the bytes.
 */

/** A property's value: nothing (a flag), one or more strings, or one or more 32-bit cells. */
export type PropertyValue = true | string | readonly string[] | number | readonly number[];

export interface TreeNode {
  readonly name: string;
  readonly properties: Readonly<Record<string, PropertyValue>>;
  readonly children?: readonly TreeNode[];
}

const enum Token {
  BeginNode = 1,
  EndNode = 2,
  Property = 3,
  End = 9,
}

const MAGIC = 0xd00dfeed;
const VERSION = 17;
const LAST_COMPATIBLE_VERSION = 16;
const HEADER_BYTES = 40;
/** One empty entry ends the list of reserved ranges. */
const RESERVED_BYTES = 16;

/** The blob of a tree. Big-endian, as the format demands; strings are ASCII. */
export function flatten(root: TreeNode): Uint8Array {
  const strings = new StringTable();
  const structure = new Bytes();
  writeNode(root, structure, strings);
  structure.word(Token.End);

  const stringsStart = HEADER_BYTES + RESERVED_BYTES + structure.length;
  const blob = new Bytes();
  blob.word(MAGIC);
  blob.word(stringsStart + strings.bytes.length);
  blob.word(HEADER_BYTES + RESERVED_BYTES);
  blob.word(stringsStart);
  blob.word(HEADER_BYTES);
  blob.word(VERSION);
  blob.word(LAST_COMPATIBLE_VERSION);
  blob.word(0); // the processor that boots
  blob.word(strings.bytes.length);
  blob.word(structure.length);
  for (let i = 0; i < RESERVED_BYTES / 4; i++) blob.word(0);
  blob.append(structure);
  blob.append(strings.bytes);
  return blob.toArray();
}

function writeNode(node: TreeNode, out: Bytes, strings: StringTable): void {
  out.word(Token.BeginNode);
  out.text(node.name);
  out.align();
  for (const [name, value] of Object.entries(node.properties)) {
    const contents = contentsOf(value);
    out.word(Token.Property);
    out.word(contents.length);
    out.word(strings.offsetOf(name));
    out.append(contents);
    out.align();
  }
  for (const child of node.children ?? []) writeNode(child, out, strings);
  out.word(Token.EndNode);
}

function contentsOf(value: PropertyValue): Bytes {
  const contents = new Bytes();
  if (value === true) return contents;
  for (const item of Array.isArray(value) ? value : [value]) {
    if (typeof item === "string") contents.text(item);
    else contents.word(item);
  }
  return contents;
}

class Bytes {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  word(value: number): void {
    this.#bytes.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  }

  text(value: string): void {
    for (let i = 0; i < value.length; i++) this.#bytes.push(value.charCodeAt(i) & 255);
    this.#bytes.push(0);
  }

  append(other: Bytes): void {
    for (const byte of other.#bytes) this.#bytes.push(byte);
  }

  align(): void {
    while (this.#bytes.length % 4 !== 0) this.#bytes.push(0);
  }

  toArray(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Names of properties, each kept once. */
class StringTable {
  readonly bytes = new Bytes();
  readonly #offsets = new Map<string, number>();

  offsetOf(name: string): number {
    let offset = this.#offsets.get(name);
    if (offset === undefined) {
      offset = this.bytes.length;
      this.#offsets.set(name, offset);
      this.bytes.text(name);
    }
    return offset;
  }
}
