import type { TimeRange } from '../../wire/time.js';

/**
 * The time such that at least `rows` rows at or before it (in the order of the query) are certain to exist: every
 * finished scan vouches for all it sent up to its last row. Undefined while too few are known.
 */
export function certainTime(
  emitted: readonly { readonly rows: number; readonly lastTime: bigint }[],
  enough: { readonly rows: number; readonly ascending: boolean },
): bigint | undefined {
  const sign = enough.ascending ? 1 : -1;
  const byLast = [...emitted].sort((a, b) => (a.lastTime === b.lastTime ? 0 : a.lastTime < b.lastTime ? -sign : sign));
  let rows = 0;
  for (const scan of byLast) {
    rows += scan.rows;
    if (rows >= enough.rows) return scan.lastTime;
  }
  return undefined;
}

/** True when no row of the range can come before the certain time. Ranges are half-open. */
export function cannotContribute(range: TimeRange, certain: bigint, ascending: boolean): boolean {
  return ascending ? range.start > certain : range.end - 1n < certain;
}
