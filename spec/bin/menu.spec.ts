/** The terminal's own menu, behind Ctrl-]. */
import { expect } from "chai";
import sinon from "sinon";
import { Menu } from "../../bin/menu.ts";
import { defaultConfiguration, Session } from "../../replay/session.ts";
import { systemImage } from "../harness.ts";

const KEY = "\x1d";

describe("the menu", () => {
  let session: Session;
  let menu: Menu;
  let shown = "";
  before(async () => {
    session = new Session(await systemImage(), defaultConfiguration);
    menu = new Menu(session);
    session.advance(100_000_000);
  });
  /** Types at the menu; what it has shown. */
  function type(...texts: string[]): string {
    shown = "";
    const write = sinon.stub(process.stdout, "write").callsFake((chunk) => {
      shown += Buffer.from(chunk as Uint8Array).toString("latin1");
      return true;
    });
    try {
      for (const text of texts) menu.take(text);
    } finally {
      write.restore();
    }
    return shown;
  }

  it("tells the time, and shows the prompt again that was there", () => {
    expect(type(KEY, "s")).to.match(/\r\nrenix: cycle 1\d{8} \(1\.\d\d s of machine time\), \d+ instructions\r\n# $/);
  });

  it("kills a service that may be killed", () => {
    expect(type(KEY, "k", "disk\r")).to.match(
      /kill which service\? \(log, memory, tty, disk\) disk\r\nrenix: disk killed\r\n# $/,
    );
  });

  it("kills no service that the system cannot live without, and none that is not there", () => {
    expect(type(KEY, "k", "vfs\r")).to.include("renix: vfs stays: the system cannot live without it");
    expect(type(KEY, "k", "dsik\x7f\x7f\x7fisk?\r")).to.include('renix: there is no service "disk?"');
    expect(type(KEY, "k", "\r")).to.include("renix: nothing killed");
  });

  it("explains itself again to a key that it does not know", () => {
    expect(type(KEY, "x", "c")).to.match(/(\r\nrenix: q quit .*\r\n){2}\r\nrenix: on we go\r\n# $/);
  });

  it("types Ctrl-] itself when it is wanted twice", () => {
    expect(type(KEY, KEY)).to.match(/^\r\nrenix: q quit [^\n]*\r\n$/);
  });

  it("says when to leave", () => {
    shown = type(KEY);
    const write = sinon.stub(process.stdout, "write").returns(true);
    const leaves = menu.take("q");
    write.restore();
    expect(leaves).to.equal(true);
  });
});
