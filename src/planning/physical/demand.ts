/** What the operators above a point need of the rows there; worked out from the top of a pipeline downwards. */
import { unreachable } from '../../wire/exhaustive.js';
import {
  consumesLine,
  isErrorLabel,
  isMessage,
  labelFormatFields,
  lineTemplateFields,
  predicateColumns,
  touchesErrors,
  withBaseNames,
} from './columns.js';
import {
  ALL_LABELS,
  type ColumnRef,
  columnOf,
  ERROR,
  ERROR_DETAILS,
  MESSAGE,
  MESSAGE_LENGTH,
  type Predicate,
  type RowFunction,
  TIMESTAMP,
} from './expression.js';
import type { RangeAggregation } from './node.js';

export interface Demand {
  /** Names as a query writes them. */
  readonly labels: ReadonlySet<string> | 'all';
  readonly line: boolean;
  readonly lineLength: boolean;
  /** Something above makes labels or conditions out of the line: what changes it stays, and may fail (A54). */
  readonly lineConsumed: boolean;
  /** Whether an error of a row makes a difference. */
  readonly errors: boolean;
}

export function aggregationDemand({ operation, grouping }: RangeAggregation): Demand {
  const labels = grouping.kind === 'by' ? new Set(grouping.columns.map((column) => column.name)) : 'all';
  const lineLength = operation === 'bytes';
  return { labels, line: false, lineLength, lineConsumed: lineLength, errors: true };
}

export function predicatesDemand(predicates: readonly Predicate[], above: Demand): Demand {
  const columns = predicates.flatMap(predicateColumns);
  const names = columns.filter((column) => column.type !== 'builtin').map((column) => column.name);
  const line = columns.some(isMessage);
  const errors = above.errors || predicates.some(touchesErrors);
  return { ...withLabels(above, names), line: above.line || line, lineConsumed: above.lineConsumed || line, errors };
}

/** The columns a scan has to deliver, by name. Those that only its own predicates read are its own affair. */
export function demandedColumns({ labels, line, lineLength }: Demand): readonly ColumnRef[] {
  const names = labels === 'all' ? [] : withBaseNames(labels).filter((name) => !isErrorLabel(name));
  const columns = labels === 'all' ? [ALL_LABELS, TIMESTAMP] : [...names.map(columnOf), TIMESTAMP];
  if (line) columns.push(MESSAGE);
  else if (lineLength) columns.push(MESSAGE_LENGTH);
  return columns.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A function with no more to do than is needed, and what is needed below it; no function when it can go. */
export interface Narrowed {
  readonly function?: RowFunction;
  readonly demand: Demand;
}

export function narrowFunction(fn: RowFunction, above: Demand): Narrowed {
  const demand = { ...above, lineConsumed: above.lineConsumed || consumesLine(fn) };
  switch (fn.kind) {
    case 'parse-json':
    case 'parse-logfmt':
      return narrowParser(fn, demand);
    case 'parse-json-expressions':
    case 'parse-logfmt-expressions':
    case 'unpack':
      if (fn.until?.length === 0) return { demand };
      return { function: fn, demand: readingLine(demand) };
    case 'parse-regexp':
    case 'parse-pattern':
      if (isEmpty(demand)) return { demand };
      return { function: fn, demand: readingLine(demand) };
    case 'line-format':
      return narrowLineFormat(fn, demand);
    case 'decolorize':
      if (!demand.line && !demand.lineLength) return { demand };
      return { function: fn, demand: { ...demand, line: true, lineLength: false } };
    case 'label-format': {
      const { labels, line } = labelFormatFields(fn.formats);
      return { function: fn, demand: { ...withLabels(demand, labels), line: demand.line || line } };
    }
    case 'drop':
      return narrowDrop(fn, demand);
    case 'keep':
      return narrowKeep(fn, demand);
    case 'unwrap':
      return { function: fn, demand: withLabels(demand, [fn.label]) };
    default:
      return unreachable(fn);
  }
}

/** A parser that may fail has to read lines even when no label of theirs is needed. */
function narrowParser(fn: RowFunction & { kind: 'parse-json' | 'parse-logfmt' }, above: Demand): Narrowed {
  if (fn.until?.length === 0) return { demand: above };
  const demand = withLabels(above, fn.until ?? []);
  if (demand.labels === 'all') return { function: fn, demand: readingLine(demand) };
  const canFail = demand.errors && (fn.kind === 'parse-json' || fn.strict);
  const keys = withBaseNames(demand.labels).filter((name) => !isErrorLabel(name));
  if (keys.length === 0 && !canFail) return { demand };
  // Whose errors nobody sees may stop when it has everything.
  const stop = canFail ? {} : { until: fn.until ?? keys, errorsUnseen: true as const };
  return { function: { ...fn, keys, ...stop }, demand: readingLine(withLabels(demand, keys)) };
}

/** The line is needed; so is the label that a parsed one may clash with. */
function readingLine(demand: Demand): Demand {
  const names = demand.labels === 'all' ? [] : withBaseNames(demand.labels);
  return { ...withLabels(demand, names), line: true, lineLength: false };
}

/** A template that fails leaves the line as it is (A62), so the line is needed whatever the template reads. */
function narrowLineFormat(fn: RowFunction & { kind: 'line-format' }, demand: Demand): Narrowed {
  if (!demand.lineConsumed) return { demand };
  return { function: fn, demand: readingLineFor(lineTemplateFields(fn.template).labels, demand) };
}

function readingLineFor(labels: readonly string[] | 'all', demand: Demand): Demand {
  return { ...withLabels(demand, labels), line: true, lineLength: false };
}

function narrowDrop(fn: RowFunction & { kind: 'drop' }, demand: Demand): Narrowed {
  const { labels } = demand;
  const matters = labels === 'all' || fn.picks.some(({ name }) => labels.has(name) || isErrorLabel(name));
  if (!matters) return { demand };
  const hidden = (name: string): boolean => fn.picks.some((pick) => pick.name === name && pick.op === undefined);
  const detailsSeen = labels === 'all' || labels.has(ERROR_DETAILS.name);
  const errors = demand.errors && !(hidden(ERROR.name) && (hidden(ERROR_DETAILS.name) || !detailsSeen));
  return { function: fn, demand: { ...demand, errors } };
}

/** A parser above may clash with a label that has been taken away, so all of them have to be known there. */
function narrowKeep(fn: RowFunction & { kind: 'keep' }, demand: Demand): Narrowed {
  if (demand.labels === 'all') {
    const labels = demand.lineConsumed ? demand.labels : new Set(fn.picks.map((pick) => pick.name));
    return { function: fn, demand: { ...demand, labels } };
  }
  const always = new Set(fn.picks.flatMap((pick) => (pick.op === undefined ? [pick.name] : [])));
  const isKept = [...demand.labels].every((name) => always.has(name) || isErrorLabel(name));
  return isKept ? { demand } : { function: fn, demand };
}

/** Whoever asks for the error labels sees errors. */
function withLabels(demand: Demand, names: readonly string[] | 'all'): Demand {
  if (names.length === 0) return demand;
  const errors = demand.errors || names === 'all' || names.some(isErrorLabel);
  const { labels } = demand;
  if (labels === 'all') return { ...demand, errors };
  return { ...demand, labels: names === 'all' ? 'all' : new Set([...labels, ...names]), errors };
}

function isEmpty({ labels }: Demand): boolean {
  return labels !== 'all' && [...labels].every(isErrorLabel);
}
