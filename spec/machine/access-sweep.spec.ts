/**
 * Every access in every mode, with SUM, MXR and MPRV, by every page-table entry's flags, and with page and tables
 * protected by PMP (Privileged Specification, sections 4.3.2 and 3.7): what the specification says, and QEMU; of both
 * engines.
 */
import { expect } from "chai";
import { PmpBit } from "../../machine/hart/pmp.ts";
import { Cause, Pte, Status } from "../../machine/isa/registers.ts";
import { type Engine, Machine } from "../../machine/machine.ts";
import { ALL_RIGHTS, EVERY_ENTRY, NO_TRAP, PROTECTED, sweepImage, type Trial, trialsOf } from "./access-sweep.ts";
import { ORIGIN } from "./assembler.ts";
import { isQemuInstalled, runOnQemu, TWO_HARTS } from "./qemu.ts";

const RAM_MEBIBYTES = 16;
const PATIENCE_CYCLES = 10_000_000_000;
const PAGE_FAULTS = { load: Cause.LoadPage, store: Cause.StorePage, amo: Cause.StorePage, fetch: Cause.FetchPage };
const ACCESS_FAULTS = {
  load: Cause.LoadAccess,
  store: Cause.StoreAccess,
  amo: Cause.StoreAccess,
  fetch: Cause.FetchAccess,
};

type Report = readonly [trap: number, flags: number];

for (const [what, settings] of [
  ["every page-table entry", EVERY_ENTRY],
  ["tables and pages under PMP", PROTECTED],
] as const) {
  const trials = trialsOf(settings);
  const due = trials.map((trial) => expected(trial));
  const image = sweepImage(settings);

  describe(`${what}, in ${trials.length} accesses`, function () {
    this.timeout(60_000);

    for (const engine of ["interpreter", "translator"] as const) {
      it(`as the specification says, by the ${engine}`, () => {
        expect(differences(trials, reportsOf(runOurs(image, engine)), due)).to.deep.equal([]);
      });
    }

    it("as QEMU does, but that there PMP does not keep A and D from being set", function () {
      if (!isQemuInstalled()) this.skip();
      const theirs = reportsOf(runOnQemu(image, RAM_MEBIBYTES, TWO_HARTS).output);
      const dueThere = trials.map((trial) => expected(trial, { mayAlwaysUpdate: true }));
      expect(differences(trials, theirs, dueThere)).to.deep.equal([]);
    });
  });
}

/** Section 4.3.2, for one virtual page whose rights one entry decides, or two. */
function expected(trial: Trial, { mayAlwaysUpdate } = { mayAlwaysUpdate: false }): Report {
  const { flags, access, mode, status, place, protection } = trial;
  const pageFault = [PAGE_FAULTS[access], flags] as const;
  const accessFault = [ACCESS_FAULTS[access], flags] as const;
  const isWritten = access === "store" || access === "amo";
  if (!(protection.firstTable & PmpBit.Read)) return accessFault;
  if (place === "page" && !(protection.secondTable & PmpBit.Read)) return accessFault;
  const isReserved = (flags & (Pte.Read | Pte.Write)) === Pte.Write;
  if (!(flags & Pte.Valid) || isReserved) return pageFault;
  const isPointer = !(flags & (Pte.Read | Pte.Execute));
  if (isPointer) {
    const isGoodPointer = place !== "page" && !(flags & (Pte.Accessed | Pte.Dirty | Pte.User));
    return isGoodPointer && permits(ALL_RIGHTS, access, mode, status) ? [NO_TRAP, flags] : pageFault;
  }
  if (place === "superpage out of line" || !permits(flags, access, mode, status)) return pageFault;
  const updated = flags | Pte.Accessed | (isWritten ? Pte.Dirty : 0);
  const mayUpdate = mayAlwaysUpdate || (protection.secondTable & PmpBit.Write) !== 0;
  if (updated !== flags && !mayUpdate) return accessFault;
  const needed = { load: PmpBit.Read, store: PmpBit.Write, amo: PmpBit.Write, fetch: PmpBit.Execute }[access];
  return [protection.page & needed ? NO_TRAP : ACCESS_FAULTS[access], updated];
}

function permits(flags: number, access: Trial["access"], mode: Trial["mode"], status: number): boolean {
  const isUsers = (flags & Pte.User) !== 0;
  if (mode.startsWith("U")) {
    if (!isUsers) return false;
  } else if (isUsers && (access === "fetch" || !(status & Status.Sum))) return false;
  if (access === "fetch") return (flags & Pte.Execute) !== 0;
  if (access === "load") return (flags & (status & Status.Mxr ? Pte.Read | Pte.Execute : Pte.Read)) !== 0;
  return (flags & Pte.Write) !== 0;
}

function runOurs(image: Uint8Array, engine: Engine): Uint8Array {
  const machine = new Machine({ ramBytes: RAM_MEBIBYTES << 20, engine, translateAfter: 0 });
  const output: number[] = [];
  machine.onOutput((byte) => output.push(byte));
  machine.writePhysical(ORIGIN, image);
  expect(machine.run(PATIENCE_CYCLES).kind).to.equal("finished");
  return Uint8Array.from(output);
}

function reportsOf(bytes: Uint8Array): Report[] {
  return Array.from({ length: bytes.length / 2 }, (_, index) => [bytes[2 * index]!, bytes[2 * index + 1]!]);
}

/** At most ten, as text. */
function differences(trials: readonly Trial[], reports: readonly Report[], due: readonly Report[]): string[] {
  expect(reports.length).to.equal(due.length);
  const different = trials.map((_, index) => index).filter((index) => `${reports[index]}` !== `${due[index]}`);
  return different
    .slice(0, 10)
    .map((index) => `${JSON.stringify(trials[index])}: ${reports[index]}, not ${due[index]}`);
}
