import type { OperatorReport, WorkflowDone } from '../../wire/message.js';
import type { QueryStats } from '../../wire/query.js';

/** The part of `explain=analyze` that only a run can tell: totals, then operators summed over the tasks that ran them. */
export function explainAnalysis(done: WorkflowDone, stats: QueryStats): string {
  const totals = [
    `time ${(stats.execSeconds * 1000).toFixed(1)} ms, of which waiting for a scan slot ${(stats.queueSeconds * 1000).toFixed(1)} ms`,
    `tasks ${stats.tasks} run, ${done.skipped} skipped because enough rows were certain`,
    `rows ${stats.rowsScanned} scanned (${stats.liveRows} in memory), ${stats.rowsKept} kept by scans, ${stats.entriesReturned} returned`,
    `bytes ${stats.bytesScanned} of lines and ${stats.metadataBytesScanned} of metadata scanned`,
    `pages ${stats.pages} read, ${stats.pagesPruned} skipped while running`,
  ];
  return ['Analysis', '========', ...totals, '', ...operatorLines(done), ''].join('\n');
}

function operatorLines({ reports }: WorkflowDone): string[] {
  const byOperator = new Map<string, OperatorReport & { tasks: number }>();
  for (const { operators } of reports) {
    for (const operator of operators) {
      const key = `${operator.depth} ${operator.operator}`;
      const known = byOperator.get(key);
      byOperator.set(key, known ? { ...add(known, operator), tasks: known.tasks + 1 } : { ...operator, tasks: 1 });
    }
  }
  return [...byOperator.values()]
    .sort((a, b) => a.depth - b.depth)
    .map(({ operator, depth, tasks, rowsOut, batches, milliseconds }) => {
      const name = `${'  '.repeat(depth)}${operator}`.padEnd(32);
      return `${name} tasks=${tasks} rows=${rowsOut} batches=${batches} time=${milliseconds.toFixed(1)}ms`;
    });
}

function add(a: OperatorReport, b: OperatorReport): OperatorReport {
  return {
    operator: a.operator,
    depth: a.depth,
    rowsOut: a.rowsOut + b.rowsOut,
    batches: a.batches + b.batches,
    milliseconds: a.milliseconds + b.milliseconds,
  };
}
