/** The page of services: who waits for whom has no circle, and what it becomes for RS is what it says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../../system/build.ts";
import { ROW_BYTES, writeServiceTable } from "../../system/service-table.ts";
import { init, type Service, services } from "../../system/services.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** Everybody whom a service can come to wait for, directly or through others. */
function reachable(from: string, rows: readonly Service[]): Set<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    for (const next of rows.find((row) => row.name === name)?.asks ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(from);
  return found;
}

describe("the page of services", () => {
  it("lets nobody wait for itself, through however many others", () => {
    for (const { name } of services) expect([...reachable(name, services)], name).not.to.include(name);
  });

  it("finds a circle where there is one", () => {
    const circle = services.map((row) => (row.name === "ds" ? { ...row, asks: ["mfs"] } : row));
    expect([...reachable("ds", circle)]).to.include("ds");
  });

  it("lets the restart of a service wait for nobody but VM and DS", () => {
    expect([...reachable("rs", services)].sort()).to.deep.equal(["ds", "vm"]);
  });

  it("gives every service a slot and a name of its own, and rights towards all that it asks", () => {
    expect(new Set(services.map(({ slot }) => slot)).size).to.equal(services.length);
    expect(new Set(services.map(({ name }) => name)).size).to.equal(services.length);
    for (const { asks, tells } of services) expect(asks.filter((peer) => tells.includes(peer))).to.deep.equal([]);
  });

  it("lets whoever is asked answer", () => {
    for (const row of services) {
      for (const asked of row.asks) {
        const { tells } = services.find(({ name }) => name === asked)!;
        expect(tells, `${asked} answers ${row.name}`).to.include(row.name);
      }
    }
  });

  it("puts RS above everything it watches", () => {
    const rs = services.find(({ name }) => name === "rs")!;
    for (const row of services) if (row !== rs) expect(row.priority, row.name).to.be.above(rs.priority);
  });

  it("becomes one row for each service, and one for init", () => {
    const table = writeServiceTable(read);
    expect(table.length).to.equal((services.length + 1) * ROW_BYTES);
    const view = new DataView(table.buffer);
    services.forEach(({ slot, priority }, index) => {
      expect(view.getUint32(index * ROW_BYTES + 32, true)).to.equal(slot);
      expect(view.getUint32(index * ROW_BYTES + 84, true)).to.equal(priority);
    });
    expect(view.getUint32(services.length * ROW_BYTES + 32, true)).to.equal(init.slot);
  });

  it("names the row and the word when a right does not exist", () => {
    const wrong = services.map((row) => (row.name === "rs" ? { ...row, calls: ["MakeCoffee"] } : row));
    expect(() => writeServiceTable(read, wrong)).to.throw('service rs: there is no kernel call "MakeCoffee"');
  });
});
