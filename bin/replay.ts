/** `renix replay`: plays a recording at full speed and says whether the machine did the same again. */
import type { Engine } from "../machine/machine.ts";
import { replay, type Verdict } from "../replay/player.ts";
import { parseRecording, type Recording, RecordingError } from "../replay/recording.ts";
import { ExitStatus, Failure } from "./failure.ts";
import { readBytes, readText } from "./files.ts";
import { readyImage } from "./image.ts";
import { Progress } from "./progress.ts";

export async function replayFile(path: string, options: { json?: boolean; engine: Engine }): Promise<void> {
  try {
    const recording = parseRecording(readText(path), path);
    const image = { ...(await readyImage()), ...diskOf(recording) };
    const progress = new Progress(recording.lines.at(-1)!.at);
    const verdict = replay(recording, image, { progress: (cycle) => progress.show(cycle), engine: options.engine });
    progress.clear();
    report(verdict, options.json ?? false);
    process.exitCode = verdict.identical ? ExitStatus.Ok : ExitStatus.Differs;
  } catch (error) {
    if (error instanceof RecordingError)
      throw new Failure(error.message.startsWith(path) ? error.message : `${path}: ${error.message}`);
    throw error;
  }
}

/** The user's disk file, where the recording was made with one. */
function diskOf({ header }: Recording): { disk?: Uint8Array } {
  return header.diskFile === undefined ? {} : { disk: readBytes(header.diskFile) };
}

function report(verdict: Verdict, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
  } else if (verdict.difference) {
    const { at, expected, found } = verdict.difference;
    process.stdout.write(
      `different at cycle ${at}: expected ${expected}, found ${found} (${verdict.checkpoints} checkpoints before it were equal)\n`,
    );
  } else {
    process.stdout.write(`identical: ${verdict.cycles} cycles, ${verdict.checkpoints} checkpoints equal\n`);
  }
}
