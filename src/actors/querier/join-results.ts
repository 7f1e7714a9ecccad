import { unreachable } from '../../wire/exhaustive.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { formatLabels } from '../../wire/labels.js';
import type { WorkflowDone } from '../../wire/messages/workflow.js';
import type { MatrixSeries, QueryResult, StreamResult } from '../../wire/query.js';
import { compareLabels } from './results.js';

/** Answers of a query's slices, in the order in which their entries or samples follow each other, as one. */
export function joinResults(results: readonly QueryResult[]): QueryResult {
  const [first] = results;
  if (results.length === 1 || first === undefined) return first ?? { type: 'streams', streams: [] };
  switch (first.type) {
    case 'streams':
      return {
        type: 'streams',
        streams: joinStreams(results.flatMap((each) => (each.type === 'streams' ? each.streams : []))),
      };
    case 'matrix':
      return {
        type: 'matrix',
        series: joinSeries(results.flatMap((each) => (each.type === 'matrix' ? each.series : []))),
      };
    case 'vector':
    case 'scalar':
      throw new Error(`a ${first.type} has no slices`);
    default:
      return unreachable(first);
  }
}

function joinStreams(streams: readonly StreamResult[]): StreamResult[] {
  const parts = new Map<string, StreamResult[]>();
  for (const stream of streams) getOrCreate(parts, formatLabels(stream.labels), () => []).push(stream);
  return [...parts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, same]) => ({ labels: same[0]!.labels, entries: same.flatMap(({ entries }) => entries) }));
}

function joinSeries(series: readonly MatrixSeries[]): MatrixSeries[] {
  const parts = new Map<string, MatrixSeries[]>();
  for (const one of series) getOrCreate(parts, formatLabels(one.labels), () => []).push(one);
  return [...parts.values()]
    .map((same) => ({
      labels: same[0]!.labels,
      timesMs: same.flatMap(({ timesMs }) => timesMs),
      values: same.flatMap(({ values }) => values),
    }))
    .sort((a, b) => compareLabels(a.labels, b.labels));
}

/** What the runs of all slices came to. `unplanned`: targets that no slice had to look at. */
export function joinRuns(runs: readonly WorkflowDone[], unplanned: number): WorkflowDone | undefined {
  const [first] = runs;
  if (first === undefined || (runs.length === 1 && unplanned === 0)) return first;
  const sum = (of: (run: WorkflowDone) => number): number => runs.reduce((total, run) => total + of(run), 0);
  return {
    ...first,
    reports: runs.flatMap(({ reports }) => reports),
    skipped: sum(({ skipped }) => skipped) + unplanned,
    queueMs: sum(({ queueMs }) => queueMs),
  };
}
