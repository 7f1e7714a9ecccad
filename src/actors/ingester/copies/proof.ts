import type { WindowCopies, WindowCoverage } from '../../../storage/metastore/types.js';
import type { BatchId } from '../../../wire/batch-copy.js';
import type { EntriesBatch } from '../../../wire/entries.js';
import { includesSeq } from '../../../wire/origin-ranges.js';
import { type Nanos, NS_PER_MS } from '../../../wire/time.js';
import type { RecoveredBatch } from '../events.js';
import { withoutRows } from '../subset.js';

/** The windows in which objects hold all that a part had there. */
export function provenWindows({ origin, seq }: BatchId, windows: readonly WindowCopies[]): Nanos[] {
  return windows
    .filter(({ copies }) => copies.some((one) => one.origin === origin && includesSeq(one.ranges, seq)))
    .map(({ window }) => window);
}

/** By tenant, what objects hold: of this writer's records, and of replicated parts of whatever writer. */
export interface StoredByTenant {
  readonly coverage: ReadonlyMap<string, readonly WindowCoverage[]>;
  readonly copies?: ReadonlyMap<string, readonly WindowCopies[]>;
}

/** The rows of a record that no object holds; null when there are none. */
export function notStored(
  { seq, entries, copy }: RecoveredBatch,
  { coverage, copies }: StoredByTenant,
  windowMs: number,
): EntriesBatch | null {
  const windows = copy
    ? provenWindows(copy, copies?.get(entries.tenant) ?? [])
    : (coverage.get(entries.tenant) ?? []).flatMap(({ window, ranges }) =>
        ranges.some(([from, to]) => from <= seq && seq <= to) ? window : [],
      );
  return withoutWindows(entries, windows, windowMs);
}

/** The rows outside of some windows; null when there are none. */
export function withoutWindows(
  entries: EntriesBatch,
  windows: readonly Nanos[],
  windowMs: number,
): EntriesBatch | null {
  if (windows.length === 0) return entries.rows > 0 ? entries : null;
  const windowNs = BigInt(windowMs) * NS_PER_MS;
  const drop = new Uint8Array(entries.rows);
  for (const window of windows) {
    entries.times.forEach((time, row) => {
      if (time >= window && time < window + windowNs) drop[row] = 1;
    });
  }
  return withoutRows(entries, drop);
}
