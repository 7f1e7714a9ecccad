import type { TaskReport, WorkflowDone } from '../../wire/messages/workflow.js';
import type { QueryResult, QueryStats } from '../../wire/query.js';

/** Sums of all tasks of a query. */
export function queryStats(
  done: WorkflowDone | undefined,
  result: QueryResult,
  seconds: number,
  targets: number,
  slices = 1,
): QueryStats {
  const reports = done?.reports ?? [];
  const cached = reports.flatMap(({ cache }) => cache ?? []);
  const sum = (of: (report: TaskReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  return {
    execSeconds: seconds,
    queueSeconds: (done?.queueMs ?? 0) / 1000,
    rowsScanned: sum((report) => report.rowsScanned),
    bytesScanned: sum((report) => report.bytesScanned),
    metadataBytesScanned: sum((report) => report.metadataBytesScanned),
    rowsKept: sum((report) => report.rowsKept),
    entriesReturned: entryCount(result),
    sections: targets,
    sectionsPruned: done?.skipped ?? 0,
    pages: sum((report) => report.pages),
    pagesPruned: sum((report) => report.pagesPruned),
    liveRows: sum((report) => report.liveRows),
    streams: result.type === 'streams' ? result.streams.length : 0,
    tasks: reports.length,
    ...(slices > 1 && { slices }),
    ...(cached.length > 0 && { cache: cacheStats(cached) }),
  };
}

function cacheStats(outcomes: NonNullable<TaskReport['cache']>): NonNullable<QueryStats['cache']> {
  const count = (outcome: (typeof outcomes)[number]): number => outcomes.filter((each) => each === outcome).length;
  return { asked: outcomes.length, found: count('found'), stored: count('stored') };
}

/** Entries of streams; series or samples of metrics. */
export function entryCount(result: QueryResult): number {
  switch (result.type) {
    case 'streams':
      return result.streams.reduce((total, stream) => total + stream.entries.length, 0);
    case 'matrix':
      return result.series.length;
    case 'vector':
      return result.samples.length;
    case 'scalar':
      return 1;
  }
}
