import type { LogExpr } from '../../src/planning/logql/ast.js';
import type { QueryRequest } from '../../src/wire/query.js';
import { type Entry, select } from './entries.js';
import { RowLabels } from './labels.js';
import { runStages } from './pipeline.js';

export interface LogRow {
  readonly time: bigint;
  readonly line: string;
  readonly labels: RowLabels;
}

export interface LogAnswer {
  readonly kind: 'streams';
  /** All that the query finds, in its direction, equal times as they came (B15): what a limit leaves is for others to say. */
  readonly rows: readonly LogRow[];
}

/** B1: entries in [start, end). */
export function evaluateLog(expr: LogExpr, entries: readonly Entry[], request: QueryRequest): LogAnswer {
  const { start, end, direction } = request;
  const rows: LogRow[] = [];
  for (const entry of select(entries, expr.matchers)) {
    if (entry.time < start || entry.time >= end) continue;
    const labels = new RowLabels(entry.labels, entry.metadata);
    const line = runStages(expr.stages, entry.line, labels);
    if (line !== undefined) rows.push({ time: entry.time, line, labels });
  }
  rows.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  return { kind: 'streams', rows: direction === 'forward' ? rows : rows.reverse() };
}
