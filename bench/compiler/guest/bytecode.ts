/** An interpreter of a small stack machine, running a program that sums squares in a loop. */
const enum Operation {
  Push,
  Load,
  Store,
  Add,
  Multiply,
  Subtract,
  JumpUnlessZero,
  Halt,
}

const program = new Uint8Array(64);
const stack = new Int32Array(32);
const variables = new Int32Array(8);
let length = 0;

export function main(): i32 {
  assemble();
  variables[0] = 2000;
  variables[1] = 0;
  return run(program) & 0x7fff;
}

function emit(operation: Operation, operand: i32): void {
  program[length] = u8(operation);
  program[length + 1] = u8(operand);
  length += 2;
}

/** do { sum += count * count; count -= 1; } while (count); */
function assemble(): void {
  length = 0;
  emit(Operation.Load, 1);
  emit(Operation.Load, 0);
  emit(Operation.Load, 0);
  emit(Operation.Multiply, 0);
  emit(Operation.Add, 0);
  emit(Operation.Store, 1);
  emit(Operation.Load, 0);
  emit(Operation.Push, 1);
  emit(Operation.Subtract, 0);
  emit(Operation.Store, 0);
  emit(Operation.Load, 0);
  emit(Operation.JumpUnlessZero, 0);
  emit(Operation.Load, 1);
  emit(Operation.Halt, 0);
}

function run(code: Uint8Array): i32 {
  let pc = 0;
  let top = 0;
  for (;;) {
    const operation = code[pc];
    const operand = code[pc + 1];
    pc += 2;
    switch (operation as Operation) {
      case Operation.Push:
        stack[top++] = operand;
        break;
      case Operation.Load:
        stack[top++] = variables[operand];
        break;
      case Operation.Store:
        variables[operand] = stack[--top];
        break;
      case Operation.Add:
        top--;
        stack[top - 1] += stack[top];
        break;
      case Operation.Multiply:
        top--;
        stack[top - 1] *= stack[top];
        break;
      case Operation.Subtract:
        top--;
        stack[top - 1] -= stack[top];
        break;
      case Operation.JumpUnlessZero:
        if (stack[--top] !== 0) pc = operand;
        break;
      case Operation.Halt:
        return stack[--top];
    }
  }
}
