/** A recording that is damaged is refused in one line that says where. */
import { expect } from "chai";
import { parseRecording, RecordingError } from "../../replay/recording.ts";

const HASH = "0123456789abcdef0123456789abcdef";
const HEADER = JSON.stringify({
  renix: "recording",
  version: 1,
  image: HASH,
  disk: HASH,
  configuration: { ramBytes: 67108864, bootArguments: "", rtcStartSeconds: 0, dmaGuard: true },
});
const INPUT = '{"at":5,"type":"input","text":"ls\\r"}';
const END = `{"at":9,"type":"end","stop":"left","status":0,"hash":"${HASH}"}`;

describe("a recording", () => {
  it("is read line by line", () => {
    const { header, lines } = parseRecording([HEADER, INPUT, END, ""].join("\n"), "r");
    expect(header.configuration.ramBytes).to.equal(67108864);
    expect(lines.map(({ type }) => type)).to.deep.equal(["input", "end"]);
  });

  const damaged: [string, string[], string][] = [
    ["is empty", [], "r: the file is empty"],
    ["has a line that is no JSON", [HEADER, "{", END], "r:2: this line is no JSON"],
    ["is something else", ['{"hello":1}', END], "r:1: renix:"],
    [
      "is of another version",
      [HEADER.replace('"version":1', '"version":7'), END],
      "r:1: version: not version 1 of the format",
    ],
    ["has an unknown kind of line", [HEADER, '{"at":1,"type":"coffee"}', END], "r:2: type:"],
    ["goes back in time", [HEADER, INPUT.replace("5", "50"), END], "r:3: cycle 9 comes after cycle 50"],
    ["is cut off", [HEADER, INPUT], 'r: the recording is cut off: its last line is no "end"'],
  ];
  for (const [what, lines, message] of damaged) {
    it(`is refused when it ${what}`, () => {
      expect(() => parseRecording(lines.length === 0 ? "" : `${lines.join("\n")}\n`, "r")).to.throw(
        RecordingError,
        message,
      );
    });
  }
});
