/** What programs ask of a terminal beside reading and writing: `TerminalControl`. Each change is saved for the driver's successor. */
import { safeCopyFrom, safeCopyTo } from "../../lib/kernel-call/service.ts";
import { type CharacterControl, LocalFlags, TerminalControl } from "../../lib/protocol/character.ts";
import { Status } from "../../lib/status.ts";
import { modeChanged } from "./input.ts";
import { saveSettings, settings } from "./settings.ts";

const foreground = new Int32Array(1);

export function control(request: CharacterControl): i32 {
  switch (request.request as TerminalControl) {
    case TerminalControl.GetAttributes:
      return answer(request, bytesOf(settings.attributes));
    case TerminalControl.SetAttributes:
      return setAttributes(request);
    case TerminalControl.GetWindow:
      return answer(request, bytesOf(settings.window));
    case TerminalControl.SetWindow:
      return change(request, bytesOf(settings.window));
    case TerminalControl.GetForeground:
      foreground[0] = settings.foreground;
      return answer(request, bytesOf(foreground));
    case TerminalControl.SetForeground:
      return setForeground(request);
    default:
      return Status.Invalid;
  }
}

function answer(request: CharacterControl, bytes: Uint8Array): i32 {
  if (request.bytes < u32(bytes.length)) return Status.Invalid;
  return safeCopyTo(request.source, request.grant, 0, address(bytes), u32(bytes.length));
}

function setAttributes(request: CharacterControl): i32 {
  const before = settings.attributes.local;
  const status = change(request, bytesOf(settings.attributes));
  if (((before ^ settings.attributes.local) & LocalFlags.Canonical) !== 0) modeChanged();
  return status;
}

function setForeground(request: CharacterControl): i32 {
  const status = fetch(request, bytesOf(foreground));
  if (status !== Status.Ok) return status;
  settings.foreground = foreground[0];
  saveSettings();
  return Status.Ok;
}

function change(request: CharacterControl, bytes: Uint8Array): i32 {
  const status = fetch(request, bytes);
  if (status === Status.Ok) saveSettings();
  return status;
}

/** The caller's argument, or why there is none. */
function fetch(request: CharacterControl, bytes: Uint8Array): i32 {
  if (request.bytes < u32(bytes.length)) return Status.Invalid;
  return safeCopyFrom(request.source, request.grant, 0, address(bytes), u32(bytes.length));
}
