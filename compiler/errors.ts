/**
 * Every error the compiler itself can report: one table, from which docs/language.md is derived.
 *
 * A row is a code, what is wrong (`{0}` and `{1}` stand for names and texts of the place), and what to write instead. Codes:
 * RX1… constructs outside the language, RX2… integers, RX3… storage and types, RX4… references that outlive what they
 * refer to, RX5… functions and calls, RX6… static data, RX7… the program as a whole. Begin reading at `errors`.
 */
import ts = require("typescript");

/** One error, in a form that any caller can print. `line` and `column` count from 1; 0 where an error has no place. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `TS2322` for what tsc reports, `RX1001` for what this compiler does. */
  readonly code: string;
  readonly message: string;
}

interface Row {
  readonly code: number;
  readonly message: string;
  readonly instead: string;
}

export const errors = {
  exceptions: { code: 1001, message: "exceptions do not exist", instead: "return a Status, or assert" },
  asynchronous: { code: 1002, message: "there is no async and no await", instead: "a loop over messages" },
  generator: { code: 1003, message: "generators do not exist", instead: "a loop" },
  accessor: { code: 1004, message: "getters and setters do not exist", instead: "a method" },
  constructorBody: {
    code: 1005,
    message: "classes have no constructors",
    instead: "field initialisers, or a function that fills the fields",
  },
  expression: { code: 1006, message: "{0} is not part of the language", instead: "something from docs/language.md" },
  regularExpression: { code: 1007, message: "regular expressions do not exist", instead: "a loop over the bytes" },
  typeOf: { code: 1008, message: "types do not exist at run time: {0}", instead: "a tag field and a switch on it" },
  deletion: { code: 1009, message: "fields cannot be deleted", instead: "a field that can be null" },
  spread: { code: 1010, message: "spreading and rest do not exist", instead: "each element, or a slice" },
  optionalChain: {
    code: 1011,
    message: "optional chaining yields undefined, which does not exist",
    instead: "a comparison with null",
  },
  undefinedValue: { code: 1012, message: "undefined does not exist", instead: "null" },
  anyType: {
    code: 1013,
    message: "{0} has no representation",
    instead: "a class, an integer type, or a union of classes",
  },
  forIn: { code: 1014, message: "for…in does not exist", instead: "for…of, or a loop over an index" },
  looseEquality: { code: 1015, message: "{0} converts its operands", instead: "{1}" },
  variable: { code: 1016, message: "var is hoisted out of its block", instead: "let or const" },
  concatenation: {
    code: 1017,
    message: "strings are read only and cannot be joined",
    instead: "print`…`, or bytes in a Uint8Array",
  },
  template: { code: 1018, message: "a formatted text needs a tag", instead: "print`…`" },
  destructuring: {
    code: 1019,
    message: "only fields can be taken apart, by name and in a declaration",
    instead: "const { a, b } = thing",
  },
  objectLiteral: {
    code: 1020,
    message: "this object literal has no declared type",
    instead: "an annotation with a class, an interface or a Record",
  },
  namespace: { code: 1021, message: "namespaces do not exist", instead: "a module" },
  dynamicImport: {
    code: 1022,
    message: "modules are linked before the program starts",
    instead: "an import declaration",
  },
  power: { code: 1023, message: "** does not exist", instead: "a shift or a loop" },
  logicalAssignment: { code: 1024, message: "{0} is not part of the language", instead: "an if statement" },
  decorator: { code: 1025, message: "decorators do not exist", instead: "a call" },
  symbolName: { code: 1026, message: "fields have plain names", instead: "an identifier" },

  fraction: { code: 2001, message: "{0} is not an integer", instead: "fixed-point arithmetic" },
  mixed: { code: 2002, message: "{0} mixes {1}", instead: "a conversion, such as u32(x) or i32(x)" },
  literalRange: { code: 2003, message: "{0} does not fit {1}", instead: "a value in range, or a conversion" },
  narrowing: { code: 2004, message: "{0} may not fit {1}", instead: "{1}(…), which keeps the low bits" },
  brand: { code: 2005, message: "{0} is not {1}", instead: "a conversion, such as vaddr(x) or paddr(x)" },
  signedShift: { code: 2006, message: ">> keeps a sign, and {0} has none", instead: ">>>" },
  unsignedShift: {
    code: 2007,
    message: ">>> of {0}: JavaScript's result is unsigned, this one's could not be",
    instead: ">>, or u32(x) >>> n",
  },
  noWidth: { code: 2008, message: "number has no width here", instead: "u32, i32, u16, u8 or u64" },
  divisionByZero: { code: 2009, message: "division by zero", instead: "another divisor" },
  condition: { code: 2010, message: "{0} is no boolean", instead: "a comparison, such as x !== 0 or x !== null" },
  shiftRange: { code: 2011, message: "a shift by {0} is out of range", instead: "0 to {1}" },
  operands: { code: 2012, message: "{0} is not defined for {1}", instead: "operands it is defined for" },

  structure: {
    code: 3001,
    message: "{0} and {1} look alike but are laid out each in its own way",
    instead: "the declared class, or a subclass of it",
  },
  assignWhole: { code: 3002, message: "a struct in place cannot be replaced", instead: "copy(target, source)" },
  fieldType: {
    code: 3003,
    message: "{0} cannot be stored",
    instead: "an integer, boolean, string, reference, function, or new in place",
  },
  tooLarge: { code: 3004, message: "{0} has {1}", instead: "a larger `static readonly bytes`" },
  elementCount: { code: 3005, message: "the number of elements must be a constant", instead: "a literal or a const" },
  unionField: {
    code: 3006,
    message: "{0} lies elsewhere in each member of the union",
    instead: "a switch on the tag first",
  },
  recordKeys: { code: 3007, message: "the keys of this record are {0}", instead: "an enum with values close together" },
  optionalField: {
    code: 3008,
    message: "optional fields and parameters do not exist",
    instead: "a field that can be null, or a default",
  },
  nullable: { code: 3009, message: "{0} cannot be null", instead: "a separate flag, or a reserved value" },
  virtualMethod: {
    code: 3010,
    message: "methods cannot be overridden: calls are bound when compiled",
    instead: "a field that holds a function",
  },
  classValue: { code: 3011, message: "a class is no value here", instead: "new, or a call that takes a class" },
  newArguments: { code: 3012, message: "new takes no arguments here", instead: "fields assigned afterwards" },
  arrayOfSlices: {
    code: 3013,
    message: "{0} cannot be elements of a table",
    instead: "classes, integers, strings or functions",
  },
  volatileSlice: {
    code: 3014,
    message: "a slice of volatile memory would lose that",
    instead: "access through the struct itself",
  },
  genericSize: { code: 3015, message: "{0} is erased: its size is not known here", instead: "the class itself" },
  staticField: { code: 3016, message: "static fields must be readonly constants", instead: "a const of the module" },
  alignment: {
    code: 3017,
    message: "alignment must be a power of two up to 4096",
    instead: "static readonly alignment = 64",
  },
  endless: { code: 3018, message: "{0} would lie inside itself", instead: "a reference: a field that can be null" },

  escapes: {
    code: 4001,
    message: "a reference to {0} on the stack would outlive its frame: it is {1}",
    instead: "static storage, or storage of the caller passed in",
  },
  outlivesIteration: {
    code: 4002,
    message: "a reference to {0} would outlive the iteration that made it",
    instead: "the declaration before the loop",
  },
  staleView: {
    code: 4003,
    message: "{0} is a view of a mailbox that has been received into since",
    instead: "a copy of what is needed, taken before, or a second mailbox",
  },

  closure: {
    code: 5001,
    message: "{0} belongs to an enclosing function, and there are no closures",
    instead: "a parameter, or a variable of the module",
  },
  methodValue: { code: 5002, message: "a method is no value", instead: "a function that calls it" },
  parameterDefault: {
    code: 5003,
    message: "a default must be a constant",
    instead: "a constant, or an argument at each call",
  },
  resultType: { code: 5004, message: "the result of {0} has no width", instead: "a declared result type" },
  notCallable: {
    code: 5005,
    message: "{0} cannot be called",
    instead: "a function, a method, or a field of function type",
  },
  thisOutside: { code: 5006, message: "this exists only in methods of classes", instead: "a parameter" },
  tag: { code: 5007, message: "{0} is not exported beside the tag", instead: "an exported function of that name" },
  tagValue: {
    code: 5008,
    message: "{0} cannot be formatted",
    instead: "an integer, string, Uint8Array, hex(x) or char(x)",
  },
  coreValue: { code: 5010, message: "{0} is no value", instead: "a call of it, or one of its fields" },

  staticValue: { code: 6001, message: "{0} must be a constant", instead: "a literal or a const" },
  assemblyOperand: {
    code: 6002,
    message: "{0} cannot stand in assembly here",
    instead: "a function, a routine or a static object, or a number inside a function",
  },
  routinePlace: { code: 6003, message: "a routine is a const of the module", instead: "export const name = asm`…`" },
  topLevel: { code: 6004, message: "a module declares; it does not act", instead: "a function, called by main" },
  arguments: { code: 6006, message: "{0}", instead: "arguments as lib/core.d.ts declares them" },
  callableRoutine: {
    code: 6007,
    message: "a routine cannot be called from here",
    instead: "its address, in a control register or in assembly",
  },
  declared: { code: 6008, message: "{0} is declared, but defined nowhere", instead: "a definition" },
  assembly: { code: 6009, message: "this cannot be assembled: {0}", instead: "instructions of RV32IMA" },

  unreadable: { code: 7001, message: "cannot read {0}", instead: "the path of a file in the project" },
  noMain: { code: 7003, message: "{0} exports no function {1}", instead: "export function {1}" },
  internal: { code: 7999, message: "the compiler failed here: {0}", instead: "something else, and report this" },
} as const satisfies Record<string, Row>;

