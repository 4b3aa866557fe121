/**
 * The C extension (Unprivileged Specification, chapter 16): every instruction does what it stands for, takes two bytes,
 * and may begin at any half-word.
 */
import { expect } from "chai";
import { Cause, Csr } from "../../machine/isa/registers.ts";
import { type Assembler, ORIGIN, REGISTERS } from "./assembler.ts";
import { machineWith, runCode, runToEnd, wordAt } from "./bench-top.ts";
import { compressed as c } from "./compressed-assembler.ts";
import { HALF_WORDS, sweepImage } from "./compressed-sweep.ts";
import { isQemuInstalled, runOnQemu } from "./qemu.ts";
import { catchTraps, trapsOf } from "./trap-log.ts";

const DATA = ORIGIN + 0x10_0000;

/** All that one instruction does: registers, the words it may touch, how far pc got, what it cost. */
function effect(write: (a: Assembler) => void, lengthBytes: number) {
  const machine = machineWith((a) => {
    for (let register = 1; register < 32; register++) a.li(REGISTERS[register]!, DATA + 8 * register);
    a.li("s1", -77);
    a.li("a5", 0x1234_5678);
    a.label("here");
    write(a);
  });
  for (let word = 0; word < 128; word++) {
    machine.writePhysical(DATA + 4 * word, Uint8Array.of(word, word * 7, word * 13, word * 29));
  }
  const start = ORIGIN + 8 * 33;
  machine.addBreakpoint({ physical: start });
  machine.run(1000);
  const before = machine.cycle;
  machine.clearBreakpoints();
  machine.run(before + 1);
  const link = machine.hart.readRegister(1) - start;
  return {
    registers: REGISTERS.map((_, register) => machine.hart.readRegister(register)).map((value, register) =>
      register === 1 && link === lengthBytes ? "link" : value,
    ),
    memory: Array.from({ length: 128 }, (_, word) => wordAt(machine, DATA + 4 * word)),
    pc: machine.hart.readPc() - start === lengthBytes ? "next" : machine.hart.readPc(),
    cycles: machine.cycle - before,
  };
}

