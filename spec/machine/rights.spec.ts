/**
 * Every page-table entry's flags, for every access, in every mode, with SUM, MXR and MPRV (Privileged Specification,
 * section 4.3.2): what the specification says, and QEMU; of both engines.
 */
import { expect } from "chai";
import { Cause, Pte, Status } from "../../machine/isa/registers.ts";
import { type Engine, Machine } from "../../machine/machine.ts";
import { ORIGIN } from "./assembler.ts";
import { isQemuInstalled, runOnQemu, TWO_HARTS } from "./qemu.ts";
import { ALL_RIGHTS, CASES, NO_TRAP, type RightsCase, rightsImage } from "./rights-sweep.ts";

const RAM_MEBIBYTES = 16;
const PATIENCE_CYCLES = 10_000_000_000;

type Report = readonly [trap: number, flags: number];

describe(`page-table entries: ${CASES.length} accesses`, function () {
  this.timeout(60_000);
  const image = rightsImage();

  for (const engine of ["interpreter", "translator"] as const) {
    it(`end as the specification says, by the ${engine}`, () => {
      expect(differences(reportsOf(runOurs(image, engine)), CASES.map(expected))).to.deep.equal([]);
    });
  }

  it("end so on QEMU too", function () {
    if (!isQemuInstalled()) this.skip();
    expect(
      differences(reportsOf(runOnQemu(image, RAM_MEBIBYTES, TWO_HARTS).output), CASES.map(expected)),
    ).to.deep.equal([]);
  });
});

/** Section 4.3.2, for one virtual page whose rights one entry decides, or two. */
function expected({ flags, access, mode, status, place }: RightsCase): Report {
  const fault = [
    { load: Cause.LoadPage, store: Cause.StorePage, amo: Cause.StorePage, fetch: Cause.FetchPage }[access],
    flags,
  ] as const;
  const isReserved = (flags & (Pte.Read | Pte.Write)) === Pte.Write;
  if (!(flags & Pte.Valid) || isReserved) return fault;
  const isPointer = !(flags & (Pte.Read | Pte.Execute));
  if (isPointer) {
    const isGoodPointer = place !== "page" && !(flags & (Pte.Accessed | Pte.Dirty | Pte.User));
    return isGoodPointer && permits(ALL_RIGHTS, access, mode, status) ? [NO_TRAP, flags] : fault;
  }
  if (place === "superpage out of line" || !permits(flags, access, mode, status)) return fault;
  const isWritten = access === "store" || access === "amo";
  return [NO_TRAP, flags | Pte.Accessed | (isWritten ? Pte.Dirty : 0)];
}

function permits(flags: number, access: RightsCase["access"], mode: RightsCase["mode"], status: number): boolean {
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
function differences(reports: readonly Report[], due: readonly Report[]): string[] {
  expect(reports.length).to.equal(due.length);
  const different = CASES.map((_, index) => index).filter((index) => `${reports[index]}` !== `${due[index]}`);
  return different.slice(0, 10).map((index) => `${JSON.stringify(CASES[index])}: ${reports[index]}, not ${due[index]}`);
}