export type ErrorName = keyof typeof errors;

/** Thrown where lowering cannot go on; caught at the next statement or declaration, which becomes a `Diagnostic`. */
export class CompileError extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

/** Thrown where an earlier error leaves nothing to go on with: a variable whose declaration failed. Reported once is enough. */
export class Consequence extends Error {}

/** Ends the lowering of the statement that `node` stands in. */
export function fail(node: ts.Node, name: ErrorName, ...names: string[]): never {
  throw new CompileError(diagnosticAt(node, name, ...names));
}

export function diagnosticAt(node: ts.Node, name: ErrorName, ...names: string[]): Diagnostic {
  const source = node.getSourceFile();
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return { file: projectPath(source.fileName), line: line + 1, column: character + 1, ...describe(name, ...names) };
}

/** Code and text of an error, without its place. */
export function describe(name: ErrorName, ...names: string[]): { code: string; message: string } {
  const row: Row = errors[name];
  const text = `${row.message}; write ${row.instead} instead`;
  return { code: `RX${row.code}`, message: text.replace(/\{(\d)\}/g, (_, index) => names[Number(index)] ?? "") };
}

/** As tsc prints it: `file:line:column - error CODE: message`. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const place = diagnostic.file === "" ? "" : `${diagnostic.file}:${diagnostic.line}:${diagnostic.column} - `;
  return `${place}error ${diagnostic.code}: ${diagnostic.message}`;
}

/** Source files are known to TypeScript as `/kernel/ipc.ts`, to everyone else as `kernel/ipc.ts`. */
export function projectPath(fileName: string): string {
  return fileName.startsWith("/") ? fileName.slice(1) : fileName;
}

/** The text of a node, short enough for a message. */
export function excerpt(node: ts.Node): string {
  const text = node.getText().replace(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The name of a declaration, or a stand-in. */
export function nameOf(node: ts.Node & { readonly name?: ts.Node }): string {
  return node.name !== undefined && ts.isIdentifier(node.name) ? node.name.text : excerpt(node);
}
