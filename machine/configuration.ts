/** What a machine is made of: everything that can be chosen, and what it is otherwise. */
import { RAM_DEFAULT_BYTES, VIRTIO_SLOTS } from "./board/memory-map.ts";
import { MachineError } from "./error.ts";

export interface MachineConfiguration {
  /** A multiple of 1 MiB, at most 1 GiB. Default: 64 MiB. */
  readonly ramBytes?: number;
  /** Contents of the block device; copied. Its length is a multiple of 512. Null or absent: no disk. */
  readonly disk?: Uint8Array | null;
  /** The virtio slot that the disk is in, 0 to 7. Default: the last, as on QEMU. */
  readonly diskSlot?: number;
  /** Whether virtio transports have the legacy interface, version 1, as by QEMU's `force-legacy`. Default: no. */
  readonly legacyVirtio?: boolean;
  /** `/chosen/bootargs` of the device tree. Default: none. */
  readonly bootArguments?: string;
  /** An initial file system in RAM, of which `/chosen` tells. Default: none. */
  readonly initialDisk?: Uint8Array | null;
  /** What the real-time clock says at cycle 0, in seconds since 1970. Default: the start of 2025. */
  readonly rtcStartSeconds?: number;
  /** Whether the board has a DMA guard. Default: yes. */
  readonly dmaGuard?: boolean;
  /** What runs the code: of no consequence for what the machine does, only for how fast. Default: `DEFAULT_ENGINE`. */
  readonly engine?: Engine;
  /** After how many jumps to a place it is translated; a turn of a loop counts for several. For tests. */
  readonly translateAfter?: number;
  /** How many bytes of WebAssembly the translator makes before it drops them all and begins anew. For tests. */
  readonly mostTranslatedBytes?: number;
}

/** In lock-step both others run, and are compared all the time. */
export const ENGINES = ["interpreter", "translator", "lockstep"] as const;
export const DEFAULT_ENGINE: Engine = "translator";
export type Engine = (typeof ENGINES)[number];

const TRANSLATE_AFTER = 8000;
const MOST_TRANSLATED_BYTES = 32 << 20;
const RTC_DEFAULT_SECONDS = 1_735_689_600;

/** With the defaults in place. Throws a MachineError for what cannot be; of RAM and disk, their own parts say so. */
export function completed(configuration: MachineConfiguration): Required<MachineConfiguration> {
  const { diskSlot = VIRTIO_SLOTS - 1, rtcStartSeconds = RTC_DEFAULT_SECONDS } = configuration;
  if (!Number.isInteger(diskSlot) || diskSlot < 0 || diskSlot >= VIRTIO_SLOTS) {
    throw new MachineError(`disk in virtio slot ${diskSlot}: expected 0 to ${VIRTIO_SLOTS - 1}`);
  }
  if (!Number.isSafeInteger(rtcStartSeconds) || rtcStartSeconds < 0) {
    throw new MachineError(`clock at ${rtcStartSeconds} seconds since 1970: expected a whole number, not negative`);
  }
  return {
    ramBytes: configuration.ramBytes ?? RAM_DEFAULT_BYTES,
    disk: configuration.disk ?? null,
    diskSlot,
    legacyVirtio: configuration.legacyVirtio ?? false,
    bootArguments: configuration.bootArguments ?? "",
    initialDisk: configuration.initialDisk ?? null,
    rtcStartSeconds,
    dmaGuard: configuration.dmaGuard ?? true,
    engine: configuration.engine ?? DEFAULT_ENGINE,
    translateAfter: configuration.translateAfter ?? TRANSLATE_AFTER,
    mostTranslatedBytes: configuration.mostTranslatedBytes ?? MOST_TRANSLATED_BYTES,
  };
}
