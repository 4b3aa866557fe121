/** Asks for 8 MiB by lying there. */
const words = new Uint32Array(2 * 1024 * 1024);

export function main(): never {
  for (;;) words[0]++;
}
