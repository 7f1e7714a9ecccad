import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import type { StringColumn } from './column.js';
import { DETAILS_LABEL, ERROR_LABEL, type LabelCategory, type LogBatch } from './log-batch.js';
import { type PairLists, pairText } from './pair-lists.js';
import { labelsKey } from './sample-batch.js';

/** Objects hand out the same labels of a stream every time. */
const keys = new WeakMap<Labels, string>();

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
    const columns = (category: LabelCategory, over: readonly NamedColumn[]): NamedColumn[] =>
      batch
        .names(category)
        .sort()
        .map((name) => named(name, batch.get(category, name)!, over));
    const errors = (
      [
        [ERROR_LABEL, 'kinds'],
        [DETAILS_LABEL, 'details'],
      ] as const
    ).flatMap(([name, which]): NamedColumn[] => {
      const column = batch.errorColumn(which);
      return column ? [named(name, column, [])] : [];
    });
    this.#parsed = [...errors, ...columns('parsed', [])];
    this.#metadata = columns('metadata', this.#parsed);
    const higher = [...this.#parsed, ...this.#metadata];
    const hidden = higher.some(({ name }) => batch.streams.column(name));
    this.#labels = batch.labelsUntouched && !hidden ? undefined : columns('label', higher);
  }

  /** The labels of a row's stream as a key (`labelsKey`), as they are now. */
  labelKey(row: number): string {
    return this.#labels ? labelsKey(pick(this.#labels, row)) : this.#streamKey(this.#batch.streamIds[row]!);
  }

  /** Writes the others as pairs: to the same lists every time, which know the pairs by numbers kept here. */
  writePairs(row: number, metadata: PairLists, parsed: PairLists): void {
    write(this.#metadata, row, metadata);
    write(this.#parsed, row, parsed);
  }

  #streamKey(stream: number): string {
    let key = this.#streamKeys[stream];
    if (key === undefined) {
      const labels = this.#batch.streams.labels(stream);
      this.#streamKeys[stream] = key = getOrCreate(keys, labels, labelsKey);
    }
    return key;
  }

  read(row: number): Record<LabelCategory, Labels> {
    return {
      label: this.#labels ? pick(this.#labels, row) : this.#batch.streams.labels(this.#batch.streamIds[row]!),
      metadata: pick(this.#metadata, row),
      parsed: pick(this.#parsed, row),
    };
  }
}

interface NamedColumn {
  readonly name: string;
  readonly column: StringColumn;
  /** Columns of higher categories with the name: where one has a value, this one's is not seen. */
  readonly over: readonly StringColumn[];
  /** By dictionary id: the pair's number where pairs are written to, from the first time on. */
  readonly numbers: number[];
}

function named(name: string, column: StringColumn, higher: readonly NamedColumn[]): NamedColumn {
  const over = higher.filter((other) => other.name === name).map((other) => other.column);
  return { name, column, over, numbers: [] };
}

/** The number of a row's value, -1 where it has none that is seen. */
function seen({ column, over }: NamedColumn, row: number): number {
  for (let i = 0; i < over.length; i++) if (over[i]!.ids[row]! >= 0) return -1;
  return column.ids[row]!;
}

function write(columns: readonly NamedColumn[], row: number, to: PairLists): void {
  for (let i = 0; i < columns.length; i++) {
    const named = columns[i]!;
    const id = seen(named, row);
    if (id < 0) continue;
    const { numbers } = named;
    numbers[id] ??= to.number(pairText(named.name, named.column.values[id]!));
    to.add(numbers[id]);
  }
  to.endRow();
}

function pick(columns: readonly NamedColumn[], row: number): Labels {
  const found: [string, string][] = [];
  for (const named of columns) {
    const id = seen(named, row);
    if (id >= 0) found.push([named.name, named.column.values[id]!]);
  }
  return found;
}
