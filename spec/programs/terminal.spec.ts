/**
 * Sessions at the terminal, as a person sees them: what the machine sends is drawn by @xterm/headless, and read off its screen.
 */
import xterm from "@xterm/headless";
import { expect } from "chai";
import { bootedSystem, type System } from "../harness.ts";

const COLUMNS = 80;
const ROWS = 24;
/** Long enough for any key to be answered. */
const KEY_CYCLES = 20_000_000;

const UP = "\x1b[A";
const DOWN = "\x1b[B";
const RIGHT = "\x1b[C";
const LEFT = "\x1b[D";
const HOME = "\x1b[H";
const END = "\x1b[F";
const DELETE = "\x1b[3~";
const BACKSPACE = "\x7f";
const control = (letter: string) => String.fromCharCode(letter.charCodeAt(0) & 0x1f);

/** The system and a screen, which begins with a prompt. */
class Screen {
  readonly system: System;
  private readonly terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  private pending: number[] = [];

  constructor(system: System) {
    this.system = system;
    system.machine.onOutput((byte) => this.pending.push(byte));
  }

  /** Types keys one after the other, each when the one before has been answered. */
  async keys(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.system.type(key);
      this.system.advance(KEY_CYCLES);
    }
    await this.draw();
  }

  /** What stands on the screen, without the empty rows below. */
  lines(): string[] {
    const buffer = this.terminal.buffer.active;
    const all = Array.from({ length: ROWS }, (_, row) =>
      buffer
        .getLine(buffer.baseY + row)!
        .translateToString(true)
        .trimEnd(),
    );
    while (all.length > 0 && all.at(-1) === "") all.pop();
    return all;
  }

  /** Column and row of the cursor, from 0. */
  cursor(): [number, number] {
    return [this.terminal.buffer.active.cursorX, this.terminal.buffer.active.cursorY];
  }

  /** Bytes that came since this was asked last: what a key costs on the line. */
  async sent(...keys: string[]): Promise<number> {
    for (const key of keys) {
      this.system.type(key);
      this.system.advance(KEY_CYCLES);
    }
    const count = this.pending.length;
    await this.draw();
    return count;
  }

  private draw(): Promise<void> {
    const bytes = Uint8Array.from(this.pending);
    this.pending = [];
    return new Promise((resolve) => this.terminal.write(bytes, resolve));
  }
}

async function screenAtPrompt(): Promise<Screen> {
  const screen = new Screen(await bootedSystem());
  await screen.keys(`${control("C")}`, control("L"));
  return screen;
}

