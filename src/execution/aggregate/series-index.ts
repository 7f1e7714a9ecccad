import type { Grouping } from '../../planning/physical/node.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import type { StringColumn } from '../batch/column.js';
import { DETAILS_LABEL, ERROR_LABEL, type LogBatch } from '../batch/log-batch.js';
import { labelsKey } from '../batch/sample-batch.js';
import type { StreamSet } from '../batch/streams.js';
import { PairTable } from './pair-table.js';

/**
 * Numbers the series that rows belong to. Where the grouping only asks for stream labels, the answer is worked out once
 * per stream; else each grouping column maps its dictionary ids to numbers of this index (once per dictionary), and a
 * row's numbers are folded pair by pair into one. Two numbers may stand for equal label sets when rows reach them in
 * different ways; whoever merges goes by `key`. A label that a parser has found empty is not the same as none.
 */
export class SeriesIndex {
  readonly #grouping: Grouping;
  readonly #labels: Labels[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #byStream = new WeakMap<StreamSet, Int32Array>();
  readonly #words = new Map<string, number>();
  readonly #remaps = new WeakMap<readonly string[], Int32Array>();
  readonly #names = new Map<string, number>();
  readonly #terms = new PairTable(); // (name, word) -> term
  readonly #folds = new PairTable(); // (fold, term) -> fold + 1
  readonly #seriesOfFold: number[] = [];

  constructor(grouping: Grouping) {
    this.#grouping = grouping;
  }

  get size(): number {
    return this.#labels.length;
  }

  labels(series: number): Labels {
    return this.#labels[series]!;
  }

  /** Writes the series of the n-th row alive to out[n]. */
  assign(batch: LogBatch, out: Int32Array): void {
    const columns = this.#rowColumns(batch);
    if (columns === undefined) return this.#assignByStream(batch, out);
    this.#assignByRow(batch, columns, out);
  }

  #assignByStream(batch: LogBatch, out: Int32Array): void {
    const series = getOrCreate(this.#byStream, batch.streams, ({ count }) => new Int32Array(count).fill(-1));
    const { streamIds, selection, count } = batch;
    for (let i = 0; i < count; i++) {
      const stream = streamIds[selection ? selection[i]! : i]!;
      let number = series[stream]!;
      if (number < 0) {
        number = this.#number(this.#picked(batch.streams.labels(stream)));
        series[stream] = number;
      }
      out[i] = number;
    }
  }

  #picked(labels: Labels): Labels {
    const grouping = this.#grouping;
    if (grouping.kind === 'none') return labels;
    const names = new Set(grouping.columns.map((column) => column.name));
    return labels.filter(([name]) => names.has(name) === (grouping.kind === 'by'));
  }

  /** Columns to fold, in name order; undefined when the stream alone decides. */
  #rowColumns(batch: LogBatch): { name: string; column: StringColumn }[] | undefined {
    const grouping = this.#grouping;
    if (grouping.kind === 'by') {
      const byRow = grouping.columns.some(
        ({ name }) => isError(name) || batch.get('parsed', name) || batch.get('metadata', name),
      );
      if (!byRow && batch.labelsUntouched) return undefined;
      return this.#resolved(
        batch,
        grouping.columns.map((column) => column.name),
      );
    }
    const dropped = new Set(grouping.kind === 'without' ? grouping.columns.map((column) => column.name) : []);
    const extra = [...batch.names('metadata'), ...batch.names('parsed')].filter((name) => !dropped.has(name));
    if (extra.length === 0 && batch.labelsUntouched) return undefined;
    return this.#resolved(
      batch,
      [...batch.names('label'), ...extra].filter((name) => !dropped.has(name)),
    );
  }

  #resolved(batch: LogBatch, names: readonly string[]): { name: string; column: StringColumn }[] {
    const found: { name: string; column: StringColumn }[] = [];
    for (const name of [...new Set(names)].sort()) {
      const column = batch.resolve({ kind: 'column', type: 'ambiguous', name });
      if (column) found.push({ name, column });
    }
    return found;
  }

  #assignByRow(batch: LogBatch, columns: { name: string; column: StringColumn }[], out: Int32Array): void {
    const { selection, count } = batch;
    const folds = new Int32Array(count);
    for (const { name, column } of columns) {
      const terms = this.#termsOf(name, column.values);
      const { ids } = column;
      for (let i = 0; i < count; i++) {
        const id = ids[selection ? selection[i]! : i]!;
        if (id >= 0) folds[i] = this.#folds.id(folds[i]!, terms[id]!) + 1;
      }
    }
    for (let i = 0; i < count; i++) {
      const fold = folds[i]!;
      out[i] = this.#seriesOfFold[fold] ?? this.#openFold(fold, columns, selection ? selection[i]! : i);
    }
  }

  #openFold(fold: number, columns: readonly { name: string; column: StringColumn }[], row: number): number {
    const labels: [string, string][] = [];
    for (const { name, column } of columns) {
      const id = column.ids[row]!;
      if (id >= 0) labels.push([name, column.values[id]!]);
    }
    const series = this.#number(labels);
    this.#seriesOfFold[fold] = series;
    return series;
  }

  /** Term of each dictionary value. */
  #termsOf(name: string, values: readonly string[]): Int32Array {
    const words = this.#wordsOf(values);
    const nameId = getOrCreate(this.#names, name, () => this.#names.size);
    const terms = new Int32Array(values.length);
    for (let id = 0; id < values.length; id++) terms[id] = this.#terms.id(nameId, words[id]!);
    return terms;
  }

  #wordsOf(values: readonly string[]): Int32Array {
    const known = this.#remaps.get(values);
    if (known && known.length === values.length) return known;
    const words = new Int32Array(values.length);
    if (known) words.set(known);
    for (let id = known?.length ?? 0; id < values.length; id++) {
      words[id] = getOrCreate(this.#words, values[id]!, () => this.#words.size);
    }
    this.#remaps.set(values, words);
    return words;
  }

  #number(labels: Labels): number {
    const key = labelsKey(labels);
    let series = this.#byKey.get(key);
    if (series === undefined) {
      series = this.#labels.push(labels) - 1;
      this.#byKey.set(key, series);
    }
    return series;
  }
}

function isError(name: string): boolean {
  return name === ERROR_LABEL || name === DETAILS_LABEL;
}
