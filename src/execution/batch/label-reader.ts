import type { Labels } from '../../wire/labels.js';
import type { StringColumn } from './column.js';
import { DETAILS_LABEL, ERROR_LABEL, type LabelCategory, type LogBatch } from './log-batch.js';
import { labelsKey } from './sample-batch.js';

/**
 * Reads whole label sets of a batch that no longer changes, for the few rows that leave: the labels by category as a
 * client sees them, each name in the highest category that has it.
 */
export class LabelReader {
  readonly #batch: LogBatch;
  readonly #parsed: readonly NamedColumn[];
  readonly #metadata: readonly NamedColumn[];
  /** Undefined: the streams' own label sets still hold, unless a name is hidden by a higher category. */
  readonly #labels: readonly NamedColumn[] | undefined;
  readonly #streamKeys: string[] = [];

  constructor(batch: LogBatch) {
    this.#batch = batch;
    const columns = (category: LabelCategory): NamedColumn[] =>
      batch
        .names(category)
        .sort()
        .map((name) => ({ name, column: batch.get(category, name)!, fragments: [] }));
    const errors = (
      [
        [ERROR_LABEL, 'kinds'],
        [DETAILS_LABEL, 'details'],
      ] as const
    ).flatMap(([name, which]): NamedColumn[] => {
      const column = batch.errorColumn(which);
      return column ? [{ name, column, fragments: [] }] : [];
    });
    this.#parsed = [...errors, ...columns('parsed')];
    this.#metadata = columns('metadata');
    const hidden = [...this.#parsed, ...this.#metadata].some(({ name }) => batch.streams.column(name));
    this.#labels = batch.labelsUntouched && !hidden ? undefined : columns('label');
  }

  /** The same as keys (`labelsKey`), pieced together from parts that are made once per dictionary value. */
  readKeys(row: number): Record<LabelCategory, string> {
    const hides = this.#labels !== undefined || (this.#parsed.length > 0 && this.#metadata.length > 0);
    if (hides) {
      const { label, metadata, parsed } = this.read(row);
      return { label: labelsKey(label), metadata: labelsKey(metadata), parsed: labelsKey(parsed) };
    }
    return {
      label: this.#streamKey(this.#batch.streamIds[row]!),
      metadata: keyOf(this.#metadata, row),
      parsed: keyOf(this.#parsed, row),
    };
  }

  #streamKey(stream: number): string {
    let key = this.#streamKeys[stream];
    if (key === undefined) this.#streamKeys[stream] = key = labelsKey(this.#batch.streams.labels(stream));
    return key;
  }

  read(row: number): Record<LabelCategory, Labels> {
    const parsed = pick(this.#parsed, row, undefined, undefined);
    const metadata = pick(this.#metadata, row, parsed, undefined);
    const label = this.#labels
      ? pick(this.#labels, row, parsed, metadata)
      : this.#batch.streams.labels(this.#batch.streamIds[row]!);
    return { label, metadata, parsed };
  }
}

interface NamedColumn {
  readonly name: string;
  readonly column: StringColumn;
  /** By dictionary id: the pair as text, made when first needed. */
  readonly fragments: string[];
}

function keyOf(columns: readonly NamedColumn[], row: number): string {
  let key = '';
  for (const { name, column, fragments } of columns) {
    const id = column.ids[row]!;
    if (id < 0) continue;
    fragments[id] ??= JSON.stringify([name, column.values[id]!]);
    key += key === '' ? fragments[id] : `,${fragments[id]}`;
  }
  return `[${key}]`;
}

function pick(columns: readonly NamedColumn[], row: number, a: Labels | undefined, b: Labels | undefined): Labels {
  const found: [string, string][] = [];
  for (const { name, column } of columns) {
    const id = column.ids[row]!;
    if (id < 0 || (a && has(a, name)) || (b && has(b, name))) continue;
    found.push([name, column.values[id]!]);
  }
  return found;
}

function has(labels: Labels, name: string): boolean {
  for (const label of labels) if (label[0] === name) return true;
  return false;
}
