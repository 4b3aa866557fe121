/** The commands as other programs call them: what they print, how they end, and what they say to bad input. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../../system/build.ts";
import { writeMinixFs } from "../../system/minix-fs/writer.ts";

const RENIX = join(ROOT, "dist", "bin", "renix.js");

function renix(args: string[], input = ""): { stdout: string; stderr: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [RENIX, ...args], { input, encoding: "utf8" });
  return { stdout, stderr, status };
}

describe("renix", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "renix-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  it("boot --exec prints exactly what the command prints, and ends with its status", () => {
    expect(renix(["boot", "--exec", "echo hello; seq 3 | tail -n 1; exit 7"])).to.deep.equal({
      stdout: "hello\n3\n",
      stderr: "",
      status: 7,
    });
  });

  it("boot ends without a word when nobody reads its output on", () => {
    const pipe = `'${process.execPath}' '${RENIX}' boot --exec 'seq 100000' | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", pipe], { encoding: "utf8" });
    expect(stdout).to.equal("1\n141\n");
    expect(stderr).to.equal("");
  });

  it("boot says what a disk must have that holds nothing", () => {
    const disk = file("nothing.img", writeMinixFs({ bytes: 2 ** 20, files: [] }));
    const { stdout, status } = renix(["boot", "--disk", disk, "--exec", "true"]);
    expect(stdout).to.include(
      "pm: init has ended with exit status 1: the disk must have /dev/tty, /etc/rc and /bin/sh",
    );
    expect(status).to.equal(1);
  });

  it("boot types piped input as if at the keyboard, and ends with poweroff", () => {
    const { stdout, status } = renix(["boot"], "echo typed\npoweroff\n");
    expect(stdout).to.include("# echo typed\r\ntyped\r\n");
    expect(status).to.equal(0);
  });

  it("boot at a terminal ends with poweroff, and gives the terminal back", async function () {
    if (spawnSync("script", ["--version"]).error) return this.skip();
    const command = `'${process.execPath}' '${RENIX}' boot; echo "[exit $?]"`;
    const terminal = spawn("script", ["-qec", command, "/dev/null"]);
    let screen = "";
    terminal.stdout.on("data", (bytes) => {
      screen += bytes;
    });
    terminal.stdin.write("poweroff\n"); // and nobody hangs up
    await once(terminal, "exit");
    expect(screen).to.match(/# poweroff[\r\n]+\[exit 0\]\r\n$/);
  });

  it("boot types what lies behind the end of a program's input at the prompt", () => {
    const { stdout } = renix(["boot"], "cat\nhello\n\x04echo done\npoweroff\n");
    expect(stdout).to.include("# cat\r\nhello\r\nhello\r\n# echo done\r\ndone\r\n# poweroff\r\n");
  });

  it("boot waits for what was typed to be done, and types nothing ahead of the prompt", () => {
    const { stdout } = renix(["boot"], "sleep 8; echo woken\necho done\n");
    expect(stdout).to.include("# sleep 8; echo woken\r\nwoken\r\n# echo done\r\ndone\r\n# ");
  });

  it("boot --exec gives the command all that the pipe holds, and its end to everybody who reads", () => {
    expect(renix(["boot", "--exec", "head -n 1; cat; cat; echo end"], "one\ntwo\nthree").stdout).to.equal(
      "one\ntwo\nthreeend\n",
    );
  });

  it("boot --exec takes a command as long as there is room for, and runs all of it", () => {
    const room = 4095 - "renix.exec=".length;
    const command = `echo ${"x".repeat(room - "echo ; exit 3".length)}; exit 3`;
    const { stdout, status } = renix(["boot", "--exec", command]);
    expect(stdout).to.equal(`${"x".repeat(room - "echo ; exit 3".length)}\n`);
    expect(status).to.equal(3);
  });

  it("boot --disk keeps changes, and --record replays after them", () => {
    const disk = join(folder, "disk.img");
    expect(renix(["build", "--out", folder]).status).to.equal(0);
    const recording = join(folder, "run.jsonl");
    expect(renix(["boot", "--disk", disk, "--record", recording, "--exec", "echo kept >/file"]).status).to.equal(0);
    expect(renix(["boot", "--disk", disk, "--exec", "cat /file"]).stdout).to.equal("kept\n");
    const { stdout, status } = renix(["replay", recording]);
    expect(stdout).to.match(/^identical/);
    expect(status).to.equal(0);
  });

  it("replay ends with 3 and names the first difference", () => {
    const recording = join(folder, "other.jsonl");
    renix(["boot", "--record", recording], "echo a\npoweroff\n");
    const changed = file(
      "changed.jsonl",
      spawnSync("sed", ["s/echo a/echo b/", recording], { encoding: "utf8" }).stdout,
    );
    const { stdout, status } = renix(["replay", changed]);
    expect(stdout).to.match(/^different at cycle \d+/);
    expect(status).to.equal(3);
  });

  it("build prints the command that boots it on QEMU", () => {
    expect(renix(["build", "--out", folder]).stdout).to.include("qemu-system-riscv32 -M virt -bios none");
  });

  describe("says one line and ends with 2 for", () => {
    const cases: [string, () => string[], RegExp][] = [
      ["an unknown command", () => ["frob"], /unknown command 'frob'/],
      ["an unknown option", () => ["boot", "--frob"], /unknown option '--frob'/],
      ["a missing argument", () => ["run"], /missing required argument 'scenario'/],
      ["a number out of range", () => ["boot", "--memory", "3"], /whole number from 16 to 1024/],
      ["a command of two lines", () => ["boot", "--exec", "a\nb"], /one line/],
      [
        "a command too long to be handed over",
        () => ["boot", "--exec", "x".repeat(4085)],
        /has 4085 bytes.*room for 4084/,
      ],
      ["a disk that is not there", () => ["boot", "--disk", join(folder, "none")], /none: no such file/],
      ["an empty disk", () => ["boot", "--disk", file("empty", "")], /the file is empty/],
      [
        "a disk of half a sector",
        () => ["boot", "--disk", file("half", "x".repeat(100))],
        /no whole number of 512-byte sectors/,
      ],
      [
        "a disk with no file system",
        () => ["boot", "--disk", file("zero", new Uint8Array(65536))],
        /zero: no MINIX FS V3/,
      ],
      ["a recording that is not there", () => ["replay", join(folder, "none")], /none: no such file/],
      ["a recording that is something else", () => ["replay", file("text", "hello\n")], /text:1: this line is no JSON/],
      ["a scenario that is a folder", () => ["run", folder], /is a directory/],
      [
        "a scenario with a typo",
        () => ["run", file("s.yaml", "name: x\nsteps:\n  - rnu: ls\nexpect:\n  - screen: a\n")],
        /s\.yaml:3:5/,
      ],
      ["an executable that is none", () => ["machine", file("text", "hello\n")], /not an ELF file/],
      [
        "a folder to build in that cannot be made",
        () => ["build", "--out", join(file("text", "x"), "y")],
        /not a directory/,
      ],
    ];
    for (const [what, args, message] of cases) {
      it(what, () => {
        const { stdout, stderr, status } = renix(args());
        expect(stderr).to.match(message);
        expect(stderr.trimEnd().split("\n"), stderr).to.have.lengthOf(1);
        expect(stdout).to.equal("");
        expect(status).to.equal(2);
      });
    }
  });
});
