import { getOrCreate } from '../../wire/get-or-create.js';
import type { OperatorReport, WorkflowDone } from '../../wire/messages/workflow.js';
import type { QueryStats } from '../../wire/query.js';

/** The part of `explain=analyze` that only a run can tell: totals, then what the operators of each kind of task did. */
export function explainAnalysis(done: WorkflowDone, stats: QueryStats): string {
  const totals = [
    `time ${(stats.execSeconds * 1000).toFixed(1)} ms, of which waiting for a scan slot ${(stats.queueSeconds * 1000).toFixed(1)} ms`,
    `tasks ${stats.tasks} run, ${done.skipped} skipped because enough rows were certain`,
    `rows ${stats.rowsScanned} scanned (${stats.liveRows} in memory), ${stats.rowsKept} kept by scans, ${stats.entriesReturned} returned`,
    `bytes ${stats.bytesScanned} of lines and ${stats.metadataBytesScanned} of metadata scanned`,
    `pages ${stats.pages} read, ${stats.pagesPruned} skipped while running`,
    `result cache: ${stats.cache?.found ?? 0} of ${stats.cache?.asked ?? 0} scans found, ${stats.cache?.stored ?? 0} stored`,
  ];
  return ['Analysis', '========', ...totals, '', ...operatorLines(done), ''].join('\n');
}

/** Tasks that ran the same operators, added up. */
interface Shape {
  tasks: number;
  operators: readonly OperatorReport[];
}

/** A block for each shape of task, scans first; inputs of an operator stand below it, further in. */
function operatorLines({ reports }: WorkflowDone): string[] {
  const shapes = new Map<string, Shape>();
  for (const { operators } of reports) {
    const own = operators.toSorted((a, b) => a.depth - b.depth);
    if (own.length === 0) continue;
    const shape = getOrCreate(shapes, JSON.stringify(own.map(({ operator, depth }) => [operator, depth])), () => ({
      tasks: 0,
      operators: own.map((report) => ({ ...report, rowsOut: 0, batches: 0, milliseconds: 0 })),
    }));
    shape.tasks += 1;
    shape.operators = shape.operators.map((sum, i) => add(sum, own[i]!));
  }
  return [...shapes.values()].flatMap(({ tasks, operators }) => [
    `${tasks} ${tasks === 1 ? 'task' : 'tasks'}`,
    ...operators.map(operatorLine),
  ]);
}

function operatorLine({ operator, depth, rowsOut, batches, milliseconds }: OperatorReport): string {
  const name = `${'  '.repeat(depth + 1)}${operator}`.padEnd(32);
  return `${name} rows=${rowsOut} batches=${batches} time=${milliseconds.toFixed(1)}ms`;
}

function add(a: OperatorReport, b: OperatorReport): OperatorReport {
  return {
    ...a,
    rowsOut: a.rowsOut + b.rowsOut,
    batches: a.batches + b.batches,
    milliseconds: a.milliseconds + b.milliseconds,
  };
}
