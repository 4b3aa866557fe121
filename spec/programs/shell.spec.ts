/** The shell's language: what scripts mean, judged by the host's `sh`; and what the shell says to those that make no sense. */
import { expect } from "chai";
import fc from "fast-check";
import { bootedSystem, type System } from "../harness.ts";
import { runOnHost, runScript } from "./script.ts";

/** Scripts that mean the same to every POSIX shell, by what they try. */
const alike: Record<string, string> = {
  words: `echo a   b; echo "a   b" 'c  $d' e\\ f; echo "a\\"b\\\\.\\$d" 'it'\\''s'; echo a\\
b`,
  variables: 'x=1; y="a  b"; echo $x $y "$y" "${x}2" "$x$x"; x=; echo "[$x]"; unset x; echo "[$x]"',
  "values with an otherwise": 'echo ${a:-none} ${a-none} "${a:=set}" $a ${a:+other} "${b:+other}" "${a:-x y}"',
  "values with an end taken off": 'p=/usr/lib/libc.so.1; echo ${p##*/} ${p#*/} ${p%/*} ${p%%.*} ${#p} "${p%.1}"',
  parameters:
    'set -- a "b c" d; echo $# $1 "$2"; for w in "$@"; do echo "<$w>"; done; echo "$*"; shift 2; echo $# $1; set --; echo $#',
  status: "true; echo $?; false; echo $?; (exit 7); echo $?; ! true; echo $?; ! false; echo $?",
  lists: "true && echo a; false && echo b; true || echo c; false || echo d; false && echo e || echo f; echo g; echo h",
  pipelines:
    "echo one two | tr a-z A-Z | cat; seq 5 | sort -r | head -n 2; false | true; echo $?; true | false; echo $?",
  redirections:
    "echo a >f; echo b >>f; cat <f; cat <f >g; cat g; echo c 2>&1 >h | cat; cat h; { echo d; echo e; } >f; cat f; cat <f | wc -l | tr -d ' '",
  "errors into files": "cat nosuchfile 2>f || echo failed; wc -l <f | tr -d ' '; (echo out; echo err >&2) 2>/dev/null",
  descriptors: "exec 3>f; echo three >&3; exec 3>&-; cat f; exec 4<f; read x <&4; echo $x",
  "here-documents": "x=5; cat <<END\n$x $((x+1))\nEND\ncat <<'END'\n$x\nEND\ncat <<A; cat <<B\na\nA\nb\nB",
  conditions:
    "if true; then echo a; fi; if false; then echo b; else echo c; fi; if false; then :; elif true; then echo d; else echo e; fi",
  "while and until":
    "i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done; until [ $i -eq 0 ]; do i=$((i-1)); done; echo $i",
  "break and continue":
    "for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done; for a in x y; do for b in 1 2; do echo $a$b; continue 2; done; done",
  for: "for f in a 'b c' d; do echo \"[$f]\"; done; for x in; do echo never; done; echo done",
  case: "for w in apple avocado bean x; do case $w in a*o) echo ends;; a*) echo a;; [b-d]*) echo range;; *) echo other;; esac; done; case '*' in '*') echo star;; esac",
  functions: "f() { echo f $1 $#; return 3; }; f x y; echo $?; g() { f $1; echo g; }; g z; h() (exit 4); h; echo $?",
  "command substitution":
    'echo $(echo a; echo b) "$(echo a; echo b)" `echo c`; x=$(false); echo $?; echo $(echo $(echo deep)) "a $(echo "b c") d"',
  arithmetic:
    "echo $((1+2*3)) $(((1+2)*3)) $((7/2)) $((-7/2)) $((7%3)) $((1<2)) $((2<<3)) $((6&3)) $((6|3)) $((6^3)) $((!5)) $((~5)) $((1&&0||1))",
  splitting:
    'x="a  b c"; for w in $x; do echo "<$w>"; done; for w in "$x"; do echo "<$w>"; done; y=$x; echo "$y"; set -- $x; echo $#',
  patterns:
    "touch a1 a2 b1 .hidden; mkdir d; touch d/a3; echo a*; echo ?1; echo [ab]1; echo [!a]1; echo *; echo */*; echo c*; echo 'a*' \"?1\" \\*; echo .h*",
  subshells: "x=1; (x=2; echo $x); echo $x; (cd /; pwd); (exit 3) || echo failed",
  groups: "{ echo a; echo b; } | wc -l | tr -d ' '; x=1; { x=2; }; echo $x",
  read: "printf 'one two three\\nfour\\n' >f; while read a b; do echo \"$b/$a\"; done <f; echo x | { read y; echo $y; }; read z </dev/null || echo end",
  test: '[ a = a ] && echo 1; [ a != b ] && echo 2; [ -z "" ] && echo 3; [ -n "" ] || echo 4; [ 2 -gt 1 ] && echo 5; [ ! -e nofile ] && echo 6; [ -d / -a -f /nofile ] || echo 7; test "" || echo 8; [ "(" = "(" ] && echo 9',
  "eval and dot": "x='echo $y'; y=5; eval $x; echo 'z=7; echo in' >s; . ./s; echo $z",
  "set -e": "set -e; false || true; if false; then :; fi; ! true; echo here; false; echo never",
  exit: "echo a; exit 5; echo b",
  background: "(sleep 0.1; echo late) & wait; echo after; false & wait $!; echo $?",
  environment: 'X=1 sh -c \'echo "[$X]"\'; echo "[$X]"; Y=2; sh -c \'echo "[$Y]"\'; export Y; sh -c \'echo "[$Y]"\'',
  comments: "echo a # b\n# echo c\necho d#e '#f'",
};

