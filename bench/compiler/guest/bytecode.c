/* An interpreter of a small stack machine, running a program that sums squares in a loop. */
#include "support.h"
enum operation { PUSH, LOAD, STORE, ADD, MULTIPLY, SUBTRACT, JUMP_UNLESS_ZERO, HALT };

static u8 program[64];
static i32 stack[32];
static i32 variables[8];
static i32 length;

static void emit(enum operation operation, i32 operand) {
  program[length] = operation;
  program[length + 1] = operand;
  length += 2;
}

/* do { sum += count * count; count -= 1; } while (count); */
static void assemble(void) {
  length = 0;
  emit(LOAD, 1);
  emit(LOAD, 0);
  emit(LOAD, 0);
  emit(MULTIPLY, 0);
  emit(ADD, 0);
  emit(STORE, 1);
  emit(LOAD, 0);
  emit(PUSH, 1);
  emit(SUBTRACT, 0);
  emit(STORE, 0);
  emit(LOAD, 0);
  emit(JUMP_UNLESS_ZERO, 0);
  emit(LOAD, 1);
  emit(HALT, 0);
}

static i32 run(const u8 *code) {
  i32 pc = 0;
  i32 top = 0;
  for (;;) {
    i32 operation = code[pc];
    i32 operand = code[pc + 1];
    pc += 2;
    switch (operation) {
      case PUSH:
        stack[top++] = operand;
        break;
      case LOAD:
        stack[top++] = variables[operand];
        break;
      case STORE:
        variables[operand] = stack[--top];
        break;
      case ADD:
        top--;
        stack[top - 1] += stack[top];
        break;
      case MULTIPLY:
        top--;
        stack[top - 1] *= stack[top];
        break;
      case SUBTRACT:
        top--;
        stack[top - 1] -= stack[top];
        break;
      case JUMP_UNLESS_ZERO:
        if (stack[--top] != 0) pc = operand;
        break;
      case HALT:
        return stack[--top];
    }
  }
}

int main(void) {
  assemble();
  variables[0] = 2000;
  variables[1] = 0;
  return run(program) & 0x7fff;
}
