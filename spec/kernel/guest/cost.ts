/** What asker.ts asks, and in the end tells. */
import { Message } from "../../../lib/message.ts";

export const ROUNDS = 1000;

export class Cost extends Message {
  override readonly type = 0x950;
  isResult: u32 = 0;
  instructions: u32 = 0;
  cycles: u32 = 0;
}
