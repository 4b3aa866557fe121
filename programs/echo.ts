/** echo: prints its arguments. */
import { listOf } from "../lib/library/list.ts";
import { echo } from "./common/echo.ts";

export function main(args: readonly string[]): i32 {
  return echo(listOf(args));
}
