/** The built system, for commands: says on a terminal that it is being built, and reports what does not compile. */
import { BuildError, buildImage, type SystemImage } from "../system/build.ts";
import { ExitStatus, Failure } from "./failure.ts";

export async function readyImage(): Promise<SystemImage> {
  const show = process.stderr.isTTY;
  try {
    return await buildImage(() => {
      if (show) process.stderr.write("building the system ...");
    });
  } catch (error) {
    if (error instanceof BuildError)
      throw new Failure(`the system does not compile\n${error.message}`, ExitStatus.Failed);
    throw error;
  } finally {
    if (show) process.stderr.write("\r\x1b[K");
  }
}
