/** `npm start` in a copy of the command's sources: what a developer sees who has changed them. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../../system/build.ts";

const PARTS = ["bin", "compiler", "machine", "replay", "system", "dist", "package.json", "tsconfig.host.json"];

describe("npm start", function () {
  this.timeout(120_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "renix-start-"));
    for (const part of PARTS)
      cpSync(join(ROOT, part), join(folder, part), { recursive: true, preserveTimestamps: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  });

  after(() => rmSync(folder, { recursive: true }));

  it("builds the command anew when a source has changed, and only then", () => {
    edit("bin/command.ts", "boot to a shell in this terminal", "boot to a prompt in this terminal");
    expect(start("--help").stdout).to.contain("boot to a prompt in this terminal");
    const built = () => statSync(join(folder, "build", "command-built")).ctimeMs;
    const first = built();
    expect(start("--help").status).to.equal(0);
    expect(built()).to.equal(first);
    edit("machine/cost.ts", "/**", "/** ");
    expect(start("--help").status).to.equal(0);
    expect(built()).to.be.above(first);
  });

  it("runs the command out of its pack, but never out of one of another build", () => {
    expect(renix("--help").status).to.equal(0);
    const [pack] = readdirSync(join(folder, "dist", "pack")).filter((name) => name.endsWith(".js"));
    rmSync(join(folder, "dist", "pack", `${pack}.${process.version}`), { force: true });
    edit(join("dist", "pack", pack!), "run a crash scenario", "out of the pack");
    expect(renix("--help").stdout).to.contain("out of the pack");
    edit("dist/bin/command.js", "run a crash scenario", "out of the modules");
    utimesSync(join(folder, "dist/bin/tsconfig.tsbuildinfo"), new Date(), new Date());
    expect(renix("--help").stdout).to.contain("out of the modules");
  });

  it("reports its own mistakes with their places in the sources", () => {
    edit("bin/command.ts", "await program.parseAsync();", 'throw new Error("a mistake");');
    const { status, stderr } = start("--help");
    expect(stderr).to.match(/^Error: a mistake\n {4}at main \(\S*\/bin\/command\.ts:\d+:\d+\)\n/);
    expect(status).to.equal(1);
    edit("bin/command.ts", 'throw new Error("a mistake");', "await program.parseAsync();");
  });

  it("reports what does not compile, and boots nothing", () => {
    edit("bin/command.ts", 'new Command("renix")', "new Command(7)");
    const { status, stdout } = start("--help");
    expect(stdout).to.match(/^bin\/command\.ts\(\d+,\d+\): error TS2345: /);
    expect(stdout).not.to.contain("Usage");
    expect(status).not.to.equal(0);
  });

  function edit(path: string, from: string, to: string): void {
    const source = readFileSync(join(folder, path), "utf8");
    expect(source).to.contain(from);
    writeFileSync(join(folder, path), source.replace(from, to));
  }

  function start(...operands: string[]) {
    return run("start.js", operands);
  }

  function renix(...operands: string[]) {
    return run("renix.js", operands);
  }

  function run(script: string, operands: readonly string[]) {
    return spawnSync(process.execPath, [join("dist", "bin", script), ...operands], { cwd: folder, encoding: "utf8" });
  }
});
