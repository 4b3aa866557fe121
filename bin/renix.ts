#!/usr/bin/env node
/**
 * Where the `renix` command starts: in its pack if there is one of the present build (pack.ts), or else in the modules that tsc has
 * written. What the command is, says command.ts.
 */
import { loadPack } from "./pack.ts";

const { main } = loadPack() ?? (await import("./command.ts"));
await main();
