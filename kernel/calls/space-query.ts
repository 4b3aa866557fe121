/** SpaceQuery: what is mapped at some pages. a0: whose; a1: the first's address; a2: where to write a `PageMapping` for each; a3: how many. */
import { PAGE_BYTES, PageMapping, QUERY_PAGES_MAXIMUM } from "../../lib/kernel-call/space.ts";
import { Status } from "../../lib/status.ts";
import { store } from "../memory.ts";
import { lookup, type Process } from "../process.ts";
import { queryPage } from "../space.ts";

const mappings = table(PageMapping, QUERY_PAGES_MAXIMUM);

export function spaceQueryCall(caller: Process): i32 {
  const { a0, a1, a2, a3 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  if (a3 > QUERY_PAGES_MAXIMUM) return Status.Invalid;
  for (let index: u32 = 0; index < a3; index++) queryPage(process, vaddr(a1 + index * PAGE_BYTES), mappings[index]);
  return store(caller, vaddr(a2), bytesAt(address(mappings), a3 * u32(sizeOf(PageMapping))));
}
