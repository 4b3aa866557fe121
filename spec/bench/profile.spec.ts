/** `npm run profile`: what it counts, and what it says to bad input. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../../system/build.ts";

function profile(...args: string[]): { stdout: string; stderr: string; status: number | null } {
  const main = join(ROOT, "dist", "bench", "system", "profile.js");
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
  return { stdout, stderr, status };
}

describe("npm run profile", function () {
  this.timeout(60_000);

  it("counts every instruction once, by process and by function", () => {
    const { stdout, stderr, status } = profile("cat /etc/motd", "--rows", "100000");
    expect({ stderr, status }).to.deep.equal({ stderr: "", status: 0 });
    const [processes, functions] = stdout.split("\n\n").map((part) =>
      [...part.matchAll(/^ *([\d,]+) {2} *[\d.]+ % {2}(\S+) *(.*)$/gm)].map(([, count, who, name]) => ({
        ...{ who: who!, name: name! },
        count: Number(count!.replaceAll(",", "")),
      })),
    );
    const sum = (rows: typeof processes) => rows!.reduce((total, { count }) => total + count, 0);
    expect(sum(functions)).to.equal(sum(processes));
    for (const { who, count } of processes!) {
      expect(sum(functions!.filter((row) => row.who === who)), who).to.equal(count);
    }
    expect(processes!.map(({ who }) => who)).to.include.members(["kernel", "cat", "sh", "vfs", "mfs", "vm", "pm"]);
    expect(functions!.some(({ who, name }) => who === "cat" && name === "programs/cat.ts:main")).to.equal(true);
  });

  it("says in one line what it does not understand", () => {
    expect(profile()).to.deep.equal({
      stdout: "",
      stderr: "profile: missing required argument 'command'\n",
      status: 2,
    });
    expect(profile("true", "--rows", "0").stderr).to.match(/^profile: option '--rows <number>' .*from 1 on\.\n$/);
  });
});
