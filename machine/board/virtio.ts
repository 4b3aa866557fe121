/**
 * Virtio over memory-mapped registers, and its block device: offsets from a slot's base (Virtio 1.1, sections 2.6,
 * 4.2.2 and 5.2).
 */
export const enum Virtio {
  Magic = 0x000,
  Version = 0x004,
  DeviceId = 0x008,
  VendorId = 0x00c,
  DeviceFeatures = 0x010,
  DeviceFeaturesSelect = 0x014,
  DriverFeatures = 0x020,
  DriverFeaturesSelect = 0x024,
  QueueSelect = 0x030,
  QueueSizeMaximum = 0x034,
  QueueSize = 0x038,
  QueueReady = 0x044,
  QueueNotify = 0x050,
  InterruptStatus = 0x060,
  InterruptAcknowledge = 0x064,
  Status = 0x070,
  QueueDescriptorsLow = 0x080,
  QueueDescriptorsHigh = 0x084,
  QueueAvailableLow = 0x090,
  QueueAvailableHigh = 0x094,
  QueueUsedLow = 0x0a0,
  QueueUsedHigh = 0x0a4,
  ConfigGeneration = 0x0fc,
  /** Start of the device's own configuration space. For a block device: its capacity in sectors, 64 bits. */
  Config = 0x100,
}

/** What the legacy interface has instead of the queue's registers from `QueueReady` on (section 4.2.4). */
export const enum LegacyVirtio {
  /** Unit of `QueuePage`, in bytes. */
  GuestPageSize = 0x028,
  /** The used ring begins at a multiple of this many bytes. */
  QueueAlign = 0x03c,
  /** Number of the page where the whole queue begins; 0 takes it back. */
  QueuePage = 0x040,
}

export const VIRTIO_MAGIC = 0x7472_6976;
export const VIRTIO_VERSION = 2;
export const VIRTIO_LEGACY_VERSION = 1;

export const enum VirtioDevice {
  None = 0,
  Network = 1,
  Block = 2,
}

export const enum VirtioStatus {
  Acknowledge = 1,
  Driver = 2,
  DriverOk = 4,
  FeaturesOk = 8,
  NeedsReset = 64,
  Failed = 128,
}

/** Feature bit 32: the device follows version 1 of the standard. */
export const VIRTIO_FEATURE_VERSION_1 = 32;

/** Feature bit 9 of a block device: it may keep written data in a cache until a Flush. */
export const VIRTIO_BLOCK_FEATURE_FLUSH = 9;

export const enum DescriptorFlags {
  Next = 1,
  DeviceWrites = 2,
  Indirect = 4,
}

export const enum BlockRequest {
  Read = 0,
  Write = 1,
  Flush = 4,
}

export const enum BlockStatus {
  Ok = 0,
  Error = 1,
  Unsupported = 2,
}

export const SECTOR_BYTES = 512;
export const VIRTIO_QUEUE_MAXIMUM = 1024;
