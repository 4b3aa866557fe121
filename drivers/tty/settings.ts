/**
 * What a terminal remembers: attributes, foreground group, window. It lives in DS, so that the driver's successor goes on as the
 * driver was told: saved at every change, loaded at the start.
 */
import { DS } from "../../lib/endpoint.ts";
import { GrantFlags, grantDirect, NO_GRANT, revoke } from "../../lib/grant.ts";
import { sendReceive } from "../../lib/ipc.ts";
import type { Message, Reply } from "../../lib/message.ts";
import { TerminalAttributes, TerminalWindow } from "../../lib/protocol/character.ts";
import { DsLoad, DsSave } from "../../lib/protocol/ds.ts";

class Settings {
  readonly attributes = new TerminalAttributes();
  readonly window = new TerminalWindow();
  /** The process group that ^C goes to; 0: none yet. */
  foreground: i32 = 0;
}

const KEY = 1;
export const settings = new Settings();

/** Takes over what a predecessor has left, if there was one. */
export function loadSettings(): void {
  const kept = new Settings();
  const grant = grantDirect(DS, address(kept), u32(sizeOf(Settings)), GrantFlags.Write);
  if (grant === NO_GRANT) return;
  const request = new DsLoad();
  request.key = KEY;
  request.grant = grant;
  request.bytes = u32(sizeOf(Settings));
  const status = sendReceive(DS, request);
  const answer = request as Message as Reply;
  if (status >= 0 && answer.status >= 0) copy(settings, kept);
  revoke(grant);
}

/** To be called after every change. */
export function saveSettings(): void {
  const grant = grantDirect(DS, address(settings), u32(sizeOf(Settings)), GrantFlags.Read);
  if (grant === NO_GRANT) return;
  const request = new DsSave();
  request.key = KEY;
  request.grant = grant;
  request.bytes = u32(sizeOf(Settings));
  sendReceive(DS, request);
  revoke(grant);
}
