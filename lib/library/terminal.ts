/**
 * Terminals, as a program sees them: attributes, size, and who is in the foreground. Each function is one request to VFS, which asks the driver.
 */
import { TerminalAttributes, TerminalControl, TerminalWindow } from "../protocol/character.ts";
import { control } from "./file.ts";

/** Whether a descriptor is a terminal. */
export function isTerminal(descriptor: i32): boolean {
  const window = new TerminalWindow();
  return windowSize(descriptor, window) >= 0;
}

/** Errors: NotTerminal, BadDescriptor (as all here). */
export function windowSize(descriptor: i32, window: TerminalWindow): i32 {
  return control(descriptor, TerminalControl.GetWindow, address(window), u32(sizeOf(TerminalWindow)));
}

export function getAttributes(descriptor: i32, attributes: TerminalAttributes): i32 {
  return control(descriptor, TerminalControl.GetAttributes, address(attributes), u32(sizeOf(TerminalAttributes)));
}

/** Takes effect when output has drained. */
export function setAttributes(descriptor: i32, attributes: TerminalAttributes): i32 {
  return control(descriptor, TerminalControl.SetAttributes, address(attributes), u32(sizeOf(TerminalAttributes)));
}

/** Whom ^C reaches: the foreground process group. */
export function setForeground(descriptor: i32, group: i32): i32 {
  const argument = new ForegroundGroup();
  argument.group = group;
  return control(descriptor, TerminalControl.SetForeground, address(argument), u32(sizeOf(ForegroundGroup)));
}

class ForegroundGroup {
  group: i32 = 0;
}
