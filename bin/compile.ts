/**
 * `renix compile`: one guest program from TypeScript to an ELF file. A developer's command; the system's own image is
 * `renix build`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import type { SourceHost } from "../compiler/compiler.ts";

interface CompileFlags {
  readonly output: string;
  readonly start?: string;
  readonly kind: "kernel" | "user";
  readonly root: string;
  readonly optimise: boolean;
}

/** The command, to be added to `renix`. */
export function compileCommand(): Command {
  return new Command("compile")
    .description("compile one guest program to an ELF file")
    .argument("<entry>", "module that exports main, relative to the root")
    .requiredOption("-o, --output <file>", "ELF file to write")
    .option("--start <module>", "module whose routine `start` comes first (default: lib/start/…, by kind)")
    .addOption(new Option("--kind <kind>", "where it runs").choices(["kernel", "user"]).default("user"))
    .option("--root <folder>", "folder that paths are relative to", ".")
    .option("--no-optimise", "leave the code as it is written")
    .action(async (entry: string, flags: CompileFlags) => {
      process.exitCode = await run(entry, flags);
    });
}

/** Returns the exit status. The compiler is loaded only now: the other commands do without. */
async function run(entry: string, { output, start, kind, root, optimise }: CompileFlags): Promise<number> {
  const { compile, formatDiagnostic } = await import("../compiler/compiler.ts");
  const executable = { name: entry, entry, start: start ?? (kind === "kernel" ? entry : "lib/start/program.ts"), kind };
  const { diagnostics, images } = compile(folderHost(root), [executable], { optimise });
  for (const diagnostic of diagnostics) console.error(formatDiagnostic(diagnostic));
  if (diagnostics.length > 0) return 1;
  try {
    writeFileSync(output, images.get(entry)!);
  } catch (error) {
    console.error(`renix compile: cannot write ${output}: ${(error as Error).message}`);
    return 1;
  }
  return 0;
}

/** Source files below a folder. */
function folderHost(root: string): SourceHost {
  return {
    read(path) {
      try {
        return readFileSync(resolve(root, path), "utf8");
      } catch {
        return null;
      }
    },
  };
}
