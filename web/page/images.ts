/** The system's files as the page gets them: packed by web/build.ts, because a disk is mostly empty. */

/** The bytes of a file beside the page; one that ends in `.deflate` is unpacked. Throws an Error that says what is missing. */
export async function unpacked(name: string): Promise<Uint8Array> {
  const answer = await fetch(name);
  if (!answer.ok || answer.body === null) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
  if (!name.endsWith(".deflate")) return new Uint8Array(await answer.arrayBuffer());
  const plain = answer.body.pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}
