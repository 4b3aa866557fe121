/**
 * The disk driver: a virtio block device (Virtio 1.1, section 5.2), one request at a time, one interrupt per request.
 *
 * It remembers nothing between requests, so killing it loses nothing: RS starts another, which resets the device, and the
 * file server asks again. Data goes straight between the device and the memory that the client has granted. Begin at `begin`.
 */
import { type BlockDriver, runBlockDriver, UNDER_WAY } from "../../lib/driver/block.ts";
import { DmaDirection, DmaRequest, dmaClose, dmaOpen, interruptControl } from "../../lib/kernel-call/device.ts";
import { log } from "../../lib/log.ts";
import { BlockCall, type BlockRead, type BlockReply, type BlockRequest } from "../../lib/protocol/block.ts";
import { Status } from "../../lib/status.ts";
import { BlockStatus, DescriptorFlags, BlockRequest as Operation, SECTOR_BYTES } from "../../machine/board/virtio.ts";
import { acknowledge, capacitySectors, hasCache, notifyDevice, startDevice } from "./device.ts";
import { busAddressOf, describe, isSettled, Part, publishChain, QUEUE_SIZE, shared } from "./queue.ts";

const DEVICE = 0;
const TIMEOUT_MILLISECONDS = 50;
/** How often a request that the device does not answer is given to it again. */
const ATTEMPTS = 5;
const PIECES_MAXIMUM = QUEUE_SIZE - 2;
/** What the status byte is before the device writes it. */
const NO_STATUS = 0xff;

/** Pieces of the client's memory that are open for the device. */
const handles = new Int32Array(PIECES_MAXIMUM);
let pieces = 0;
let bytesUnderWay: u32 = 0;
let isUnderWay = false;
let attempts = 0;
let isPresent = false;

const driver: BlockDriver = {
  begin,
  interrupted,
  expired,
  describe: describeDisk,
  timeoutMilliseconds: TIMEOUT_MILLISECONDS,
};

export function main(): never {
  isPresent = startDevice();
  interruptControl(DEVICE, true);
  runBlockDriver(driver);
}

/** Checks a request and gives it to the device. */
function begin(request: BlockRequest): i32 {
  if (!isPresent || request.minor !== 0) return Status.NoDevice;
  attempts = 0;
  if (request.type === BlockCall.Flush) return hasCache ? start(Operation.Flush, 0n, 0) : Status.Ok;
  const transfer = request as BlockRead;
  const { position, bytes } = transfer;
  const sectorMask = SECTOR_BYTES - 1;
  if ((u32(position) & sectorMask) !== 0 || (bytes & sectorMask) !== 0 || bytes === 0) return Status.Invalid;
  const first = position / 512n;
  if (first + u64(bytes / SECTOR_BYTES) > capacitySectors()) return Status.Invalid;
  const isRead = request.type === BlockCall.Read;
  const status = openPieces(transfer, isRead);
  return status === Status.Ok ? start(isRead ? Operation.Read : Operation.Write, first, bytes) : status;
}

/** Opens the client's memory for the device, page by page, and describes the pieces behind the header. */
function openPieces(request: BlockRead, isRead: boolean): i32 {
  const piece = new DmaRequest();
  piece.granter = request.source;
  piece.grant = request.grant;
  piece.direction = isRead ? DmaDirection.ToMemory : DmaDirection.FromMemory;
  piece.device = DEVICE;
  const flags = isRead ? DescriptorFlags.Next | DescriptorFlags.DeviceWrites : DescriptorFlags.Next;
  for (let done: u32 = 0; done < request.bytes; done += piece.contiguousBytes) {
    if (pieces === PIECES_MAXIMUM) return abandon(Status.Invalid);
    piece.offset = done;
    piece.bytes = request.bytes - done;
    const handle = dmaOpen(piece);
    if (handle < 0) return abandon(handle);
    handles[pieces] = handle;
    pieces++;
    describe(pieces, piece.bus, piece.contiguousBytes, flags);
  }
  return Status.Ok;
}

function start(operation: Operation, sector: u64, bytes: u32): i32 {
  shared.header.type = operation;
  shared.header.sector = sector;
  bytesUnderWay = bytes;
  describe(0, busAddressOf(Part.Header), 16, DescriptorFlags.Next);
  describe(pieces + 1, busAddressOf(Part.Status), 1, DescriptorFlags.DeviceWrites);
  isUnderWay = true;
  submit();
  return UNDER_WAY;
}

function submit(): void {
  shared.status = NO_STATUS;
  publishChain();
  notifyDevice();
}

/** The device may have finished; or the interrupt is spurious. */
function interrupted(): i32 {
  acknowledge();
  interruptControl(DEVICE, true);
  return isUnderWay && isSettled() ? finish() : UNDER_WAY;
}

/** No interrupt came: it was lost, or the device has stopped. */
function expired(): i32 {
  if (isSettled()) {
    log`an interrupt was lost`;
    return interrupted();
  }
  attempts++;
  if (attempts === ATTEMPTS) return abandon(Status.InputOutput);
  log`no answer in ${TIMEOUT_MILLISECONDS} ms: reset, attempt ${attempts + 1}`;
  isPresent = startDevice();
  if (!isPresent) return abandon(Status.InputOutput);
  interruptControl(DEVICE, true);
  submit(); // the same chain: its descriptors are still as they were
  return UNDER_WAY;
}

function finish(): i32 {
  const status = shared.status & 0xff;
  const bytes = bytesUnderWay;
  abandon(Status.Ok);
  if (status === BlockStatus.Ok) return i32(bytes);
  return status === BlockStatus.Unsupported ? Status.NoSuchCall : Status.InputOutput;
}

/** Takes the client's memory back from the device. */
function abandon(status: i32): i32 {
  for (let index = 0; index < pieces; index++) dmaClose(handles[index]);
  pieces = 0;
  isUnderWay = false;
  return status;
}

function describeDisk(minor: u32, answer: BlockReply): Status {
  if (!isPresent || minor !== 0) return Status.NoDevice;
  answer.capacityBytes = capacitySectors() * 512n;
  answer.sectorBytes = SECTOR_BYTES;
  return Status.Ok;
}
