/**
 * A program that asks VFS for everything it may ask for, and for much that makes no sense: memory that is not there or not its own,
 * descriptors that are not open, paths of every bad kind. VFS owes each an answer, and itself a long life.
 */
import { VFS } from "../../../../lib/endpoint.ts";
import { call } from "../../../../lib/library/call.ts";
import {
  changeDirectory,
  makeDirectory,
  removeDirectory,
  workingDirectory,
} from "../../../../lib/library/directory.ts";
import {
  close,
  duplicate,
  duplicateTo,
  link,
  makePipe,
  open,
  Pipe,
  Position,
  read,
  rename,
  seek,
  setCreationMask,
  stat,
  statDescriptor,
  syncDescriptor,
  truncate,
  unlink,
  write,
} from "../../../../lib/library/file.ts";
import { ignore } from "../../../../lib/library/signals.ts";
import {
  FileStatus,
  Mode,
  OPEN_MAXIMUM,
  OpenFlags,
  VfsControl,
  VfsDuplicateTo,
  VfsPmExec,
  VfsPmExit,
  VfsPmReboot,
  VfsRename,
  VfsSeek,
  Whence,
} from "../../../../lib/protocol/vfs.ts";
import { Signal } from "../../../../lib/signal.ts";
import { Status } from "../../../../lib/status.ts";
import { check, checkTrue, findingsSoFar } from "./check.ts";
import { executeWith, getDirectoryTo, getEntriesTo, openAt, readTo, statTo, writeFrom } from "./raw-requests.ts";

const KERNEL_MEMORY: vaddr = 0x8000_0000;
const NOWHERE: vaddr = 0x5000_0000;
const buffer = new Uint8Array(8192);

export function main(_args: readonly string[]): i32 {
  makeDirectory("/tmp/demands");
  changeDirectory("/tmp/demands");
  badDescriptors();
  badMemory();
  badPaths();
  badCalls();
  badExec();
  descriptorsRunOut();
  positions();
  appending();
  modes();
  pipes();
  names();
  changeDirectory("/");
  check("rmdir", removeDirectory("/tmp/demands"), Status.Ok);
  return findingsSoFar();
}

function badDescriptors(): void {
  const status = new FileStatus();
  for (const descriptor of descriptors) {
    check("read", read(descriptor, buffer), Status.BadDescriptor);
    check("write", write(descriptor, buffer), Status.BadDescriptor);
    check("close", close(descriptor), Status.BadDescriptor);
    check("fstat", statDescriptor(descriptor, status), Status.BadDescriptor);
    check("dup", duplicate(descriptor), Status.BadDescriptor);
    check("dup2", duplicateTo(descriptor, 5), Status.BadDescriptor);
    check("fsync", syncDescriptor(descriptor), Status.BadDescriptor);
    check("lseek", seek(descriptor, 0n, Whence.Set, new Position()), Status.BadDescriptor);
  }
  const request = new VfsDuplicateTo();
  request.descriptor = 1;
  request.request = OPEN_MAXIMUM;
  check("dup2 to 32", call(VFS, request), Status.BadDescriptor);
}
const descriptors: readonly i32[] = [-1, 9, 31, 32, 1000, -2147483648, 2147483647];

