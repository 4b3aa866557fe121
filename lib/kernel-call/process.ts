/** Kernel calls of those who manage processes, PM and RS: their life, their rights, signals, and copies between any two. */
import type { Endpoint } from "../endpoint.ts";
import { KERNEL_CALL } from "../ipc.ts";
import type { Signal } from "../signal.ts";
import type { Status } from "../status.ts";
import { KernelCall } from "./number.ts";

/** What `createProcess` and `forkProcess` answer through. */
export class NewProcess {
  endpoint: Endpoint = 0;
  pid: i32 = 0;
}

/** Makes a process in a vacant slot, stopped, with no rights and no address space. Errors: Busy. */
export function createProcess(slot: i32, name: vaddr, result: NewProcess): Status {
  return ecall(KERNEL_CALL + KernelCall.Create, slot, name, result);
}

/** Makes a stopped copy of `parent`'s registers in a vacant program slot, with the same rights. Errors: NoMemory when no slot is vacant. */
export function forkProcess(parent: Endpoint, result: NewProcess): Status {
  return ecall(KERNEL_CALL + KernelCall.Fork, parent, result);
}

/** New registers for a process: pc, sp, everything else zero; forgets what it was waiting for; takes the name (NAME_BYTES); lets it run. */
export function executeProcess(who: Endpoint, pc: vaddr, sp: vaddr, name: vaddr): Status {
  return ecall(KERNEL_CALL + KernelCall.Execute, who, pc, sp, name);
}

/** Ends a process' life: peers that wait for it get DeadEndpoint, the slot falls vacant, its address space must be VM's to free. */
export function clearProcess(who: Endpoint): Status {
  return ecall(KERNEL_CALL + KernelCall.Clear, who);
}

/** Stops a process (it keeps what it waits for), or lets it run. */
export function runControl(who: Endpoint, stop: boolean): Status {
  return ecall(KERNEL_CALL + KernelCall.RunControl, who, stop ? 1 : 0);
}

/** 0 to 15, and the quantum in milliseconds. */
export function schedule(who: Endpoint, priority: u32, quantumMilliseconds: u32): Status {
  return ecall(KERNEL_CALL + KernelCall.Schedule, who, priority, quantumMilliseconds);
}

/** A service's rights, as RS gives them to the kernel. */
export class Rights {
  /** Bit n: may send to the service in slot n; bit USER: to programs. */
  readonly sendTo = new Uint32Array(2);
  /** Bit n: may use `KernelCall` n. */
  readonly calls = new Uint32Array(2);
  /** `DeviceKind`s it may map and hear; 0 where there is none. */
  readonly devices = new Uint8Array(4);
  /** Who hears of its signals and its death. */
  manager: Endpoint = 0;
  priority: u32 = 0;
  quantumMilliseconds: u32 = 0;
  /** A program: shares the rights of USER, and its manager is PM. Nothing above counts but the priority. */
  program: boolean = false;
}

export function setRights(who: Endpoint, rights: Rights): Status {
  return ecall(KERNEL_CALL + KernelCall.Privilege, who, rights);
}

/** Posts a signal to a process: its manager is notified, and fetches it with `getSignal`. For a service, Kill freezes it at once. */
export function killProcess(who: Endpoint, signal: Signal): Status {
  return ecall(KERNEL_CALL + KernelCall.Kill, who, signal);
}

export class PendingSignals {
  endpoint: Endpoint = 0;
  /** Bit `1 << signal` each. */
  signals: u32 = 0;
}

/** The next process that has signals for the caller to see to; Nothing when there is none. */
export function getSignal(result: PendingSignals): Status {
  return ecall(KERNEL_CALL + KernelCall.GetSignal, result);
}

/** The caller has seen to what `getSignal` gave it: the process runs on, unless more has come. */
export function endSignal(who: Endpoint): Status {
  return ecall(KERNEL_CALL + KernelCall.EndSignal, who);
}

/**
 * Makes a process run `handler(signal)` on its own stack, and `trampoline` after it. If it waits in SENDREC: a request that nobody has
 * taken yet is taken back, and the call begins anew after the handler; for one that awaits its answer, the call ends with Interrupted
 * (PM has cancelled what it can; who answers later finds nobody waiting). Errors: Fault when the stack is not there.
 */
export function sendSignal(who: Endpoint, signal: Signal, handler: vaddr, trampoline: vaddr): Status {
  return ecall(KERNEL_CALL + KernelCall.SendSignal, who, signal, handler, trampoline);
}

/** Restores what `sendSignal` saved on the stack of a process. */
export function returnSignal(who: Endpoint): Status {
  return ecall(KERNEL_CALL + KernelCall.ReturnSignal, who);
}

/** Copies between any two processes, dead ones included. Errors: DeadEndpoint; Fault when the address is not the process' own. */
export function virtualCopy(from: Endpoint, fromAddress: vaddr, to: Endpoint, toAddress: vaddr, bytes: u32): Status {
  return ecall(KERNEL_CALL + KernelCall.VirtualCopy, from, fromAddress, to, toAddress, bytes);
}
