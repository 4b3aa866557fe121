/** SpaceCreate: a new, empty address space. a0: whose; a1: the frame of its root table, or 0: no space at all. */
import { Status } from "../../lib/status.ts";
import { areFree, zeroFrame } from "../frames.ts";
import { lookup, type Process } from "../process.ts";
import { replaceSpace } from "../space.ts";

export function spaceCreateCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  if (process === caller) return Status.Invalid;
  const root = paddr(a1);
  if (root !== 0) {
    if (!areFree(root, 1)) return Status.Denied;
    zeroFrame(root);
  }
  replaceSpace(process, root);
  return Status.Ok;
}
