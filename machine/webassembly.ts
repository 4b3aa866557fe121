/**
 * The little of WebAssembly's JavaScript interface that the machine uses.
 *
 * It is the same in Node and in browsers, but TypeScript declares it only together with all of the browser.
 */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export interface WasmTable {
  set(index: number, value: unknown): void;
}

/** What an instance offers by name; the names are ours, so whoever asks knows what they are. */
export type WasmExports = Readonly<Record<string, unknown>>;

interface Interface {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => WasmMemory;
  readonly Table: new (description: { readonly element: "anyfunc"; readonly initial: number }) => WasmTable;
  /** Throws where the bytes are no module. */
  readonly Module: new (
    bytes: Uint8Array,
  ) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: WasmExports };
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: Interface }).WebAssembly;
