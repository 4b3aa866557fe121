/** `npm run web`: builds the page into build/web and serves it on this computer, until it is interrupted. */
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { ROOT } from "../system/build.ts";
import { buildPage } from "./build.ts";
import { serve } from "./serve.ts";

await new Command("web")
  .description("Builds the page with the machine in it, and serves it.")
  .option("--port <port>", "where to serve it", port, 8080)
  .option("--build-only", "build it into build/web, for another host to serve")
  .configureOutput({ outputError: (text, write) => write(`web: ${text.replace(/^error: /, "")}`) })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(run)
  .parseAsync();

async function run(options: { port: number; buildOnly?: boolean }): Promise<void> {
  const folder = join(ROOT, "build", "web");
  await buildPage(folder);
  if (options.buildOnly) {
    process.stdout.write(`${folder}: serve it with any static host\n`);
    return;
  }
  try {
    const { address } = await serve(folder, options.port);
    process.stdout.write(`${address} (interrupt to end)\n`);
  } catch (error) {
    process.stderr.write(`web: port ${options.port}: ${(error as Error).message}\n`);
    process.exitCode = 2;
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65535) throw new InvalidArgumentError("It must be from 1 to 65535.");
  return value;
}