const seed = Number(process.env.RENIX_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe("the shell", () => {
  let system: System;
  before(async function () {
    this.timeout(60_000);
    system = await bootedSystem();
  });

  describe("means what the host's sh means by", () => {
    for (const [name, script] of Object.entries(alike)) {
      it(name, () => {
        system.run("cd /; rm -rf /tmp/work; mkdir /tmp/work; cd /tmp/work");
        expect(runScript(system, script)).to.deep.equal(runOnHost(script));
      });
    }

    it(`arithmetic at random (RENIX_SEED=${seed})`, function () {
      this.timeout(60_000);
      const number = fc.integer({ min: 0, max: 999 }).map(String);
      const operator = fc.constantFrom("+", "-", "<", ">=", "==", "!=", "&", "|", "^", "&&", "||");
      const { expression } = fc.letrec<{ expression: string }>((tie) => ({
        expression: fc.oneof(
          { maxDepth: 3 },
          number,
          fc.tuple(tie("expression"), operator, tie("expression")).map(([a, o, b]) => `${a}${o}${b}`),
          // Small enough for 32 bits: the host's numbers have 64.
          fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `((${a})%99*((${b})%99))`),
          fc.tuple(tie("expression"), number).map(([a, b]) => `((${a})/(${b}+1))`),
          tie("expression").map((inner) => `(${inner})`),
          tie("expression").map((inner) => `-${inner.startsWith("-") ? `(${inner})` : inner}`),
        ),
      }));
      const property = fc.property(fc.array(expression, { minLength: 10, maxLength: 10 }), (expressions) => {
        const script = expressions.map((text) => `echo $(( (${text}) % 100000 ))`).join("\n");
        expect(runScript(system, script)).to.deep.equal(runOnHost(script));
      });
      fc.assert(property, { numRuns: 5, seed });
    });

    it(`quotes at random (RENIX_SEED=${seed})`, function () {
      this.timeout(60_000);
      const plain = fc.stringMatching(/^[a-z =:,.%+-]{1,6}$/);
      const piece = fc.oneof(
        plain.map((text) => `'${text}$x"'`),
        plain.map((text) => `"${text}$x\${y}'"`),
        fc.stringMatching(/^[a-z]{1,4}$/),
        fc.constantFrom(
          "$x",
          '"$x"',
          "\\$x",
          "\\'",
          '\\"',
          "$(echo '$x' b)",
          '"$(echo "$x  $x")"',
          "'a'\\''b'",
          "${z:-'q r'}",
          '""',
        ),
      );
      const property = fc.property(
        fc.array(fc.array(piece, { minLength: 1, maxLength: 4 }), { minLength: 8, maxLength: 8 }),
        (words) => {
          const lines = words.map((pieces) => `for w in ${pieces.join("")} ${pieces.join(" ")}; do echo "<$w>"; done`);
          const script = `x='1  2'\ny=3\n${lines.join("\n")}`;
          expect(runScript(system, script)).to.deep.equal(runOnHost(script));
        },
      );
      fc.assert(property, { numRuns: 5, seed });
    });
  });

  describe("says", () => {
    it("which command is not there, and ends it with 127", () => {
      expect(system.run("nosuchcommand; echo $?")).to.equal("sh: nosuchcommand: not found\n127\n");
    });

    it("what cannot be executed, with 126", () => {
      expect(system.run("/etc; echo $?")).to.match(/^sh: \/etc: .*\n126\n$/);
    });

    it("which signal ended a command, with 128 and its number", () => {
      expect(system.run("sh -c 'kill -9 $$'; echo $?")).to.equal("sh: Killed\n137\n");
    });

    it("why an arithmetic expression has no value", () => {
      expect(system.run("echo $((7/0))")).to.equal("sh: arithmetic: 7/0: division by zero\n");
      expect(system.run("echo $((7+))")).to.equal("sh: arithmetic: 7+: not an expression\n");
    });

    it("on which line of a script the syntax is wrong, after running what stands before", () => {
      expect(runScript(system, "echo a\nif true\nthen echo b\nfi\necho c; )\necho d")).to.deep.equal({
        output: "a\nb\nsh: /tmp/script: line 5: syntax error at )\n",
        status: 2,
      });
    });

    it("that a script ends in the middle of something", () => {
      expect(runScript(system, "echo a\nwhile true; do\n").output).to.match(/^a\nsh: .*syntax error at end of file\n$/);
    });

    it("which file of a redirection cannot be opened, and does not run the command", () => {
      expect(system.run("echo a < /nofile; echo $?")).to.equal("sh: /nofile: No such file or directory\n1\n");
    });
  });
});
