/**
 * What gets compiled: the kernel, the boot programs of the archive, and the programs of the disk. A file or folder under
 * programs/ is a program, a row of services.ts a service; nothing else has to be told.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { init, services } from "./services.ts";

/** An executable to be: its name (for a program, its file name in /bin) and the module that exports its `main`. */
export interface Source {
  readonly name: string;
  readonly entry: string;
}

export const KERNEL: Source = { name: "kernel", entry: "kernel/start.ts" };
export const KERNEL_START = "kernel/start.ts";
export const SERVICE_START = "lib/start/service.ts";
export const PROGRAM_START = "lib/start/program.ts";

/** The archive's services, in order. Init is a program, and in the archive too. */
export function bootServices(): Source[] {
  return services.map(({ name, source }) => ({ name, entry: source }));
}
export const INIT: Source = { name: init.name, entry: init.source };

/** Every program that goes to /bin, by name: `programs/NAME.ts` or `programs/NAME/main.ts`. */
export function programs(root: string): Source[] {
  const found: Source[] = [];
  for (const item of readdirSync(join(root, "programs"), { withFileTypes: true })) {
    if (item.isDirectory()) {
      const entry = `programs/${item.name}/main.ts`;
      // A folder without a `main` is what several programs share.
      if (item.name !== init.name && existsSync(join(root, entry))) found.push({ name: item.name, entry });
    } else if (item.name.endsWith(".ts")) {
      found.push({ name: item.name.slice(0, -3), entry: `programs/${item.name}` });
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