describe("the terminal", () => {
  let screen: Screen;
  before(async function () {
    this.timeout(60_000);
    await bootedSystem();
  });
  beforeEach(async () => {
    screen = await screenAtPrompt();
  });

  describe("edits a line", () => {
    it("in the middle, at its begin and at its end", async () => {
      await screen.keys(
        "ecXo",
        LEFT,
        LEFT,
        DELETE,
        "h",
        END,
        " b",
        HOME,
        BACKSPACE,
        RIGHT,
        RIGHT,
        LEFT,
        control("E"),
        "\r",
      );
      expect(screen.lines()).to.deep.equal(["# echo b", "b", "#"]);
    });

    it("with ^A ^E ^K ^U ^W ^Y", async () => {
      await screen.keys("one two three", control("W"), "four", control("A"), "echo ", control("K"), control("Y"));
      expect(screen.lines()).to.deep.equal(["# echo one two four"]);
      await screen.keys(control("U"));
      expect(screen.lines()).to.deep.equal(["#"]);
      expect(screen.cursor()).to.deep.equal([2, 0]);
      await screen.keys(control("Y"), "\r");
      expect(screen.lines()).to.deep.equal(["# echo one two four", "one two four", "#"]);
    });

    it("that is longer than a row, across rows and back", async () => {
      const long = "echo ".concat("0123456789".repeat(16));
      await screen.keys(long);
      expect(screen.lines()).to.deep.equal([
        `# ${long}`.slice(0, 80),
        `# ${long}`.slice(80, 160),
        `# ${long}`.slice(160),
      ]);
      await screen.keys(HOME, "x", BACKSPACE, RIGHT, control("D"));
      expect(screen.cursor()).to.deep.equal([3, 0]);
      await screen.keys("c", END, BACKSPACE, "9");
      expect(screen.lines().join("")).to.equal(`# ${long}`);
      await screen.keys(HOME, control("K"));
      expect(screen.lines()).to.deep.equal(["#"]);
    });

    it("that ends exactly at the edge", async () => {
      const exact = "x".repeat(COLUMNS - 2);
      await screen.keys(exact);
      expect(screen.cursor()).to.deep.equal([0, 1]);
      await screen.keys("y", BACKSPACE, BACKSPACE);
      expect(screen.cursor()).to.deep.equal([COLUMNS - 1, 0]);
      expect(screen.lines()).to.deep.equal([`# ${exact.slice(1)}`]);
    });

    it("with characters of several bytes", async () => {
      await screen.keys("echo äöü€x", LEFT, LEFT, BACKSPACE, "ß\r");
      expect(screen.lines()).to.deep.equal(["# echo äöß€x", "äöß€x", "#"]);
    });

    it("and sends a byte for a letter at its end, a few for one in its middle", async () => {
      expect(await screen.sent("a")).to.equal(1);
      await screen.keys("bcdef", LEFT, LEFT);
      expect(await screen.sent("x")).to.be.at.most(6);
      expect(await screen.sent(LEFT)).to.equal(1);
    });
  });

  it("has a history", async () => {
    await screen.keys("echo one\r", "echo two\r", "draft", UP, UP);
    expect(screen.lines().at(-1)).to.equal("# echo one");
    await screen.keys(DOWN);
    expect(screen.lines().at(-1)).to.equal("# echo two");
    await screen.keys(DOWN);
    expect(screen.lines().at(-1)).to.equal("# draft");
    await screen.keys(UP, UP, "!\r");
    expect(screen.lines().at(-2)).to.equal("one!");
  });

  it("completes commands and files", async () => {
    await screen.keys("hexd\t", "/et\t", "m\t");
    expect(screen.lines()).to.deep.equal(["# hexdump /etc/motd"]);
    await screen.keys(control("U"), "/bin/tr\t", "\t");
    expect(screen.lines()).to.deep.equal(["# /bin/tr", "tr    true", "# /bin/tr"]);
  });

  it("asks for the rest of a command that is not complete", async () => {
    await screen.keys("for i in 1 2; do\r", "echo $i\r", "done\r", "echo 'a\r", "b'\r");
    expect(screen.lines()).to.deep.equal([
      "# for i in 1 2; do",
      "> echo $i",
      "> done",
      "1",
      "2",
      "# echo 'a",
      "> b'",
      "a",
      "b",
      "#",
    ]);
  });

  describe("^C", () => {
    it("abandons the line", async () => {
      await screen.keys("abc", control("C"), "echo $?\r");
      expect(screen.lines()).to.deep.equal(["# abc^C", "# echo $?", "130", "#"]);
    });

    const busy: [string, string][] = [
      ["a program", "sleep 100"],
      ["a pipeline", "sleep 100 | cat"],
      ["a list, the rest of which does not run", "sleep 100; echo not this"],
      ["a subshell", "(sleep 100; echo not this)"],
      ["a loop of programs", "while true; do sleep 0.1; done"],
      ["a loop of builtins", "while :; do :; done"],
      ["a command substitution", "x=$(sleep 100)"],
      ["a read", "read x"],
      ["a reader of the terminal", "cat"],
    ];
    for (const [what, command] of busy) {
      it(`ends ${what}`, async () => {
        await screen.keys(`${command}\r`, control("C"), "echo $?\r");
        expect(screen.lines()).to.deep.equal([`# ${command}`, "^C", "# echo $?", "130", "#"]);
      });
    }
  });

  it("^D ends input, and on an empty line the shell, after which init starts another", async () => {
    await screen.keys("cat\r", "hello\r", control("D"), "x=1\r", control("D"));
    await screen.keys("echo [$x]\r");
    expect(screen.lines()).to.deep.equal(["# cat", "hello", "hello", "# x=1", "#", "# echo [$x]", "[]", "#"]);
  });

  describe("jobs", () => {
    it("run in the background, and their end is told before the next prompt", async () => {
      await screen.keys("sleep 0.1 &\r", "jobs\r", "\r", "wait\r");
      const lines = screen.lines();
      expect(lines[1]).to.match(/^\[1\] \d+$/);
      expect(lines).to.include("[1] Done  sleep 0.1");
    });

    it("stop at ^Z, and go on with fg and bg", async () => {
      await screen.keys("sleep 100\r", control("Z"));
      expect(screen.lines()).to.deep.equal(["# sleep 100", "^Z", "[1] Stopped  sleep 100", "#"]);
      await screen.keys("bg\r", "jobs\r", "kill %1\r", "\r");
      expect(screen.lines().slice(4)).to.deep.equal([
        "[1] sleep 100",
        "# jobs",
        "[1] Running  sleep 100",
        "# kill %1",
        "[1] Terminated  sleep 100",
        "#",
        "#",
      ]);
      await screen.keys(control("L"), "cat\r", control("Z"), "fg\r", "typed\r", control("D"));
      expect(screen.lines().slice(3)).to.deep.equal(["# fg", "cat", "typed", "typed", "#"]);
    });
  });

  it("more stops at every screen", async () => {
    await screen.keys("seq 100 | more\r");
    expect(screen.lines().at(-1)).to.equal("--more--");
    await screen.keys("q");
    expect(screen.lines().at(-1)).to.equal("#");
    expect(screen.lines().at(-2)).to.equal("23");
  });

  it("keeps the line that is being edited when its driver dies between two keys", async () => {
    await screen.keys("(sleep 0.2; service crash tty null) &\r", control("L"), "echo ab");
    screen.system.advance(50_000_000);
    await screen.keys("cd", LEFT, LEFT, "X\r", "service status tty\r");
    const lines = screen.lines();
    expect(lines[1]).to.equal("abXcd");
    expect(lines.at(-2)).to.match(/^tty +running +\d+ +\d+ +1 /);
  });

  it("a dumb one gets lines as they are", async () => {
    await screen.keys("TERM=dumb\r");
    const text = screen.system.run("echo plain");
    expect(text).to.equal("plain\n");
  });
});
