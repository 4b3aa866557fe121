/** A static server on this computer, esbuild's: for looking at the page, and for tests. */
import { context } from "esbuild";

export interface Server {
  /** Such as http://127.0.0.1:8080/ */
  readonly address: string;
  stop(): Promise<void>;
}

/** Serves a folder. `port` 0 takes any free one. */
export async function serve(folder: string, port = 0): Promise<Server> {
  const server = await context({});
  const { hosts, port: taken } = await server.serve({ servedir: folder, host: "127.0.0.1", port });
  return { address: `http://${hosts[0]}:${taken}/`, stop: () => server.dispose() };
}
