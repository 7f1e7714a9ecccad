/** What caches of open objects and of their pages have, and how often they had what was looked for. */
export interface CacheCounts {
  readonly objects: number;
  readonly objectBytes: number;
  /** Made room for others. */
  readonly objectsEvicted: number;
  readonly pages: number;
  readonly pageBytes: number;
  readonly pageHits: number;
  readonly pageMisses: number;
}

export const NOTHING_CACHED: CacheCounts = {
  objects: 0,
  objectBytes: 0,
  objectsEvicted: 0,
  pages: 0,
  pageBytes: 0,
  pageHits: 0,
  pageMisses: 0,
};

export function sumOfCounts(counts: Iterable<CacheCounts>): CacheCounts {
  const sum: { -readonly [K in keyof CacheCounts]: number } = { ...NOTHING_CACHED };
  for (const each of counts) for (const key of Object.keys(sum) as (keyof CacheCounts)[]) sum[key] += each[key];
  return sum;
}
