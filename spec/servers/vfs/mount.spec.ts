/** A second file system: put onto the disk of memory, mounted, used and taken away again, at the shell. */
import { expect } from "chai";
import { Machine } from "../../../machine/machine.ts";
import { readMinixFs } from "../../../system/minix-fs/reader.ts";
import { writeMinixFs } from "../../../system/minix-fs/writer.ts";
import { System, systemImage } from "../../harness.ts";
import { withFiles } from "./guest-programs.ts";

const RAM_BYTES = 1 << 20;

describe("a second file system", () => {
  it("can be mounted and unmounted, and paths lead into it and out again", async () => {
    const small = writeMinixFs({ bytes: RAM_BYTES, files: [{ path: "/inside/file", content: "from the image\n" }] });
    const { elf, disk } = await systemImage();
    const machine = new Machine({ disk: withFiles(disk, [{ path: "/small", content: small }]) });
    machine.loadElf(elf);
    const system = new System(machine);
    system.waitForPrompt();
    const run = (line: string) => system.run(line);

    expect(run("dd if=/small of=/dev/ram 2>/dev/null; mount /dev/ram /mnt; echo $?")).to.equal("0\n");
    expect(run("cat /mnt/inside/file")).to.equal("from the image\n");
    expect(run("cd /mnt/inside; pwd; ls ../..; ls -a .. | wc -l; cd /")).to.match(
      /^\/mnt\/inside\n(.*\n)*.*\bsmall\b.*\n(.*\n)*3\n$/,
    );
    expect(run("df")).to.match(/\/mnt$/m);
    expect(run("cp /bin/ls /mnt/ls; /mnt/ls /mnt")).to.match(/^inside +ls/);
    expect(run("ln /bin/ls /mnt/hard; echo $?")).to.match(/cross.*\n1\n$/i);
    expect(run("mv /bin/wc /mnt/wc; seq 3 | /mnt/wc -l")).to.match(/^ *3\n$/);
    for (const line of ["rmdir /mnt", "mv /mnt /tmp", "mount /dev/ram /tmp", "echo x >/dev/ram"]) {
      expect(run(line), line).to.match(/busy/);
    }
    expect(run("cd /mnt; umount /mnt; cd /")).to.match(/busy/);
    expect(run("umount /mnt; echo $?; ls /mnt")).to.equal("0\n");
    expect(run("umount /mnt; umount /; echo $?")).to.match(/1\n$/);
  });

  it("comes back from the disk of memory as it was left", async () => {
    const small = writeMinixFs({ bytes: RAM_BYTES, files: [] });
    const { elf, disk } = await systemImage();
    const script = [
      "dd if=/small of=/dev/ram",
      "mount /dev/ram /mnt; mkdir /mnt/a; cp /bin/ls /mnt/a/ls; umount /mnt",
      "dd if=/dev/ram of=/small",
    ].join("; ");
    const files = [{ path: "/small", content: small }];
    const machine = new Machine({ disk: withFiles(disk, files), bootArguments: `renix.exec=(${script}) 2>/dev/null` });
    machine.loadElf(elf);
    const system = new System(machine);
    expect(system.runToEnd(), system.output).to.equal(0);
    const outer = readMinixFs(machine.disk!.content()).files;
    const inner = readMinixFs(outer.get("/small")!.content).files;
    expect(Buffer.compare(inner.get("/a/ls")!.content, outer.get("/bin/ls")!.content)).to.equal(0);
  });
});
