/** The commands: what they do is judged by the host's, what only Renix has by its own rules; and all of them answer to bad usage alike. */
import { expect } from "chai";
import { ROOT } from "../../system/build.ts";
import { programs } from "../../system/executables.ts";
import { bootedSystem, type System } from "../harness.ts";
import { runOnHost, runScript } from "./script.ts";

const CYCLES_PER_SECOND = 100_000_000;

/** Scripts with the same output here and there. */
const alike: Record<string, string> = {
  seq: "seq 5; seq 3 6; seq 10 -3 -5; seq 3 1; seq -2 0",
  cksum: "seq 2000 >f; cksum f; cksum <f; : >empty; cksum empty; printf 'a\\0b\\377' | cksum; seq 3 | cksum - f",
  wc: "seq 100 | wc; printf 'a b  c\\nno end' | wc; seq 7 | wc -l; echo four | wc -c; echo two words | wc -w",
  "cat and tee": "seq 3 >f; cat f - f </dev/null; echo x | tee g | cat; cat g; echo y | tee -a g >/dev/null; cat g",
  "head and tail":
    "seq 30 >f; head -n 3 f; head <f; tail -n 2 f; tail f | head -n 1; head -n 0 f; tail -n 0 f; seq 2 | tail -n 9; head -c 5 f; head -n 1 f f; head -2 f; tail -1 f",
  sort: "printf 'b\\na\\nc\\na\\n' >f; sort f; sort -r f; sort -u f; printf '10\\n9\\n-1\\nx\\n100\\n' | sort -n; sort f f | wc -l | tr -d ' '",
  uniq: "printf 'a\\na\\nb\\na\\n' >f; uniq f; uniq -c f; uniq -d f; uniq -u <f",
  tr: "echo Hello | tr a-z A-Z; echo hello | tr -d l; echo aabbcc | tr -s a-c; echo 'a b' | tr ' ' '\\n'; echo abc | tr -c 'a\\n' x; echo abcdef | tr a-f xy",
  grep: "seq 20 >f; grep 1 f; grep -v 1 f; grep -n 5 f; grep -c 1 f; echo HeLLo | grep -i hello; grep -q 7 f && echo yes; grep 99 f || echo none; grep 2 f f | head -n 2; grep -l 3 f",
  "cp, mv and rm":
    "echo a >f; cp f g; cat g; mv g h; cat h; ls -1; mkdir d; cp f h d; ls -1 d; cp -r d e; ls -1 e; mv e d; ls -1 d; rm f; rm -r d; ls -1; rm -f nofile; echo $?",
  "mkdir and rmdir":
    "mkdir a; mkdir -p a/b/c; mkdir -p a; rmdir a 2>/dev/null || echo full; rmdir a/b/c; ls a/b; mkdir a 2>/dev/null || echo there",
  "ln and touch": "echo a >f; ln f g; echo b >>f; cat g; rm f; cat g; touch new; cat new; ls -1; touch -c not; ls -1",
  chmod:
    "echo 'echo ran' >f; chmod 700 f; ./f; chmod a-x f; ./f 2>/dev/null || echo $?; chmod u+x f; ./f; chmod 000 f; ls -l f | head -c 10",
  "find and ls":
    "mkdir -p a/b; touch a/x a/b/y.txt z.txt; find . | sort; find a -name '*.txt'; find a -type d | sort; ls -a1; ls -1R a",
  dd: "seq 500 >f; dd if=f of=g bs=100 count=3 status=none; cksum g; dd if=f bs=10 skip=2 count=1 status=none; echo abc | dd of=g bs=1 seek=2 conv=notrunc status=none; cksum g; echo x | dd bs=4 conv=sync status=none | cksum; dd if=f of=h bs=64 2>&1 | head -n 2",
  hexdump: "seq 20 | hexdump -C; head -c 64 /dev/zero | hexdump -C; printf abc | hexdump -C; hexdump -C </dev/null",
  rev: "printf 'abc\\n\\nxy z' >f; rev f; rev <f; seq 12 | rev | tail -n 2",
  "basename and dirname":
    "for p in /a/b.c a / // /a a/ ./x/y/; do basename $p; dirname $p; done; basename /a/b.c .c; basename .c .c",
  printf:
    "printf '%s-%d\\n' a 1 b 2; printf '%5s|%-5s|%05d|%x|%o|%c\\n' ab cd 42 255 8 xyz; printf 'a\\tb\\\\\\101\\n'; printf '%d%%\\n' -7",
  "env and sleep": "env -i A=1 B=2; env -i sh -c 'echo $?'; sleep 0; sleep 0.01; echo $?",
  "kill and wait": "sleep 0.1 & wait $!; echo $?; kill -0 $$ && echo me; kill -KILL 999999 2>/dev/null || echo nobody",
  "true, false and test": "true; echo $?; false; echo $?; test a = a; echo $?; test; echo $?",
};

/** They take every word as it is. */
const WITHOUT_OPTIONS = ["echo", "false", "printf", "test", "true", "yes"];

