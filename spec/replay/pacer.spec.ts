/** How machine time is held to the wall clock: a second is a hundred million cycles. */
import { expect } from "chai";
import { Pacer } from "../../replay/pacer.ts";

describe("the pacer", () => {
  it("waits as long as machine time is ahead", () => {
    const pacer = new Pacer(0, 1000);
    expect(pacer.aheadMilliseconds(1_000_000, 1002)).to.be.closeTo(8, 1e-6);
    expect(pacer.aheadMilliseconds(1_000_000, 1010)).to.be.closeTo(0, 1e-6);
  });

  it("makes up for a little lag, not for a long one", () => {
    const little = new Pacer(0, 0);
    expect(little.aheadMilliseconds(1_000_000, 50)).to.equal(0);
    expect(little.aheadMilliseconds(4_000_000, 50)).to.equal(0);
    expect(little.aheadMilliseconds(6_000_000, 50)).to.be.closeTo(10, 1e-6);

    const long = new Pacer(0, 0);
    expect(long.aheadMilliseconds(1_000_000, 5000)).to.equal(0);
    expect(long.aheadMilliseconds(2_000_000, 5000)).to.be.closeTo(10, 1e-6);
  });
});
