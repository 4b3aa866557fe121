/**
 * The system on one page: which services there are, what each may do, and what happens when it dies.
 *
 * RS starts them from this page at boot and after every crash (system/service-table.ts makes it binary and puts it into the
 * archive). A service has exactly the rights of its row: the kernel refuses everything else. To add a service, add
 * a row; its program is the folder of the same name under servers/ or drivers/.
 */

/** A service's name, or `programs`: every process that is not a service. */
export type Peer = string;

export interface Service {
  readonly name: string;
  /** Guest module with its `main`. */
  readonly source: string;
  /** Slot in the process table, and privilege id: 3 to 62; init has the first slot of programs. */
  readonly slot: number;
  /** 0 is the most urgent queue, 15 the least. */
  readonly priority: number;
  readonly quantumMilliseconds: number;
  /** Whom it asks with SENDREC and waits for. These arrows never form a circle (spec/system/services.spec.ts). */
  readonly asks: readonly Peer[];
  /** Whom it answers, notifies or writes to asynchronously, without ever waiting. */
  readonly tells: readonly Peer[];
  /** Kernel calls beyond those that everybody has, by their names in lib/kernel-call/number.ts. */
  readonly calls: readonly string[];
  /** Devices it may map, hear the interrupt of, and let transfer: `DeviceKind`s of lib/kernel-call/device.ts. */
  readonly devices?: readonly string[];
  readonly policy: "vital" | "restart";
  /** A sign of life is asked for this often; two misses are death. 0: never. */
  readonly heartbeatMilliseconds: number;
}

/** What a service with policy `restart` gets: the first restart at once, then waits that double, then none. */
export const RESTARTS = {
  maximum: 10,
  windowMilliseconds: 60_000,
  backoffMilliseconds: 100,
  backoffMaximumMilliseconds: 5_000,
};

/** Calls that manage a process from birth to death. */
const LIFE = [
  "Create",
  "Fork",
  "Execute",
  "Clear",
  "RunControl",
  "Schedule",
  "Kill",
  "GetSignal",
  "EndSignal",
  "GetCrash",
  "VirtualCopy",
];
const SPACES = [
  "SpaceCreate",
  "SpaceMap",
  "SpaceUnmap",
  "SpaceQuery",
  "FrameZero",
  "FrameCopy",
  "GetFault",
  "EndFault",
];
const DEVICES = ["DeviceInformation", "InterruptControl", "DmaOpen", "DmaClose"];

export const services: readonly Service[] = [
  {
    name: "rs",
    source: "reincarnation/main.ts",
    slot: 3,
    priority: 1,
    quantumMilliseconds: 100,
    asks: ["vm", "ds"],
    tells: ["pm", "vfs", "mfs", "log", "memory", "tty", "disk", "programs"],
    calls: [...LIFE, "Privilege", "Abort"],
    policy: "vital",
    heartbeatMilliseconds: 0,
  },
  {
    name: "vm",
    source: "servers/vm/main.ts",
    slot: 4,
    priority: 2,
    quantumMilliseconds: 100,
    asks: [],
    tells: ["rs", "pm", "vfs", "log", "memory", "tty", "disk"],
    calls: [...SPACES, "DeviceInformation", "DmaRelease", "VirtualCopy"],
    policy: "vital",
    heartbeatMilliseconds: 0,
  },
  {
    name: "ds",
    source: "servers/ds/main.ts",
    slot: 5,
    priority: 2,
    quantumMilliseconds: 100,
    asks: [],
    tells: ["rs", "pm", "vfs", "mfs", "log", "memory", "tty", "disk"],
    calls: [],
    policy: "vital",
    heartbeatMilliseconds: 0,
  },
  {
    name: "pm",
    source: "servers/pm/main.ts",
    slot: 6,
    priority: 4,
    quantumMilliseconds: 100,
    asks: ["vfs", "vm", "ds"],
    tells: ["rs", "programs"],
    calls: [...LIFE, "SendSignal", "ReturnSignal", "Abort"],
    policy: "vital",
    heartbeatMilliseconds: 0,
  },
  {
    name: "vfs",
    source: "servers/vfs/main.ts",
    slot: 7,
    priority: 5,
    quantumMilliseconds: 100,
    asks: ["mfs", "vm", "ds"],
    tells: ["rs", "pm", "log", "memory", "tty", "programs"],
    calls: ["VirtualCopy", "Kill"],
    policy: "vital",
    heartbeatMilliseconds: 0,
  },
  {
    name: "mfs",
    source: "servers/mfs/main.ts",
    slot: 8,
    priority: 5,
    quantumMilliseconds: 100,
    asks: ["disk", "memory", "ds"],
    tells: ["rs", "vfs"],
    calls: [],
    policy: "vital",
    heartbeatMilliseconds: 0,
  },
  {
    name: "log",
    source: "drivers/log/main.ts",
    slot: 9,
    priority: 3,
    quantumMilliseconds: 50,
    asks: ["ds", "vm"],
    tells: ["rs", "vfs"],
    calls: [],
    policy: "restart",
    heartbeatMilliseconds: 100,
  },
  {
    name: "memory",
    source: "drivers/memory/main.ts",
    slot: 10,
    priority: 3,
    quantumMilliseconds: 50,
    asks: ["ds", "vm"],
    tells: ["rs", "vfs", "mfs"],
    calls: [],
    policy: "restart",
    heartbeatMilliseconds: 100,
  },
  {
    name: "tty",
    source: "drivers/tty/main.ts",
    slot: 11,
    priority: 3,
    quantumMilliseconds: 50,
    asks: ["ds", "vm"],
    tells: ["rs", "vfs", "pm"],
    calls: [...DEVICES],
    devices: ["Uart"],
    policy: "restart",
    heartbeatMilliseconds: 100,
  },
  {
    name: "disk",
    source: "drivers/disk/main.ts",
    slot: 12,
    priority: 3,
    quantumMilliseconds: 50,
    asks: ["ds", "vm"],
    tells: ["rs", "mfs"],
    calls: [...DEVICES],
    devices: ["VirtioBlock"],
    policy: "restart",
    heartbeatMilliseconds: 100,
  },
];

/** The first program. RS starts it last; PM is its manager, and it has the rights of every program. */
export const init = { name: "init", source: "programs/init/main.ts", slot: 64, priority: 7, quantumMilliseconds: 200 };
