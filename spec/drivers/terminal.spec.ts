/** The terminal: what a person types and sees, line by line and key by key; `cat` is who reads. */
import { expect } from "chai";
import { Line } from "../../machine/board/memory-map.ts";
import { bootedSystem, PROMPT, type System } from "../harness.ts";
import { ServiceProcess } from "./service-process.ts";

const BACKSPACE = "\b \b";

/** What the terminal shows while somebody types at a program that waits for a line. */
async function typeAtCat(keys: string): Promise<string> {
  const system = await atCat();
  const begin = system.output.length;
  system.type(keys);
  system.advance(5_000_000);
  return system.output.slice(begin);
}

async function atCat(): Promise<System> {
  const system = await bootedSystem();
  system.type("cat\r");
  system.waitFor("cat\n");
  system.advance(3_000_000);
  return system;
}

describe("the terminal's line", () => {
  it("is shown as it is typed, and read when it ends", async () => {
    expect(await typeAtCat("hello\r")).to.equal("hello\nhello\n");
  });

  it("is not read before it ends", async () => {
    expect(await typeAtCat("hello")).to.equal("hello");
  });

  for (const [name, key] of [
    ["delete", "\x7f"],
    ["backspace", "\b"],
  ] as const) {
    it(`loses its last character to ${name}`, async () => {
      expect(await typeAtCat(`helo${key}lo\r`)).to.equal(`helo${BACKSPACE}lo\nhello\n`);
    });
  }

  it("loses a character of several bytes as a whole", async () => {
    const shown = Buffer.from(await typeAtCat("aé\x7fb\r"), "latin1").toString("utf8");
    expect(shown).to.equal(`aé${BACKSPACE}b\nab\n`);
  });

  it("loses nothing more when it is empty", async () => {
    expect(await typeAtCat("a\x7f\x7f\x7fb\r")).to.equal(`a${BACKSPACE}b\nb\n`);
  });

  it("is taken back by ^U", async () => {
    expect(await typeAtCat("abc\x15de\r")).to.equal(`abc${BACKSPACE.repeat(3)}de\nde\n`);
  });

  it("loses its last word, and the spaces behind it, to ^W", async () => {
    expect(await typeAtCat("one two  \x17three\r")).to.equal(`one two  ${BACKSPACE.repeat(5)}three\none three\n`);
  });

  it("is shown anew by ^R", async () => {
    expect(await typeAtCat("abc\x12\r")).to.equal("abc^R\nabc\nabc\n");
  });

  it("shows control characters as two, and takes both back", async () => {
    expect(await typeAtCat("a\x02\x7fb\r")).to.equal(`a^B${BACKSPACE.repeat(2)}b\nab\n`);
  });

  it("is read without its end after ^D; ^D at its beginning is the end of the file", async () => {
    const system = await atCat();
    const begin = system.output.length;
    system.type("half\x04");
    system.waitFor("halfhalf", begin);
    system.type("\x04");
    system.waitFor(PROMPT, begin);
  });

  it("takes what fits, and rings once for all the rest", async () => {
    const system = await atCat();
    const begin = system.output.length;
    system.type(`${"x".repeat(5000)}\r`);
    system.waitFor("\n", begin);
    system.advance(100_000_000);
    const fits = "x".repeat(4096);
    expect(system.output.slice(begin) === `${fits}\x07\n${fits}\n`).to.equal(true);
  });

  it("waits outside while nobody reads: of 30,000 typed bytes none is lost", async () => {
    const system = await bootedSystem();
    const lines = Array.from({ length: 3000 }, (_, index) => `line ${String(index).padStart(4, "0")}\r`).join("");
    system.type("sleep 1; wc -c\r");
    system.waitFor("wc -c\n");
    const begin = system.output.length;
    system.type(`${lines}\x04`);
    system.waitFor(PROMPT, begin);
    const [echo, answer] = [lines.replaceAll("\r", "\n"), system.output.slice(begin + lines.length)];
    expect(system.output.slice(begin, begin + lines.length) === echo).to.equal(true);
    expect(answer).to.match(/^ *30000\n# $/);
  });
});

describe("what is typed ahead", () => {
  /** Types everything at once, while the shell edits its line in raw mode; returns what the terminal shows up to a prompt after `until`. */
  async function typeAtOnce(keys: string, until: string): Promise<string> {
    const system = await bootedSystem();
    const begin = system.output.length;
    system.type(keys);
    system.waitFor(until, begin);
    system.waitForPrompt(system.output.indexOf(until, begin) + until.length);
    return system.output.slice(begin);
  }

  it("means what it means to who reads it: lines and their end to cat, a command to the shell", async () => {
    expect(await typeAtOnce("cat\rhello\r\x04echo done\r", "\ndone\n")).to.equal(
      "cat\nhello\nhello\n# echo done\ndone\n# ",
    );
  });

  it("is edited by its erase keys when it is read", async () => {
    expect(await typeAtOnce("cat\rhellp\x7fo\rtwo words\x17one\r\x04echo done\r", "\ndone\n")).to.equal(
      `cat\nhellp${BACKSPACE}o\nhello\ntwo words${BACKSPACE.repeat(5)}one\ntwo one\n# echo done\ndone\n# `,
    );
  });

  it("ends what runs with ^C, and goes on behind it", async () => {
    expect(await typeAtOnce("cat\rlost\x03echo $?\r", "\n130\n")).to.equal("cat\nlost^C\n# echo $?\n130\n# ");
  });

  it("is shown once, where one program echoes it and the next one reads it", async () => {
    const system = await bootedSystem();
    system.type("sleep 1; cat\r");
    system.waitFor("cat\n");
    const begin = system.output.length;
    system.advance(10_000_000);
    system.type("early\r\x04");
    system.waitForPrompt(begin + 1);
    expect(system.output.slice(begin)).to.equal("early\nearly\n# ");
  });

  it("is all read, however much it is", async () => {
    const lines = Array.from({ length: 700 }, (_, index) => `line ${String(index).padStart(4, "0")}\r`).join("");
    const shown = await typeAtOnce(`wc -c\r${lines}\x04echo done\r`, "\ndone\n");
    expect(shown).to.equal(`wc -c\n${lines.replaceAll("\r", "\n")}7000\n# echo done\ndone\n# `);
  });

  it("and fills the reader's room without an end of line, is no end of the file for the next reader", async () => {
    expect(await typeAtOnce("head -c 4; cat\rhalf\x04more\r\x04echo done\r", "\ndone\n")).to.equal(
      "head -c 4; cat\nhalfhalfmore\nmore\n# echo done\ndone\n# ",
    );
  });

  it("goes to a program that does not mind the signal before it, a moment later", async () => {
    const system = await bootedSystem();
    system.type("read a; echo got $a\r"); // the shell itself, which ignores Quit
    system.waitFor("$a\n");
    const begin = system.output.length;
    system.type("lost\x1ckept\r");
    system.waitForPrompt(begin + 1);
    expect(system.output.slice(begin)).to.equal("lost^\\kept\ngot kept\n# ");
  });
});

describe("the terminal's signals", () => {
  it("^C ends what runs in the foreground, and what was being typed", async () => {
    const system = await atCat();
    const begin = system.output.length;
    system.type("half a line\x03");
    system.waitForPrompt(begin + 1);
    expect(system.output.slice(begin)).to.equal("half a line^C\n# ");
    expect(system.run("echo $?")).to.equal("130\n");
  });

  it("^\\ ends it with Quit", async () => {
    const system = await atCat();
    const begin = system.output.length;
    system.type("\x1c");
    system.waitForPrompt(begin + 1);
    expect(system.run("echo $?")).to.equal("131\n");
  });

  it("go to the same group when the driver has died meanwhile", async () => {
    const system = await atCat();
    new ServiceProcess(system.machine, "tty").killWhenItRuns();
    system.advance(3_000_000);
    const begin = system.output.length;
    system.type("\x03");
    system.waitForPrompt(begin + 1);
    expect(system.run("echo $?")).to.equal("130\n");
  });
});

describe("the terminal driver", () => {
  it("sends a carriage return before each newline", async () => {
    const system = await bootedSystem();
    const sent: number[] = [];
    system.machine.onOutput((byte) => sent.push(byte));
    system.run("printf 'a\\nb\\n'");
    expect(String.fromCharCode(...sent)).to.include("a\r\nb\r\n");
  });

  it("answers a read that was waiting when it died", async () => {
    const system = await atCat();
    new ServiceProcess(system.machine, "tty").killWhenItRuns();
    system.advance(3_000_000);
    const begin = system.output.length;
    system.type("still there\r");
    system.waitFor("still there\nstill there\n", begin);
  });

  it("hears keys whose interrupt got lost", async () => {
    const system = await atCat();
    const begin = system.output.length;
    const edit = { kind: "lose-interrupt", line: Line.Uart } as const;
    system.machine.post({ at: system.machine.cycle, type: "inject", edit });
    system.type("heard\r");
    system.waitFor("heard\nheard\n", begin);
  });

  it("ignores interrupts that nobody sent", async () => {
    const system = await atCat();
    const begin = system.output.length;
    for (let count = 0; count < 5; count++) {
      const edit = { kind: "raise-interrupt", line: Line.Uart } as const;
      system.machine.post({ at: system.machine.cycle, type: "inject", edit });
      system.advance(100_000);
    }
    system.type("well\r");
    system.waitFor("well\nwell\n", begin);
  });
});
