/** A log query over batches that have just been appended: the plan and operators of any query, with them as its memory. */
import type { RowsTable } from '../../execution/batch/rows-table.js';
import { build } from '../../execution/build.js';
import { type LiveRows, noCounts } from '../../execution/context.js';
import type { QueryParameters } from '../../planning/facts.js';
import type { LogExpr } from '../../planning/logql/ast.js';
import type { LiveTarget } from '../../planning/physical/node.js';
import { planQuery } from '../../planning/plan.js';
import { openRows } from '../../wire/entries.js';
import { raise } from '../../wire/fault.js';
import type { TailData } from '../../wire/messages/following.js';
import type { LiveBatch } from '../../wire/messages/live.js';
import type { Nanos, TimeRange } from '../../wire/time.js';

/** What the query for the past has answered: entries in the range that were appended up to these numbers. */
export interface History {
  readonly range: TimeRange;
  readonly throughSeq: ReadonlyMap<string, number>;
}

export interface RunContext {
  readonly signal: AbortSignal;
  readonly now: Nanos;
  readonly memoryBytesMax: number;
}

/** A scan reads times exactly within 104 days. */
const SPAN_NS = 64n * 86_400n * 1_000_000_000n;

/** The batches of messages under one numbering of streams, without the rows that belong to the past. */
export function liveRows(messages: readonly TailData[], { range, throughSeq }: History): LiveRows {
  const labels: LiveRows['labels'][number][] = [];
  const batches: LiveBatch[] = [];
  for (const message of messages) {
    const through = throughSeq.get(message.ingester) ?? Number.NEGATIVE_INFINITY;
    for (const { seq, batch, runs } of message.batches) {
      const wanted = seq > through ? runs : runsOutside(batch, runs, range);
      if (wanted.length === 0) continue;
      const moved = wanted.map((value, i) => (i % 3 === 2 ? value + labels.length : value));
      batches.push({ batch, runs: moved });
    }
    labels.push(...message.labels);
  }
  return { batches, labels };
}

function runsOutside(batch: SharedArrayBuffer, runs: Int32Array, { start, end }: TimeRange): Int32Array {
  const { times } = openRows(batch);
  const outside: number[] = [];
  for (let run = 0; run < runs.length; run += 3) {
    for (let row = runs[run]!; row < runs[run + 1]!; row++) {
      const time = times[row]!;
      if (time < start || time >= end) outside.push(row, row + 1, runs[run + 2]!);
    }
  }
  return Int32Array.from(outside);
}

/** What the query makes of the rows, oldest first. */
export async function evaluate(expr: LogExpr, rows: LiveRows, context: RunContext): Promise<RowsTable[]> {
  const tables: RowsTable[] = [];
  for (const range of spansOf(rows)) {
    const count = rows.batches.reduce((sum, { runs }) => sum + rowsIn(runs), 0);
    const parameters: QueryParameters = {
      ...{ start: range.start, end: range.end, stepNs: 0, intervalNs: 0 },
      ...{ limit: count, direction: 'forward' },
    };
    const target = targetOf(range, rows, count);
    const ids = { task: () => 'task', stream: () => 'stream' };
    const { optimised } = planQuery(expr, parameters, [{ targets: [target] }], ids);
    const output = build(optimised, {
      ...context,
      openObject: () => raise('internal', 'a tail reads no objects'),
      source: () => raise('internal', 'a tail has no other tasks'),
      readLive: async () => rows,
      counters: noCounts(),
    });
    if (output.kind !== 'rows') return raise('internal', 'a tail is of log lines');
    for await (const table of output.tables) tables.push(table);
  }
  return tables;
}

function rowsIn(runs: Int32Array): number {
  let count = 0;
  for (let run = 0; run < runs.length; run += 3) count += runs[run + 1]! - runs[run]!;
  return count;
}

function targetOf(range: TimeRange, { labels }: LiveRows, rows: number): LiveTarget {
  return {
    kind: 'live',
    ingester: 'tail',
    snapshot: 'tail',
    streams: Int32Array.from(labels.keys()),
    windows: [range],
    minTime: range.start,
    maxTime: range.end - 1n,
    rows,
    bytes: 0,
    overlaps: [],
  };
}

/** Ranges that together hold all rows, in order; more than one only where the rows are months apart. */
function spansOf({ batches }: LiveRows): TimeRange[] {
  const spans = new Map<bigint, { start: Nanos; end: Nanos }>();
  for (const { batch, runs } of batches) {
    const { times } = openRows(batch);
    for (let run = 0; run < runs.length; run += 3) {
      for (let row = runs[run]!; row < runs[run + 1]!; row++) widen(spans, times[row]!);
    }
  }
  return [...spans.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
}

function widen(spans: Map<bigint, { start: Nanos; end: Nanos }>, time: Nanos): void {
  const key = time / SPAN_NS;
  const span = spans.get(key);
  if (!span) spans.set(key, { start: time, end: time + 1n });
  else if (time < span.start) span.start = time;
  else if (time >= span.end) span.end = time + 1n;
}
