/** Sets of pages as bits: page p is bit p & 7 of byte p >> 3, as the filters of an index take and give them. */
export type PageSet = Uint8Array;

export function noPages(count: number): PageSet {
  return new Uint8Array((count + 7) >>> 3);
}

export function addPage(pages: PageSet, page: number): void {
  pages[page >>> 3] = pages[page >>> 3]! | (1 << (page & 7));
}

export function hasPage(pages: PageSet, page: number): boolean {
  return (pages[page >>> 3]! & (1 << (page & 7))) !== 0;
}

export function countPages(pages: PageSet): number {
  let count = 0;
  for (let byte of pages) for (; byte !== 0; byte &= byte - 1) count++;
  return count;
}

export function listPages(pages: PageSet): Int32Array {
  const list = new Int32Array(countPages(pages));
  let n = 0;
  for (let page = 0; page < pages.length * 8; page++) if (hasPage(pages, page)) list[n++] = page;
  return list;
}

/** Keeps the pages that at least one of the filters keeps. Each filter clears bits of the set it is given. */
export async function keepAny<T>(
  pages: PageSet,
  alternatives: readonly T[],
  filter: (alternative: T, pages: PageSet) => Promise<void>,
): Promise<void> {
  const kept = new Uint8Array(pages.length);
  for (const alternative of alternatives) {
    const candidates = pages.slice();
    await filter(alternative, candidates);
    for (let i = 0; i < kept.length; i++) kept[i] = kept[i]! | candidates[i]!;
  }
  pages.set(kept);
}
