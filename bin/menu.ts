/**
 * The terminal's own menu, behind Ctrl-]: what the person at the keyboard can do to the machine from outside. Everything else that
 * is typed goes to the machine.
 */
import { CYCLES_PER_SECOND } from "../machine/board/memory-map.ts";
import { killService, serviceNames, slotOf } from "../replay/service.ts";
import type { Session } from "../replay/session.ts";

const ESCAPE = "\x1d"; // Ctrl-]
const NEWLINE = 0x0a;
const HELP = "renix: q quit  s status  k kill a service  c continue  ] type Ctrl-]  ? help";

type State = "typing" | "choosing" | "naming";

export class Menu {
  private readonly session: Session;
  private state: State = "typing";
  private name = "";
  /** What the system has written since its last newline: shown anew when the menu has had its say. */
  private line = "";

  constructor(session: Session) {
    this.session = session;
    session.machine.onOutput((byte) => {
      this.line = byte === NEWLINE ? "" : this.line + String.fromCharCode(byte);
    });
  }

  /** Takes what was typed; true when the person wants to quit. */
  take(text: string): boolean {
    let typed = "";
    for (const character of text) {
      if (this.state === "typing" && character !== ESCAPE) typed += character;
      else if (this.step(character)) return true;
    }
    if (typed !== "") this.session.type(typed);
    return false;
  }

  private step(character: string): boolean {
    switch (this.state) {
      case "typing":
        this.say(HELP);
        this.state = "choosing";
        return false;
      case "choosing":
        return this.choose(character);
      case "naming":
        this.spell(character);
        return false;
    }
  }

  private choose(character: string): boolean {
    this.state = "typing";
    switch (character) {
      case "q":
        this.say("renix: switched off");
        return true;
      case "s":
        this.answer(this.status());
        return false;
      case "k":
        process.stdout.write(`\r\nrenix: kill which service? (${serviceNames().join(", ")}) `);
        this.name = "";
        this.state = "naming";
        return false;
      case "]":
      case ESCAPE:
        this.session.type(ESCAPE);
        return false;
      case "c":
        this.answer("renix: on we go");
        return false;
      default:
        this.say(HELP);
        this.state = "choosing";
        return false;
    }
  }

  /** Collects a service's name up to Return. */
  private spell(character: string): void {
    if (character === "\r") {
      this.state = "typing";
      this.answer(this.name === "" ? "renix: nothing killed" : this.kill(this.name));
    } else if (character === "\x7f" || character === "\b") {
      if (this.name !== "") process.stdout.write("\b \b");
      this.name = this.name.slice(0, -1);
    } else if (character >= " ") {
      this.name += character;
      process.stdout.write(character);
    }
  }

  private kill(name: string): string {
    if (slotOf(name) === null) return `renix: there is no service "${name}"`;
    if (!serviceNames().includes(name)) return `renix: ${name} stays: the system cannot live without it`;
    killService(this.session, name);
    return `renix: ${name} killed`;
  }

  private status(): string {
    const { machine } = this.session;
    const seconds = (machine.cycle / CYCLES_PER_SECOND).toFixed(2);
    return `renix: cycle ${machine.cycle} (${seconds} s of machine time), ${machine.instructions} instructions`;
  }

  /** The menu's last word: behind it stands what stood there before. */
  private answer(line: string): void {
    this.say(line);
    process.stdout.write(Buffer.from(this.line, "latin1"));
  }

  private say(line: string): void {
    process.stdout.write(`\r\n${line}\r\n`);
  }
}
