import type { ScanOptions } from '../../planning/physical/node.js';
import { pageOrder } from '../../planning/physical/page-order.js';
import type { Pointers } from '../../storage/dataobj/types.js';
import type { SectionColumns } from './section-columns.js';

/** The first of the fetches that double. */
const FIRST_FETCH_SHARE = 16;

/** Pages in the order the query wants them, cut into fetches. */
export function pageGroups(
  pages: readonly number[],
  pointers: Pointers,
  { first, later }: SectionColumns,
  order: ScanOptions['order'],
  fetchBytes: number,
): number[][] {
  const { pages: index, runs } = pointers;
  // Bytes of a row in memory, on average: a scan of times alone takes hundreds of pages at once.
  const rowBytes =
    [...first, ...later].reduce((sum, name) => sum + (pointers.column(name)?.rawBytes ?? 0), 0) / pointers.rows;
  const groups: number[][] = [];
  // Who wants rows in order has enough of them soon, nearly always.
  let room = order === 'any' ? fetchBytes : fetchBytes / FIRST_FETCH_SHARE;
  let bytes = room;
  for (const page of pageOrder(pages, runs, order)) {
    if (bytes >= room) {
      if (groups.length > 0) room = Math.min(fetchBytes, room * 2);
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(page);
    bytes += index.rows[page]! * rowBytes;
  }
  return groups;
}
