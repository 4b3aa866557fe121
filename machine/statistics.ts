/**
 * How a machine gets its work done: which engine executed how much, and what the translator made on the way. For people
 * who wonder about speed; nothing of it is part of the machine's state, and nothing looks at it but the translator, to
 * decide what is worth its while.
 */
export class Statistics {
  /**
   * Instructions that each engine has executed, those that a restore took back included. The few that translated code
   * has interpreted on its way (translate/rest.ts) count as translated.
   */
  interpretedInstructions = 0;
  translatedInstructions = 0;
  /** How often the hart's loop has handed over to each. */
  interpreterEntries = 0;
  translatorEntries = 0;
  modules = 0;
  moduleBytes = 0;
  /** Functions of WebAssembly, and the instructions in them. */
  regions = 0;
  regionInstructions = 0;
  /** How often all translated code was dropped, because there was no room. */
  drops = 0;
}

/** One line for a person. */
export function statisticsLine(statistics: Statistics): string {
  const { interpretedInstructions, translatedInstructions, interpreterEntries, translatorEntries } = statistics;
  const { modules, moduleBytes, regions, regionInstructions, drops } = statistics;
  const all = interpretedInstructions + translatedInstructions;
  const percent = ((100 * interpretedInstructions) / Math.max(1, all)).toFixed(2);
  return (
    `${count(all)} instructions, ${percent} % of them interpreted; ` +
    `${count(translatorEntries)} entries of translated code, ${count(interpreterEntries)} of the interpreter; ` +
    `translated: ${count(regions)} regions of ${count(regionInstructions)} instructions, ` +
    `in ${count(modules)} modules of ${count(Math.ceil(moduleBytes / 1024))} KiB; dropped ${count(drops)} times`
  );
}

function count(value: number): string {
  return value.toLocaleString("en");
}
