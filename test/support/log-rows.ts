/** Log batches from plain rows and back, for tests of what the executor does to them. */

import type { StringColumn, TextColumn } from '../../src/execution/batch/column.js';
import { Dictionary } from '../../src/execution/batch/dictionary.js';
import { LabelReader } from '../../src/execution/batch/label-reader.js';
import { LogBatch, type RowSource } from '../../src/execution/batch/log-batch.js';
import { LabelledStreams } from '../../src/execution/batch/streams.js';
import { compileFunction } from '../../src/execution/functions/compile.js';
import type { FunctionContext } from '../../src/execution/functions/row-step.js';
import { compilePredicate } from '../../src/execution/predicate/compile.js';
import { applyFilter } from '../../src/execution/predicate/row-filter.js';
import type { Predicate, RowFunction } from '../../src/planning/physical/expression.js';
import { columnOf } from '../../src/planning/physical/expression.js';
import { formatLabels, type Labels, labelsOf } from '../../src/wire/labels.js';

export type Fields = Readonly<Record<string, string>>;

export interface LogRow {
  readonly labels?: Fields;
  /** ns after the batch's base. */
  readonly time?: number;
  readonly line?: string;
  readonly metadata?: Fields;
}

/** Rows in the order given; rows of equal labels share a stream. */
export function logBatch(rows: readonly LogRow[], base = 0n): LogBatch {
  const numbers = new Map<string, number>();
  const streams: Labels[] = [];
  const ids = rows.map(({ labels = {} }) => {
    const set = labelsOf(labels);
    const key = formatLabels(set);
    if (!numbers.has(key)) numbers.set(key, streams.push(set) - 1);
    return numbers.get(key)!;
  });
  const times = Float64Array.from(rows, ({ time }, i) => time ?? i);
  return new LogBatch(base, times, new LabelledStreams(streams), Int32Array.from(ids), sourceOf(rows));
}

function sourceOf(rows: readonly LogRow[]): RowSource {
  const keys = [...new Set(rows.flatMap(({ metadata }) => Object.keys(metadata ?? {})))];
  return {
    message: () => textOf(rows.map(({ line }) => line ?? '')),
    messageLengths: () => undefined,
    metadataKeys: () => keys,
    metadata: (key) => (keys.includes(key) ? stringColumn(rows.map(({ metadata }) => metadata?.[key])) : undefined),
  };
}

export function textOf(lines: readonly string[]): TextColumn {
  const offsets = new Int32Array(lines.length + 1);
  lines.forEach((line, i) => {
    offsets[i + 1] = offsets[i]! + Buffer.byteLength(line);
  });
  return { offsets, bytes: Buffer.from(lines.join('')) };
}

export function stringColumn(values: readonly (string | undefined)[]): StringColumn {
  const dictionary = new Dictionary();
  const ids = Int32Array.from(values, (value) => (value === undefined ? -1 : dictionary.internText(value)));
  return { ids, values: dictionary.values };
}

/** Values of the rows alive; undefined where a row has none. */
export function valuesOf(batch: LogBatch, column: StringColumn | undefined): (string | undefined)[] {
  return alive(batch).map((row) => (column && column.ids[row]! >= 0 ? column.values[column.ids[row]!] : undefined));
}

export function alive(batch: LogBatch): number[] {
  return Array.from({ length: batch.count }, (_, i) => batch.row(i));
}

/** Lines of the rows alive. */
export function linesOf(batch: LogBatch): string[] {
  const { offsets, bytes } = batch.message;
  return alive(batch).map((row) => bytes.utf8Slice(offsets[row]!, offsets[row + 1]!));
}

export interface ReadRow {
  readonly label: Fields;
  readonly metadata: Fields;
  readonly parsed: Fields;
}

/** Labels of the rows alive, by category. */
export function readLabels(batch: LogBatch): ReadRow[] {
  const reader = new LabelReader(batch);
  return alive(batch).map((row) => {
    const { label, metadata, parsed } = reader.read(row);
    return {
      label: Object.fromEntries(label),
      metadata: Object.fromEntries(metadata),
      parsed: Object.fromEntries(parsed),
    };
  });
}

/** Labels of the rows alive as a client sees them. */
export function labelsSeen(batch: LogBatch): Fields[] {
  return readLabels(batch).map(({ label, metadata, parsed }) => ({ ...label, ...metadata, ...parsed }));
}

/** Runs functions over rows, in order. */
export function run(rows: readonly LogRow[], ...functions: readonly RowFunction[]): LogBatch {
  const batch = logBatch(rows);
  for (const fn of functions) compileFunction(fn, UNCANCELLED)(batch);
  return batch;
}

export function filterBatch(batch: LogBatch, predicate: Predicate): LogBatch {
  applyFilter(batch, compilePredicate(predicate));
  return batch;
}

/** `name op value`; numbers compare as floats. */
export function compare(
  name: string,
  op: Extract<Predicate, { kind: 'compare' }>['op'],
  value: string | number,
  type: 'float' | 'duration' | 'bytes' = 'float',
): Predicate {
  const column = columnOf(name);
  return typeof value === 'string'
    ? { kind: 'compare', op, column, literal: { kind: 'literal', type: 'string', value } }
    : { kind: 'compare', op, column, literal: { kind: 'literal', type, value } };
}

/** What row functions are told in tests: nobody cancels. */
export const UNCANCELLED: FunctionContext = { now: 0n, checkpoint: () => undefined };
