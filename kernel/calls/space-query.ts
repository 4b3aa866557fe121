/** SpaceQuery: what is mapped at an address. a0: whose; a1: address; a2: where to write a `PageMapping`. */
import { PageMapping } from "../../lib/kernel-call.ts";
import { Status } from "../../lib/status.ts";
import { store } from "../memory.ts";
import { lookup, type Process } from "../process.ts";
import { queryPage } from "../space.ts";

const mapping = new PageMapping();

export function spaceQueryCall(caller: Process): i32 {
  const { a0, a1, a2 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  queryPage(process, vaddr(a1), mapping);
  return store(caller, vaddr(a2), bytesOf(mapping));
}
