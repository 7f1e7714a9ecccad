/** The log part of a query: selector, time bounds and pipeline as a chain of tables. */
import { unreachable } from '../../wire/exhaustive.js';
import { raise } from '../../wire/fault.js';
import type { TimeRange } from '../../wire/time.js';
import type * as ast from '../logql/ast.js';
import { type CompareOp, type LabelPick, type RowFunction, TIMESTAMP } from '../physical/expression.js';
import { buildLabelFilter, buildLineFilters, buildSelector, compare } from './build-predicate.js';
import type { Emitter } from './emitter.js';
import { hoistLineFilters, leadingFilters } from './reorder.js';
import type { ValueId } from './value.js';

/** Trees are walked by recursion, so their depth is bounded. */
const LENGTH_MAX = 1000;

/** The rows of `log` within `bounds`, after all its stages. */
export function buildTable(emitter: Emitter, log: ast.LogExpr, bounds: TimeRange): ValueId {
  checkLengths(log);
  const selector = buildSelector(emitter, log.matchers);
  const stages = hoistLineFilters(log.stages);
  const leading = leadingFilters(stages);
  const predicates = buildFilters(emitter, stages.slice(0, leading));
  let table = emitter.emit({
    kind: 'make-table',
    ...(selector === undefined ? {} : { selector }),
    predicates,
    shard: { index: 0, of: 1 },
  });
  table = buildBound(emitter, table, 'GTE', bounds.start);
  table = buildBound(emitter, table, 'LT', bounds.end);
  for (const predicate of predicates) table = emitter.emit({ kind: 'select', table, predicate });
  return buildStages(emitter, table, stages.slice(leading));
}

function checkLengths({ matchers, stages }: ast.LogExpr): void {
  checkLength('matchers in a selector', matchers.length);
  checkLength('stages in a pipeline', stages.length);
  for (const stage of stages) {
    if (stage.kind === 'line-filter') checkLength('operands of a line filter', stage.operands.length);
  }
}

function checkLength(what: string, length: number): void {
  if (length > LENGTH_MAX) raise('bad-request', `too many ${what}: ${length} > ${LENGTH_MAX}`);
}

function buildBound(emitter: Emitter, table: ValueId, op: CompareOp, value: bigint): ValueId {
  const predicate = compare(emitter, op, TIMESTAMP, { kind: 'literal', type: 'timestamp', value });
  return emitter.emit({ kind: 'select', table, predicate });
}

/** One condition a label filter, one for each run of line filters. */
function buildFilters(emitter: Emitter, stages: readonly ast.Stage[]): readonly ValueId[] {
  const predicates: ValueId[] = [];
  for (let i = 0; i < stages.length; ) {
    const stage = stages[i]!;
    if (stage.kind === 'label-filter') {
      predicates.push(buildLabelFilter(emitter, stage.filter));
      i += 1;
    } else {
      const run = lineFiltersAt(stages, i);
      predicates.push(buildLineFilters(emitter, run));
      i += run.length;
    }
  }
  return predicates;
}

function lineFiltersAt(stages: readonly ast.Stage[], start: number): readonly ast.LineFilter[] {
  const run: ast.LineFilter[] = [];
  for (let i = start; i < stages.length; i++) {
    const stage = stages[i]!;
    if (stage.kind !== 'line-filter') break;
    run.push(stage);
  }
  return run;
}

function buildStages(emitter: Emitter, input: ValueId, stages: readonly ast.Stage[]): ValueId {
  let table = input;
  for (let i = 0; i < stages.length; ) {
    const stage = stages[i]!;
    if (stage.kind === 'line-filter') {
      const run = lineFiltersAt(stages, i);
      table = emitter.emit({ kind: 'select', table, predicate: buildLineFilters(emitter, run) });
      i += run.length;
      continue;
    }
    if (stage.kind === 'label-filter') table = buildLabelSelect(emitter, table, stage.filter);
    else table = emitter.emit({ kind: 'project', table, function: functionOf(stage) });
    i += 1;
  }
  return table;
}

export function buildLabelSelect(emitter: Emitter, table: ValueId, filter: ast.LabelFilter): ValueId {
  return emitter.emit({ kind: 'select', table, predicate: buildLabelFilter(emitter, filter) });
}

function functionOf(stage: Exclude<ast.Stage, ast.LineFilter | ast.LabelFilterStage>): RowFunction {
  switch (stage.kind) {
    case 'json':
      if (stage.extractions.length === 0) return { kind: 'parse-json' };
      return { kind: 'parse-json-expressions', extractions: stage.extractions };
    case 'logfmt': {
      const { strict, keepEmpty, extractions } = stage;
      if (extractions.length === 0) return { kind: 'parse-logfmt', strict, keepEmpty };
      return { kind: 'parse-logfmt-expressions', strict, keepEmpty, extractions };
    }
    case 'regexp':
      return { kind: 'parse-regexp', pattern: stage.pattern };
    case 'pattern':
      return { kind: 'parse-pattern', pattern: stage.pattern };
    case 'unpack':
    case 'decolorize':
      return { kind: stage.kind };
    case 'line-format':
      return { kind: 'line-format', template: stage.template };
    case 'label-format':
      return { kind: 'label-format', formats: stage.formats };
    case 'drop':
    case 'keep':
      return { kind: stage.kind, picks: stage.labels.map(pickOf) };
    default:
      return unreachable(stage);
  }
}

function pickOf(label: ast.LabelPick): LabelPick {
  return typeof label === 'string' ? { name: label } : { name: label.name, op: label.op, value: label.value };
}