function badMemory(): void {
  const file = open("file", OpenFlags.Create | OpenFlags.ReadWrite);
  check("write", write(file, buffer.subarray(0, 100)), 100);
  for (const place of places) {
    seek(file, 0n, Whence.Set, new Position());
    check("read", readTo(file, place, 100), Status.Fault);
    check("write", writeFrom(file, place, 100), Status.Fault);
    check("open", openAt(place, 10), Status.Fault);
    check("stat", statTo(place), Status.Fault);
    check("getcwd", getDirectoryTo(place), Status.Fault);
  }
  // Read-only memory of its own: a string among the constants, the code.
  seek(file, 0n, Whence.Set, new Position());
  check("read into constants", readTo(file, address("constant"), 8), Status.Fault);
  check("read into code", readTo(file, address(badMemory), 8), Status.Fault);
  check("a count of 2^31", readTo(file, address(buffer), 0x8000_0000), Status.Invalid);
  check("a count of 2^32-1", writeFrom(file, address(buffer), 0xffff_ffff), Status.Invalid);
  check("unlink", unlink("file"), Status.Ok);
  check("close", close(file), Status.Ok);

  const pipe = new Pipe();
  makePipe(pipe);
  check("write to pipe", writeFrom(pipe.writeEnd, NOWHERE, 100), Status.Fault);
  check("write", write(pipe.writeEnd, buffer.subarray(0, 10)), 10);
  check("read from pipe", readTo(pipe.readEnd, KERNEL_MEMORY, 100), Status.Fault);
  check("read", read(pipe.readEnd, buffer), 10);
  close(pipe.readEnd);
  close(pipe.writeEnd);

  const zero = open("/dev/zero", OpenFlags.ReadWrite);
  checkTrue("read /dev/zero", readTo(zero, NOWHERE, 100) < 0);
  check("read", read(zero, buffer), buffer.length);
  close(zero);
  const entries = open("/", OpenFlags.ReadOnly | OpenFlags.Directory);
  check("getdents", getEntriesTo(entries, NOWHERE, 1000), Status.Fault);
  check("getdents into little", getEntriesTo(entries, address(buffer), 10), Status.Invalid);
  close(entries);
}
const places: readonly vaddr[] = [0, 4096, 0x5000_0000, 0x8000_0000, 0x8010_0000, 0xffff_fffc];

function badPaths(): void {
  check("an empty path", open("", OpenFlags.ReadOnly), Status.NoEntry);
  check("a path of one MiB", openAt(address(buffer), 0x10_0000), Status.NameTooLong);
  buffer.fill(0x61);
  check("a path of 1024 bytes", openAt(address(buffer), 1024), Status.NameTooLong);
  check("a name of 1023 bytes", openAt(address(buffer), 1023), Status.NameTooLong);
  check("a name of 60 bytes", openAt(address(buffer), 60), Status.NoEntry);
  buffer[3] = 0;
  check("a zero in a path", openAt(address(buffer), 10), Status.Invalid);
  buffer.fill(0x2f);
  const root = openAt(address(buffer), 1000);
  checkTrue("a thousand slashes", root >= 0);
  close(root);
  check("a file as a directory", open("/bin/ls/", OpenFlags.ReadOnly), Status.NotDirectory);
  check("through a file", open("/bin/ls/x", OpenFlags.ReadOnly), Status.NotDirectory);
  check("writing a directory", open("/bin", OpenFlags.WriteOnly), Status.IsDirectory);
  check("making one with a slash", open("new/", OpenFlags.Create | OpenFlags.WriteOnly), Status.IsDirectory);
  check("access mode 3", open("/bin/ls", 3), Status.Invalid);
  check("exclusive", open("/bin/ls", OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.WriteOnly), Status.Exists);
}

/** Calls that are not a program's, and such as are nobody's. */
function badCalls(): void {
  check("exit of another", call(VFS, new VfsPmExit()), Status.NoSuchCall);
  check("reboot", call(VFS, new VfsPmReboot()), Status.NoSuchCall);
  check("exec past PM", call(VFS, new VfsPmExec()), Status.NoSuchCall);
  const control = new VfsControl();
  control.descriptor = open("/bin/ls", OpenFlags.ReadOnly);
  control.request = 1;
  check("ioctl of a file", call(VFS, control), Status.NotTerminal);
  close(3);
}

/** PM passes on what it is given; VFS has to look. */
function badExec(): void {
  check("no such program", executeWith("/bin/nonesuch", address(goodFrame), 8), Status.NoEntry);
  check("a directory", executeWith("/bin", address(goodFrame), 8), Status.AccessDenied);
  check("no program", executeWith("/etc/rc", address(goodFrame), 8), Status.AccessDenied);
  check("a frame of nowhere", executeWith("/bin/true", NOWHERE, 8), Status.Fault);
  check("a frame too long", executeWith("/bin/true", address(goodFrame), 0x1_0000), Status.ArgumentsTooLong);
  check("no frame", executeWith("/bin/true", address(goodFrame), 0), Status.Invalid);
  check("more arguments than words", executeWith("/bin/true", address(greedyFrame), 16), Status.Invalid);
  check("an argument outside", executeWith("/bin/true", address(wildFrame), 16), Status.Invalid);
  check("lists without an end", executeWith("/bin/true", address(endlessFrame), 16), Status.Invalid);

  const file = open("script", OpenFlags.Create | OpenFlags.WriteOnly, 0o777);
  check("exec of nothing", executeWith("script", address(goodFrame), 12), Status.NotExecutable);
  buffer.fill(0x7f);
  write(file, buffer.subarray(0, 4096));
  check("exec of noise", executeWith("script", address(goodFrame), 12), Status.NotExecutable);
  close(file);
  damagedPrograms();
  check("unlink", unlink("script"), Status.Ok);
}
const goodFrame: u32[] = [0, 0, 0];
const greedyFrame: u32[] = [1000, 0, 0, 0];
const wildFrame: u32[] = [1, 5000, 0, 0];
const endlessFrame: u32[] = [1, 8, 8, 8];