describe("the commands", () => {
  let system: System;
  before(async function () {
    this.timeout(60_000);
    system = await bootedSystem();
  });

  describe("do what the host's do:", () => {
    for (const [name, script] of Object.entries(alike)) {
      it(name, () => {
        system.run("cd /; rm -rf /tmp/work; mkdir /tmp/work; cd /tmp/work");
        expect(runScript(system, script)).to.deep.equal(runOnHost(script));
      });
    }
  });

  describe("answer to usage alike:", () => {
    const names = programs(ROOT).map(({ name }) => name);

    it("--help prints a usage line and ends with 0", () => {
      const asked = names.filter((name) => !["echo", "false", "test", "true"].includes(name));
      const { output } = runScript(system, `for name in ${asked.join(" ")}; do /bin/$name --help; echo $?; done`);
      expect(output.split("\n").filter((line) => line !== "0" && line !== "")).to.have.length(asked.length);
      for (const name of asked) expect(output).to.match(new RegExp(`^usage: ${name}\\b.*\\n0$`, "m"));
    });

    it("an unknown option prints it on standard error and ends with 2", () => {
      const asked = names.filter((name) => !WITHOUT_OPTIONS.includes(name));
      const { output } = runScript(
        system,
        `for name in ${asked.join(" ")}; do /bin/$name -Z >/dev/null; echo $name $?; done`,
      );
      for (const name of asked) expect(output).to.match(new RegExp(`^${name} 2$`, "m"));
    });

    it("what fails is named: the command, its argument, the reason", () => {
      const cases: [string, string][] = [
        ["cat /nofile", "cat: /nofile: No such file or directory"],
        ["ls /nofile", "ls: /nofile: No such file or directory"],
        ["cat /etc", "cat: /etc: Is a directory"],
        ["rm /etc", "rm: /etc: Is a directory"],
        ["rmdir /etc", "rmdir: /etc: Directory not empty"],
        ["mkdir /etc", "mkdir: /etc: File exists"],
        ["cd /nowhere", "sh: cd: /nowhere: No such file or directory"],
        ["cp /nofile /tmp/x", "cp: /nofile: No such file or directory"],
        ["ls /etc/rc/x", "ls: /etc/rc/x: Not a directory"],
        ["service down nobody", "service: nobody: no such service"],
        ["service log nobody", "service: nobody: no such service"],
        ["service down vfs", "service: vfs: refused: the system cannot live without it"],
        ["service down tty", "service: tty: refused: it carries this terminal; service restart tty gives it a new one"],
        ["kill abc", "sh: kill: abc: not a process id"],
        ["kill 6", "sh: kill: 6: Operation not permitted"],
        ["/bin/kill 6", "kill: 6: Operation not permitted"],
        ["kill 4000", "sh: kill: 4000: No such process"],
      ];
      for (const [command, complaint] of cases) {
        const output = system.run(`${command}; echo $?`);
        expect(output).to.equal(`${complaint}\n1\n`);
      }
    });
  });

  it("ps shows services and programs, and whom they wait for", () => {
    const output = system.run("ps");
    expect(output).to.match(/^ {2}PID +PPID +PGRP +ENDPOINT PRI +TIME STATE +NAME +WAITS FOR\n/);
    expect(output).to.match(/^ +\d+ +0 +0 +3 +\d+ +\d+\.\d\d wait +rs +anybody$/m);
    expect(output).to.match(/^ +1 +0 +\d+ +64 .* init +pm$/m);
    expect(output).to.match(/ ps +pm$/m);
  });

  it("service status has the columns that other programs expect", () => {
    const [header, ...rows] = system.run("service status").trimEnd().split("\n");
    expect(header!.split(/\s+/)).to.deep.equal(["NAME", "STATE", "ENDPOINT", "PID", "RESTARTS", "CAUSE"]);
    expect(rows.map((row) => row.split(/\s+/)[0])).to.include.members(["rs", "pm", "vfs", "disk", "tty"]);
    for (const row of rows) expect(row).to.match(/^\w+ +running +\d+ +\d+ +0 +-$/);
    expect(system.run("service status disk").trimEnd().split("\n")).to.have.length(2);
    expect(system.run("service status nobody; echo $?")).to.equal("service: nobody: no such service\n1\n");
  });

  it("service log tells of crashes, of all or of one service", () => {
    system.run("service crash memory null; service crash log index; sleep 0.2");
    const titles = (text: string) => text.match(/^--- .* ---$/gm);
    expect(titles(system.run("service log"))).to.deep.equal([
      "--- memory: store page fault ---",
      "--- log: index out of range ---",
    ]);
    const log = system.run("service log log");
    expect(titles(log)).to.deep.equal(["--- log: index out of range ---"]);
    expect(log).to.match(/^ {2}#0 0x[0-9a-f]{8} .*\(lib\/service\.ts:\d+\)$/m);
    expect(system.run("service log pm")).to.equal("");
  });

  it("sleep lasts as long as it is told, to a hundredth of a second", () => {
    const begin = system.machine.cycle;
    system.run("sleep 1.25");
    const seconds = (system.machine.cycle - begin) / CYCLES_PER_SECOND;
    expect(seconds).to.be.within(1.25, 1.3);
  });

  it("date, uptime, df, free, dmesg and mount tell of the system", () => {
    expect(system.run("date +%Y-%m-%dT%H:%M:%S")).to.match(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\n$/);
    expect(system.run("uptime")).to.match(/^up 0:\d\d:\d\d\.\d\d, idle \d+%, \d+ processes\n$/);
    expect(system.run("df")).to.match(/ 16384 +\d+ +\d+ +\d+% +\d+ +\d+ {2}\/\n$/);
    expect(system.run("free")).to.match(/^Memory +65536 +\d+ +\d+$/m);
    expect(system.run("dmesg")).to.contain("MiB of memory");
    expect(system.run("mount")).to.equal("/ (read and write)\n");
  });

  it("no command leaves memory behind", () => {
    const free = () => Number(system.run(" free").match(/^Memory +\d+ +\d+ +(\d+)/m)![1]);
    // A blank in front keeps a line out of the history, which may grow.
    const work = " for i in $(seq 20); do seq 100 | sort | tail -n 1; nosuchcommand; (ls -l / | wc); x=$i$i; done";
    system.run(work);
    const before = free();
    system.run(work);
    expect(free()).to.equal(before);
  });
});
