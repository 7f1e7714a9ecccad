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
  /** All that the query finds, in its direction: what a limit leaves of them is for the comparison to say. */
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
  const sign = direction === 'forward' ? 1 : -1;
  rows.sort((a, b) => (a.time < b.time ? -sign : a.time > b.time ? sign : 0));
  return { kind: 'streams', rows };
}
