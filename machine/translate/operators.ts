/**
 * The operators of isa/meaning.ts in WebAssembly: what hart/generate.ts says in JavaScript, once more.
 *
 * Both operands are pushed by functions, so that an operator may push them more than once.
 */
import type { Operator } from "../isa/meaning.ts";
import { type Code, Op, Type } from "./encode.ts";

type Push = () => void;

/** Pushes the result, a word. */
export function pushOperator(code: Code, operator: Operator, left: Push, right: Push): void {
  const simple = SIMPLE[operator];
  if (simple !== undefined) {
    left();
    right();
    code.op(simple);
    return;
  }
  SPECIAL[operator]!(code, left, right);
}

const SIMPLE: Partial<Record<Operator, Op>> = {
  add: Op.I32Add,
  subtract: Op.I32Sub,
  and: Op.I32And,
  or: Op.I32Or,
  xor: Op.I32Xor,
  shiftLeft: Op.I32Shl,
  shiftRight: Op.I32ShrS,
  shiftRightUnsigned: Op.I32ShrU,
  equal: Op.I32Eq,
  notEqual: Op.I32Ne,
  less: Op.I32LtS,
  lessUnsigned: Op.I32LtU,
  atLeast: Op.I32GeS,
  atLeastUnsigned: Op.I32GeU,
  multiply: Op.I32Mul,
};

type Special = (code: Code, left: Push, right: Push) => void;

const SPECIAL: Partial<Record<Operator, Special>> = {
  minimum: choice(Op.I32LtS),
  minimumUnsigned: choice(Op.I32LtU),
  maximum: choice(Op.I32GtS),
  maximumUnsigned: choice(Op.I32GtU),
  multiplyHigh: highProduct(Op.I64ExtendI32S, Op.I64ExtendI32S),
  multiplyHighSignedUnsigned: highProduct(Op.I64ExtendI32S, Op.I64ExtendI32U),
  multiplyHighUnsigned: highProduct(Op.I64ExtendI32U, Op.I64ExtendI32U),
  divide: signedDivision(Op.I32DivS, (code, left, right) => {
    // By zero: all ones. By minus one: the negative, which overflows to itself.
    code.constant(-1).constant(0);
    left();
    code.op(Op.I32Sub);
    right();
    code.op(Op.I32Eqz).op(Op.Select);
  }),
  remainder: signedDivision(Op.I32RemS, (code, left, right) => {
    left();
    code.constant(0);
    right();
    code.op(Op.I32Eqz).op(Op.Select);
  }),
  divideUnsigned: unsignedDivision(Op.I32DivU, (code) => code.constant(-1)),
  remainderUnsigned: unsignedDivision(Op.I32RemU, (_code, left) => left()),
};

/** Of two values, the left one where the comparison holds. */
function choice(comparison: Op): Special {
  return (code, left, right) => {
    left();
    right();
    left();
    right();
    code.op(comparison).op(Op.Select);
  };
}

function highProduct(extendLeft: Op, extendRight: Op): Special {
  return (code, left, right) => {
    left();
    code.op(extendLeft);
    right();
    code.op(extendRight).op(Op.I64Mul).longConstant(32).op(Op.I64ShrU).op(Op.I32WrapI64);
  };
}

/**
 * WebAssembly traps where RISC-V has a result (Unprivileged Specification, section 7.2): divisors 0 and -1 stand apart.
 */
function signedDivision(division: Op, apart: Special): Special {
  return (code, left, right) => {
    right();
    code.constant(1).op(Op.I32Add).constant(1).op(Op.I32LeU).block(Op.If, Type.I32);
    apart(code, left, right);
    code.op(Op.Else);
    left();
    right();
    code.op(division).op(Op.End);
  };
}

function unsignedDivision(division: Op, byZero: Special): Special {
  return (code, left, right) => {
    right();
    code.op(Op.I32Eqz).block(Op.If, Type.I32);
    byZero(code, left, right);
    code.op(Op.Else);
    left();
    right();
    code.op(division).op(Op.End);
  };
}
