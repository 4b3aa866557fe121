/** The table of errors in docs/language.md is the table in compiler/errors.ts. `UPDATE_DOCS=1` writes it anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { errors } from "../../compiler/errors.ts";

const page = new URL("../../../docs/language.md", import.meta.url);
const HEADING = "| code | what is wrong | write instead |";

/** The table as it should stand; `…` for names and texts of the place. */
function errorTable(): string {
  const cell = (text: string): string => text.replace(/\{\d\}/g, "…").replace(/\|/g, "\\|");
  const rows = Object.values(errors).map(
    ({ code, message, instead }) => `| RX${code} | ${cell(message)} | ${cell(instead)} |`,
  );
  return [HEADING, "|---|---|---|", ...rows].join("\n");
}

describe("the page about the language", () => {
  it("has the table of errors as it is", () => {
    const text = readFileSync(page, "utf8");
    const before = text.includes(HEADING) ? text.slice(0, text.indexOf(HEADING)) : text;
    const current = `${before.trimEnd()}\n\n${errorTable()}\n`;
    if (process.env.UPDATE_DOCS === "1") writeFileSync(page, current);
    else expect(text).to.equal(current);
  });
});