/** A real program with one word of its headers changed. */
function damagedPrograms(): void {
  const source = open("/bin/true", OpenFlags.ReadOnly);
  const bytes = read(source, buffer);
  close(source);
  const words = wordsAt(address(buffer), u32(bytes) / 4);
  for (let word = 0; word < 20; word++) {
    const good = words[word];
    words[word] = 0x7fff_fff0;
    const file = open("script", OpenFlags.Create | OpenFlags.Truncate | OpenFlags.WriteOnly, 0o777);
    check("write", write(file, buffer.subarray(0, bytes)), bytes);
    close(file);
    if (!isHarmless(word))
      check("exec of a damaged program", executeWith("script", address(goodFrame), 12), Status.NotExecutable);
    words[word] = good;
  }
  const cut = open("script", OpenFlags.Create | OpenFlags.Truncate | OpenFlags.WriteOnly, 0o777);
  write(cut, buffer.subarray(0, 200));
  close(cut);
  check("exec of half a program", executeWith("script", address(goodFrame), 12), Status.NotExecutable);
}

/** Words that loading does not look at: identification, version, entry, sections, physical address, alignment. */
function isHarmless(word: i32): boolean {
  return (
    word === 2 || word === 3 || word === 5 || word === 6 || word === 8 || word === 11 || word === 12 || word === 16
  );
}

function descriptorsRunOut(): void {
  let count = 0;
  let last = 0;
  for (;;) {
    last = open("/bin/ls", OpenFlags.ReadOnly);
    if (last < 0) break;
    count++;
  }
  check("the last open", last, Status.TooManyFiles);
  check("how many", count, OPEN_MAXIMUM - 3);
  const pipe = new Pipe();
  check("pipe", makePipe(pipe), Status.TooManyFiles);
  check("dup", duplicate(0), Status.TooManyFiles);
  close(31);
  check("pipe with one descriptor left", makePipe(pipe), Status.TooManyFiles);
  check("dup", duplicate(0), 31);
  for (let descriptor = 3; descriptor < OPEN_MAXIMUM; descriptor++) check("close", close(descriptor), Status.Ok);
}

function positions(): void {
  const position = new Position();
  const file = open("file", OpenFlags.Create | OpenFlags.ReadWrite);
  for (let index = 0; index < 1000; index++) buffer[index] = u8(index & 0xff);
  check("write", write(file, buffer.subarray(0, 1000)), 1000);
  check("to the middle", seek(file, 500n, Whence.Set, position), Status.Ok);
  check("read", read(file, buffer.subarray(0, 10)), 10);
  check("byte 500", buffer[0], 500 & 0xff);
  check("forward", seek(file, 10n, Whence.Current, position), Status.Ok);
  checkTrue("520", position.bytes === 520n);
  check("backward", seek(file, 0xffff_ffff_ffff_fff6n, Whence.Current, position), Status.Ok);
  checkTrue("510", position.bytes === 510n);
  check("before the end", seek(file, 0xffff_ffff_ffff_ffffn, Whence.End, position), Status.Ok);
  checkTrue("999", position.bytes === 999n);
  check("before the beginning", seek(file, 0xffff_ffff_ffff_fc00n, Whence.Set, position), Status.Invalid);
  check("read the last", read(file, buffer.subarray(0, 10)), 1);
  check("read the end", read(file, buffer.subarray(0, 10)), 0);
  check("far", seek(file, 0x10_0000_0000n, Whence.Set, position), Status.Ok);
  check("read far", read(file, buffer.subarray(0, 10)), 0);
  check("write far", write(file, buffer.subarray(0, 10)), Status.FileTooLarge);
  const request = new VfsSeek();
  request.descriptor = file;
  request.whence = 7 as Whence;
  check("a strange whence", call(VFS, request), Status.Invalid);
  check("truncate", truncate("file", 300), Status.Ok);
  check("to the end", seek(file, 0n, Whence.End, position), Status.Ok);
  checkTrue("300", position.bytes === 300n);
  close(file);
  check("unlink", unlink("file"), Status.Ok);
}

