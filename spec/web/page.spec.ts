/** The page in a real browser: the same machine, the same states. Skips itself where no Chromium is installed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Browser } from "playwright-core";
import { EXEC_ARGUMENT } from "../../machine/board/boot-arguments.ts";
import { ENGINES } from "../../machine/machine.ts";
import { defaultConfiguration, Session } from "../../replay/session.ts";
import { findChromium, openBrowser, runInPage } from "../../web/browser.ts";
import { buildPage } from "../../web/build.ts";
import { type Server, serve } from "../../web/serve.ts";
import { systemImage } from "../harness.ts";

const COMMAND = "cksum /bin/*; sleep 1; service crash disk null; cp /bin/sh /copy; cksum /copy; exit 3";
const PATIENCE_MILLISECONDS = 120_000;

/** In Node: the hash at every checkpoint and at the end. */
async function hashesInNode(): Promise<{ hashes: Map<number, string>; instructions: number }> {
  const session = new Session(await systemImage(), { ...defaultConfiguration, bootArguments: EXEC_ARGUMENT + COMMAND });
  const hashes = new Map<number, string>();
  session.onCheckpoint = (cycle, hash) => hashes.set(cycle, hash);
  session.advance(Number.MAX_SAFE_INTEGER);
  hashes.set(session.machine.cycle, session.machine.hash());
  return { hashes, instructions: session.machine.instructions };
}

describe("the page", function () {
  this.timeout(2 * PATIENCE_MILLISECONDS);
  let folder: string;
  let server: Server;
  let browser: Browser;

  before(async function () {
    const chromium = findChromium();
    if (chromium === null) {
      this.skip();
      return;
    }
    folder = mkdtempSync(join(tmpdir(), "renix-web-"));
    await buildPage(folder);
    server = await serve(folder);
    browser = await openBrowser(chromium);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  for (const engine of ENGINES) {
    it(`has Node's states at every checkpoint by the ${engine}, a crash and its healing included`, async () => {
      const page = await browser.newPage();
      const address = `${server.address}?fast&engine=${engine}&exec=${encodeURIComponent(COMMAND)}`;
      const run = await runInPage(page, address, PATIENCE_MILLISECONDS);
      const expected = await hashesInNode();
      expect(run.state).to.equal("powered off, status 3");
      expect(run.hashes.size).to.be.at.least(5);
      expect([...run.hashes]).to.deep.equal([...expected.hashes]);
      expect(run.instructions).to.equal(expected.instructions);
      await page.close();
    });
  }

  it("is a terminal on the system", async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}?fast`);
    const shows = (text: string): Promise<unknown> =>
      page.waitForFunction((wanted) => document.querySelector(".xterm-rows")!.textContent!.includes(wanted), text, {
        timeout: PATIENCE_MILLISECONDS,
      });
    await shows("# ");
    await page.keyboard.type("echo typed | tr a-z A-Z; poweroff\n");
    await shows("TYPED");
    await page.waitForSelector('#state[data-state="stopped"]', { timeout: PATIENCE_MILLISECONDS });
    expect(await page.textContent("#state")).to.equal("powered off, status 0");
    await page.close();
  });

  it("says what is missing", async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}?elf=nosuch.elf`);
    await page.waitForSelector('#state[data-state="failed"]', { timeout: PATIENCE_MILLISECONDS });
    expect(await page.textContent("#state")).to.match(/^nosuch\.elf: 404/);
    await page.close();
  });
});
