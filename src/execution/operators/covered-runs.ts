import { ALL_LABELS } from '../../planning/physical/expression.js';
import type { ScanOptions, SectionTarget } from '../../planning/physical/node.js';
import { metadataColumn, type Pointers } from '../../storage/dataobj/types.js';
import type { PaneGrid } from '../aggregate/pane-grid.js';
import { LogBatch, type RowSource } from '../batch/log-batch.js';
import type { StreamSet } from '../batch/streams.js';
import type { OlderCopies } from './older-copies.js';

/**
 * Counting without reading: a run (rows of one stream in one page) that lies in a single pane of the windows, and
 * wholly in the range, is counted from the section's index as one weighted row. Only pages with other runs are read.
 */
export interface CoveredRuns {
  /** By run number: 1 = counted here. */
  readonly covered: Uint8Array;
  readonly batch: LogBatch;
}

/** True when rows need no look: nothing is filtered, and no metadata is asked for. */
export function countsSuffice(scan: ScanOptions, pointers: Pointers): boolean {
  return scan.predicates.length === 0 && asksForNoMetadata(scan, pointers);
}

/** True when labels of streams are all that is asked of rows, but for what every row has. */
export function asksForNoMetadata({ projections }: ScanOptions, pointers: Pointers): boolean {
  if (projections === undefined) return false;
  return projections.every(
    ({ type, name }) =>
      type === 'builtin' ||
      type === 'generated' ||
      (name === ALL_LABELS.name ? !hasMetadata(pointers) : isLabelOnly(name, pointers)),
  );
}

function hasMetadata({ columns, restKeys }: Pointers): boolean {
  return restKeys.length > 0 || columns.some(({ name }) => name.startsWith(metadataColumn('')));
}

function isLabelOnly(name: string, pointers: Pointers): boolean {
  if (name.startsWith('__error') || name.endsWith('_extracted')) return false;
  return pointers.column(metadataColumn(name)) === undefined && !pointers.restKeys.includes(name);
}

export function coverRuns(
  target: SectionTarget,
  { range }: ScanOptions,
  pointers: Pointers,
  streams: StreamSet,
  wanted: Uint8Array,
  copies: OlderCopies,
  grid: PaneGrid,
): CoveredRuns {
  const { runs, base } = pointers;
  const from = Number(range.start - base);
  const to = Number(range.end - base);
  const shift = Number(base - grid.origin);
  const toCopies = Number(base - copies.base);
  const covered = new Uint8Array(runs.stream.length);
  const found = new Int32Array(runs.stream.length);
  let count = 0;
  for (const page of target.pages) {
    for (let run = runs.starts[page]!; run < runs.starts[page + 1]!; run++) {
      const first = runs.minTime[run]!;
      const last = runs.maxTime[run]!;
      if (wanted[runs.stream[run]!] === 0 || first < from || last >= to) continue;
      if (copies.concernsAny(runs.stream[run]!, first + toCopies, last + toCopies)) continue;
      const inside = grid.locate(first + shift);
      if (!grid.covers(first + shift, last + shift)) continue;
      covered[run] = 1;
      if (inside) found[count++] = run;
    }
  }
  return { covered, batch: weightedRows(found.subarray(0, count), pointers, streams) };
}

function weightedRows(found: Int32Array, { runs, base }: Pointers, streams: StreamSet): LogBatch {
  const times = Float64Array.from(found, (run) => runs.minTime[run]!);
  const batch = new LogBatch(
    base,
    times,
    streams,
    found.map((run) => runs.stream[run]!),
    {
      ...NOTHING,
      messageLengths: () => found.map((run) => runs.messageBytes[run]!),
    },
  );
  batch.weights = Float64Array.from(found, (run) => runs.rows[run]!);
  return batch;
}

/** What rows that stand for counts can be asked. */
export const NOTHING: RowSource = {
  message: () => {
    throw new Error('a counted run has no lines');
  },
  messageLengths: () => undefined,
  metadataKeys: () => [],
  metadata: () => undefined,
};
