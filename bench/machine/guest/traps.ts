/** A thousand environment calls: into machine mode, and straight back. */
import { Call } from "./start.ts";

export function main(): i32 {
  for (let count = 0; count < 1000; count++) ecall(Call.Return);
  return 1000;
}
