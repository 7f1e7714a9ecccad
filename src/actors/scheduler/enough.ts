import type { EmittedRows } from '../../wire/messages/workflow.js';
import type { TimeRange } from '../../wire/time.js';

/**
 * The time such that at least `rows` rows at or before it (in the order of the query) are certain to exist: every
 * finished scan vouches for all it sent up to its last row. Undefined while too few are known.
 */
export function certainTime(
  emitted: readonly EmittedRows[],
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

/** A scan that runs: what it costs and where its rows lie. */
export interface RunningScan {
  readonly cost: number;
  readonly range: TimeRange;
}

/**
 * The certain time once the scans that run have ended, if they find as many rows for their cost as those that have
 * ended, evenly over their time. Undefined when these will be too few, or nothing has been found yet.
 */
export function expectedTime(
  found: { readonly rows: number; readonly cost: number },
  running: readonly RunningScan[],
  enough: { readonly rows: number; readonly ascending: boolean },
): bigint | undefined {
  if (found.rows === 0 || found.cost === 0) return undefined;
  const { ascending } = enough;
  const begin = ({ range }: RunningScan): bigint => (ascending ? range.start : -range.end);
  let missing = enough.rows - found.rows;
  for (const scan of [...running].sort((a, b) => (begin(a) < begin(b) ? -1 : 1))) {
    const rows = (found.rows / found.cost) * scan.cost;
    if (rows < missing) {
      missing -= rows;
      continue;
    }
    const { start, end } = scan.range;
    const part = BigInt(Math.ceil(Number(end - start) * Math.max(0, missing / rows)));
    return ascending ? start + part : end - part;
  }
  return undefined;
}
