/**
 * The pages of a space that are mapped, one after the other. What is mapped only the kernel knows; it is asked about a window of pages at a time.
 * Begin at `walkMapped`.
 */
import type { Endpoint } from "../../lib/endpoint.ts";
import { PAGE_BYTES, PageMapping, QUERY_PAGES_MAXIMUM, spaceQueryPages } from "../../lib/kernel-call/space.ts";
import { Status } from "../../lib/status.ts";

/** How far a walk has come. */
export class MappedPages {
  next: vaddr = 0;
  end: vaddr = 0;
  /** Where the page of the last mapping lies. */
  page: vaddr = 0;
  windowStart: vaddr = 0;
  windowEnd: vaddr = 0;
  readonly window = table(PageMapping, QUERY_PAGES_MAXIMUM);
}

/** A walk begins, from `start` to before `end`, both page boundaries. */
export function walkMapped(walk: MappedPages, start: vaddr, end: vaddr): void {
  walk.next = start;
  walk.end = end;
  walk.windowEnd = start;
}

/** The next mapping of `who`, or null behind the last one. */
export function nextMapped(who: Endpoint, walk: MappedPages): PageMapping | null {
  while (walk.next < walk.end) {
    if (walk.next >= walk.windowEnd && !look(who, walk)) return null;
    const mapping = walk.window[i32((walk.next - walk.windowStart) / PAGE_BYTES)];
    walk.page = walk.next;
    walk.next += PAGE_BYTES;
    if (mapping.flags !== 0) return mapping;
  }
  return null;
}

/** False: there is no such process. */
function look(who: Endpoint, walk: MappedPages): boolean {
  let pages = (walk.end - walk.next) / PAGE_BYTES;
  if (pages > QUERY_PAGES_MAXIMUM) pages = QUERY_PAGES_MAXIMUM;
  walk.windowStart = walk.next;
  walk.windowEnd = walk.next + pages * PAGE_BYTES;
  return spaceQueryPages(who, walk.windowStart, tableAt(address(walk.window), PageMapping, pages)) === Status.Ok;
}