/** Two descriptors, one open file: one position. Two open files that append: no byte lost. */
function appending(): void {
  const first = open("file", OpenFlags.Create | OpenFlags.WriteOnly | OpenFlags.Append);
  const second = open("file", OpenFlags.WriteOnly | OpenFlags.Append);
  const third = duplicate(first);
  for (let turn = 0; turn < 10; turn++) {
    write(first, "one ".bytes);
    write(second, "two ".bytes);
    write(third, "three ".bytes);
  }
  const status = new FileStatus();
  stat("file", status);
  checkTrue("140 bytes", status.bytes === 140n);
  close(first);
  close(second);
  check("write through the duplicate", write(third, "x".bytes), 1);
  close(third);
  unlink("file");
}

function modes(): void {
  const old = setCreationMask(0o027);
  close(open("file", OpenFlags.Create | OpenFlags.WriteOnly, 0o666));
  const status = new FileStatus();
  stat("file", status);
  check("mode", i32(status.mode), Mode.Regular | 0o640);
  check("mask", setCreationMask(u32(old)), 0o027);
  unlink("file");
}

function pipes(): void {
  ignore(Signal.Pipe);
  const pipe = new Pipe();
  check("pipe", makePipe(pipe), Status.Ok);
  check("lseek", seek(pipe.readEnd, 0n, Whence.Set, new Position()), Status.IllegalSeek);
  check("read the write end", read(pipe.writeEnd, buffer), Status.BadDescriptor);
  check("write the read end", write(pipe.readEnd, buffer), Status.BadDescriptor);
  check("fill", write(pipe.writeEnd, buffer), buffer.length);
  check("drain", read(pipe.readEnd, buffer), buffer.length);
  check("write", write(pipe.writeEnd, "last".bytes), 4);
  close(pipe.writeEnd);
  check("read", read(pipe.readEnd, buffer), 4);
  check("read at the end", read(pipe.readEnd, buffer), 0);
  close(pipe.readEnd);
  makePipe(pipe);
  close(pipe.readEnd);
  check("write for nobody", write(pipe.writeEnd, buffer), Status.BrokenPipe);
  close(pipe.writeEnd);
}

function names(): void {
  check("mkdir", makeDirectory("a"), Status.Ok);
  check("mkdir", makeDirectory("a/b/"), Status.Ok);
  check("mkdir again", makeDirectory("a/b"), Status.Exists);
  check("mkdir /", makeDirectory("/"), Status.Exists);
  check("mkdir .", makeDirectory("a/."), Status.Exists);
  check("chdir", changeDirectory("a/b"), Status.Ok);
  checkTrue("getcwd", workingDirectory() === "/tmp/demands/a/b");
  check("into itself", rename("../../a", "c"), Status.Invalid);
  check("link of a directory", link("../../a", "c"), Status.NotPermitted);
  check("across", rename("../../a", "/dev/null/x"), Status.NotDirectory);
  check("rmdir of the directory I am in", removeDirectory("../b"), Status.Ok);
  check("a file in a removed directory", open("x", OpenFlags.Create | OpenFlags.WriteOnly), Status.NoEntry);
  check("getcwd in a removed directory", getDirectoryTo(address(buffer)), Status.NoEntry);
  check("chdir", changeDirectory("/tmp/demands"), Status.Ok);
  check("rmdir", removeDirectory("a/"), Status.Ok);
  check("rmdir of .", removeDirectory("."), Status.Invalid);
  check("rmdir of a file", removeDirectory("/bin/ls"), Status.NotDirectory);
  check("unlink of a directory", unlink("/bin"), Status.IsDirectory);
  const request = new VfsRename();
  request.path = address("/bin/ls".bytes);
  request.pathBytes = 7;
  request.second = NOWHERE;
  request.secondBytes = 7;
  check("rename to nowhere", call(VFS, request), Status.Fault);
}