describe("compressed instructions", () => {
  const cases: [string, number, (a: Assembler) => void][] = [
    ["c.addi4spn", c.addi4spn("a3", 1020), (a) => a.i("addi", "a3", "sp", 1020)],
    ["c.addi4spn of 4", c.addi4spn("s0", 4), (a) => a.i("addi", "s0", "sp", 4)],
    ["c.lw", c.lw("a5", 124, "s0"), (a) => a.load("lw", "a5", 124, "s0")],
    ["c.lw of 4", c.lw("a5", 4, "s0"), (a) => a.load("lw", "a5", 4, "s0")],
    ["c.sw", c.sw("s1", 64, "a0"), (a) => a.store("sw", "s1", 64, "a0")],
    ["c.nop", c.nop(), (a) => a.nop()],
    ["c.addi", c.addi("t6", -32), (a) => a.i("addi", "t6", "t6", -32)],
    ["c.addi of 31", c.addi("ra", 31), (a) => a.i("addi", "ra", "ra", 31)],
    ["c.jal", c.jal(-2048), (a) => a.jal("ra", -2048)],
    ["c.jal forwards", c.jal(2046), (a) => a.jal("ra", 2046)],
    ["c.li", c.li("a1", -1), (a) => a.i("addi", "a1", "zero", -1)],
    ["c.li of 21", c.li("t5", 21), (a) => a.i("addi", "t5", "zero", 21)],
    ["c.addi16sp", c.addi16sp(-512), (a) => a.i("addi", "sp", "sp", -512)],
    ["c.addi16sp upwards", c.addi16sp(0x150), (a) => a.i("addi", "sp", "sp", 0x150)],
    ["c.lui", c.lui("gp", -1), (a) => a.lui("gp", -1)],
    ["c.lui of 17", c.lui("a0", 17), (a) => a.lui("a0", 17)],
    ["c.srli", c.srli("s1", 31), (a) => a.shift("srli", "s1", "s1", 31)],
    ["c.srai", c.srai("s1", 3), (a) => a.shift("srai", "s1", "s1", 3)],
    ["c.andi", c.andi("a5", -9), (a) => a.i("andi", "a5", "a5", -9)],
    ["c.sub", c.sub("a5", "s1"), (a) => a.r("sub", "a5", "a5", "s1")],
    ["c.xor", c.xor("a5", "s1"), (a) => a.r("xor", "a5", "a5", "s1")],
    ["c.or", c.or("a5", "s0"), (a) => a.r("or", "a5", "a5", "s0")],
    ["c.and", c.and("a5", "s0"), (a) => a.r("and", "a5", "a5", "s0")],
    ["c.j", c.j(0x2aa), (a) => a.jal("zero", 0x2aa)],
    ["c.j backwards", c.j(-0x2ac), (a) => a.jal("zero", -0x2ac)],
    ["c.beqz, not taken", c.beqz("s1", 8), (a) => a.branch("beq", "s1", "zero", 8)],
    ["c.bnez", c.bnez("s1", -256), (a) => a.branch("bne", "s1", "zero", -256)],
    ["c.bnez forwards", c.bnez("s1", 0xaa), (a) => a.branch("bne", "s1", "zero", 0xaa)],
    ["c.slli", c.slli("t2", 17), (a) => a.shift("slli", "t2", "t2", 17)],
    ["c.lwsp", c.lwsp("t4", 252), (a) => a.load("lw", "t4", 252, "sp")],
    ["c.jr", c.jr("a3"), (a) => a.jalr("zero", 0, "a3")],
    ["c.mv", c.mv("t3", "s1"), (a) => a.r("add", "t3", "zero", "s1")],
    ["c.jalr", c.jalr("a3"), (a) => a.jalr("ra", 0, "a3")],
    ["c.add", c.add("t3", "s1"), (a) => a.r("add", "t3", "t3", "s1")],
    ["c.swsp", c.swsp("s1", 200), (a) => a.store("sw", "s1", 200, "sp")],
    ["c.li to x0, a hint", c.li("zero", 5), (a) => a.nop()],
    ["c.slli by 0, a hint", c.slli("a0", 0), (a) => a.nop()],
  ];
  for (const [what, half, longForm] of cases) {
    it(`${what} does what it stands for, at the same cost`, () => {
      expect(effect((a) => a.half(half), 2)).to.deep.equal(effect(longForm, 4));
    });
  }

  for (const [what, half] of [
    ["zeros", 0x0000],
    ["c.addi4spn of 0", c.addi4spn("a0", 0)],
    ["c.addi16sp of 0", c.addi16sp(0)],
    ["c.lui of 0", c.lui("a0", 0)],
    ["c.lwsp to x0", c.lwsp("zero", 4)],
    ["c.jr of x0", c.jr("zero")],
    ["c.slli by 32", 0x1002 | (10 << 7)],
    ["c.srli by 32", 0x9001],
    ["c.subw, of RV64", 0x9c01],
    ["c.fld", 0x2000],
    ["c.flw", 0x6000],
    ["c.fsdsp", 0xa002],
    ["quadrant 0, funct3 4", 0x8000],
  ] as const) {
    it(`${what} is reserved: an illegal instruction, and mtval holds its two bytes`, () => {
      const machine = machineWith((a) => {
        catchTraps(a);
        a.la("s0", "here");
        a.j("here");
        a.label("here");
        a.half(half);
        a.half(c.nop());
        a.finish();
      });
      const { x } = runToEnd(machine);
      expect(trapsOf(machine)[0]).to.deep.include({ cause: Cause.IllegalInstruction, epc: x("s0"), value: half });
    });
  }

  it("c.ebreak traps as ebreak does", () => {
    const { machine } = runCode((a) => {
      catchTraps(a);
      a.half(c.ebreak());
      a.half(c.nop());
      a.finish();
    });
    const [trap, ...more] = trapsOf(machine);
    expect(trap).to.deep.include({ cause: Cause.Breakpoint, value: trap!.epc });
    expect(more).to.deep.equal([]);
  });

  it("all of them, and everything reserved, behave as on QEMU", function () {
    if (!isQemuInstalled()) this.skip();
    const image = sweepImage();
    const machine = machineWith(() => {}, { ramBytes: 16 << 20 });
    const output: number[] = [];
    machine.onOutput((byte) => output.push(byte));
    machine.writePhysical(ORIGIN, image);
    expect(machine.run(10_000_000_000).kind).to.equal("finished");
    const ours = new Int32Array(Uint8Array.from(output).buffer);
    const theirs = new Int32Array(Uint8Array.from(runOnQemu(image, 16).output).buffer);
    expect([ours.length, theirs.length]).to.deep.equal([HALF_WORDS.length, HALF_WORDS.length]);
    const different = HALF_WORDS.filter((_, index) => ours[index] !== theirs[index]);
    expect(different.map((half) => half.toString(16))).to.deep.equal([]);
  });
});

