/** The shell's variables and functions: two lists in the heap. Begin reading at `getVariable`. */

import { Ascii } from "../../lib/library/ascii.ts";
import { Builder } from "../../lib/library/builder.ts";
import { sameBytes } from "../../lib/library/bytes.ts";
import { release, take } from "../../lib/library/heap.ts";
import type { TextList } from "../../lib/library/list.ts";
import { print } from "../../lib/library/output.ts";
import { makeText, releaseText } from "../../lib/library/text.ts";
import { arenaText } from "./arena.ts";

class Variable {
  name: string = "";
  value: string = "";
  /** Given to the programs that the shell runs. */
  exported: boolean = false;
  /** Exported before it has a value. */
  unset: boolean = false;
  next: Variable | null = null;
}

let variables: Variable | null = null;
let functions: Variable | null = null;

/** The value of a variable, or null. */
export function getVariable(name: Uint8Array): string | null {
  const variable = find(variables, name);
  return variable === null || variable.unset ? null : variable.value;
}

export function setVariable(name: Uint8Array, value: Uint8Array): void {
  const variable = find(variables, name);
  if (variable === null) variables = makeVariable(name, value, variables);
  else replaceValue(variable, value);
}

export function exportVariable(name: Uint8Array): void {
  let variable = find(variables, name);
  if (variable === null) {
    variable = makeVariable(name, "".bytes, variables);
    variable.unset = true;
    variables = variable;
  }
  variable.exported = true;
}

export function unsetVariable(name: Uint8Array): void {
  variables = without(variables, name);
}

/** The text of a function's body, or null. */
export function getFunction(name: Uint8Array): string | null {
  const found = find(functions, name);
  return found === null ? null : found.value;
}

export function setFunction(name: Uint8Array, body: Uint8Array): void {
  const found = find(functions, name);
  if (found === null) functions = makeVariable(name, body, functions);
  else replaceValue(found, body);
}

export function unsetFunction(name: Uint8Array): void {
  functions = without(functions, name);
}

/** Appends "NAME=value", in the arena, for every exported variable. */
export function listEnvironment(environment: TextList): void {
  const text = new Builder();
  for (let variable = variables; variable !== null; variable = variable.next) {
    if (!variable.exported || variable.unset) continue;
    text.clear();
    text.appendText(variable.name);
    text.appendByte(Ascii.Equals);
    text.appendText(variable.value);
    environment.append(arenaText(text.bytes()));
  }
  text.release();
}

/** Prints the variables, or only those that are exported, as commands that would set them. */
export function printVariables(onlyExported: boolean): void {
  for (let variable = variables; variable !== null; variable = variable.next) {
    if (onlyExported && !variable.exported) continue;
    const prefix = onlyExported ? "export " : "";
    if (variable.unset) print`${prefix}${variable.name}\n`;
    else print`${prefix}${variable.name}='${variable.value}'\n`;
  }
}

function find(list: Variable | null, name: Uint8Array): Variable | null {
  for (let variable = list; variable !== null; variable = variable.next) {
    if (sameBytes(variable.name.bytes, name)) return variable;
  }
  return null;
}

function makeVariable(name: Uint8Array, value: Uint8Array, next: Variable | null): Variable {
  const variable = view(take(u32(sizeOf(Variable))), Variable);
  variable.name = makeText(name);
  variable.value = makeText(value);
  variable.exported = false;
  variable.unset = false;
  variable.next = next;
  return variable;
}

/** The new value may lie in the old one. */
function replaceValue(variable: Variable, value: Uint8Array): void {
  const old = variable.value;
  variable.value = makeText(value);
  variable.unset = false;
  releaseText(old);
}

function without(list: Variable | null, name: Uint8Array): Variable | null {
  const found = find(list, name);
  if (found === null) return list;
  let first = list;
  if (found === list) first = found.next;
  else {
    for (let before = list; before !== null; before = before.next) if (before.next === found) before.next = found.next;
  }
  releaseText(found.name);
  releaseText(found.value);
  release(address(found));
  return first;
}