describe("instructions at half-words", () => {
  it("run in any mixture of lengths, and jumps and branches may go to any of them", () => {
    const { x } = runCode((a) => {
      a.half(c.li("a0", 1));
      a.j("half"); // a four-byte instruction at a half-word
      a.half(c.nop());
      a.label("half");
      a.i("addi", "a0", "a0", 100);
      a.branch("bne", "a0", "zero", "odd");
      a.finish(1);
      a.half(c.nop());
      a.label("odd");
      a.half(c.addi("a0", 10));
      a.la("t0", "target");
      a.jalr("ra", 1, "t0"); // the lowest bit is dropped
      a.half(c.nop());
      a.label("target");
      a.finish();
    });
    expect(x("a0")).to.equal(111);
  });

  it("mepc and sepc hold half-word addresses, and mret goes there", () => {
    const { x } = runCode((a) => {
      a.la("t0", "half");
      a.csrw(Csr.mepc, "t0");
      a.csrr("a1", Csr.mepc);
      a.li("t1", 0x1800);
      a.csrw(Csr.mstatus, "t1");
      a.mret();
      a.half(c.nop());
      a.label("half");
      a.mv("a2", "t0");
      a.finish();
    });
    expect(x("a1")).to.equal(x("a2"));
    expect(x("a1") % 4).to.equal(2);
  });

  it("a store to either half of an instruction changes it, at whatever half-word it begins", () => {
    for (const offset of [0, 2]) {
      const { x } = runCode((a) => {
        a.la("t0", "patched");
        a.la("t1", "replacement");
        a.load("lhu", "t2", offset, "t1");
        a.j("again");
        if (a.here % 4 === 0) a.half(c.nop());
        a.label("again");
        a.label("patched");
        a.i("addi", "a0", "a0", 1);
        a.store("sh", "t2", offset, "t0");
        a.half(c.addi("t3", 1));
        a.i("addi", "t4", "t3", -2);
        a.branch("bne", "t4", "zero", "again");
        a.finish();
        a.label("replacement");
        a.i("addi", offset === 0 ? "s1" : "a0", "a0", offset === 0 ? 1 : 0x50); // one half differs
      });
      expect(offset === 0 ? [x("a0"), x("s1")] : [x("a0")], `${offset}`).to.deep.equal(offset === 0 ? [1, 2] : [0x51]);
    }
  });

  it("an instruction's second half may itself be run, as another instruction", () => {
    const { x } = runCode((a) => {
      a.li("a1", 0);
      a.la("t0", "here");
      a.label("here");
      a.lui("a0", c.addi("a1", 5) << 4); // its upper half-word is c.addi a1, 5
      a.branch("bne", "a2", "zero", "end");
      a.i("addi", "a2", "zero", 1);
      a.jalr("zero", 2, "t0");
      a.label("end");
      a.finish();
    });
    expect(x("a1")).to.equal(5);
  });
});
