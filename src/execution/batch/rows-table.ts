import type { Frame, FrameColumn } from '../../wire/arrow-frame.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { LineWriter } from '../functions/line-writer.js';
import type { StringColumn, TextColumn } from './column.js';
import { LabelReader } from './label-reader.js';
import { DETAILS_LABEL, ERROR_LABEL, LogBatch, type RowSource } from './log-batch.js';
import { columnsOfPairs, type PairColumn, PairCopier, PairLists } from './pair-lists.js';
import { pickRows } from './picked-rows.js';
import { labelsFromKey } from './sample-batch.js';
import { LabelledStreams } from './streams.js';

/** Log rows cut loose from the pages they came from: what TopK keeps and what travels between tasks. */
export interface RowsTable {
  readonly rows: number;
  readonly times: BigInt64Array;
  readonly text: TextColumn;
  /** Label sets of the rows' streams, as keys (batch/sample-batch.ts): few, where sets of metadata may be as many as rows. */
  readonly label: StringColumn;
  readonly metadata: PairColumn;
  readonly parsed: PairColumn;
}

/** Rows of a table, without turning it into a batch: all that is needed to choose among them and to copy them. */
export class TableRows {
  readonly table: RowsTable;
  readonly base: bigint;
  readonly times: Float64Array;
  readonly count: number;

  constructor(table: RowsTable) {
    this.table = table;
    this.base = table.rows === 0 ? 0n : table.times[0]!;
    this.times = Float64Array.from(table.times, (time) => Number(time - this.base));
    this.count = table.rows;
  }

  row(n: number): number {
    return n;
  }
}

/** Labels of rows that are put together from elsewhere, in their order. */
class GatheredLabels {
  readonly metadata: PairLists;
  readonly parsed: PairLists;
  readonly #ids: Int32Array;
  readonly #keys: string[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(rows: number) {
    this.#ids = new Int32Array(rows);
    this.metadata = new PairLists(rows);
    this.parsed = new PairLists(rows);
  }

  setLabel(row: number, key: string): void {
    this.#ids[row] = getOrCreate(this.#numbers, key, () => this.#keys.push(key) - 1);
  }

  finish(): Pick<RowsTable, 'label' | 'metadata' | 'parsed'> {
    const label = { ids: this.#ids, values: this.#keys };
    return { label, metadata: this.metadata.finish(), parsed: this.parsed.finish() };
  }
}

/** Copies single rows of one batch to where rows are put together. */
type RowCopier = (row: number, to: number) => void;

interface Gathered {
  readonly times: BigInt64Array;
  readonly lines: LineWriter;
  readonly labels: GatheredLabels;
}

function copierOf(batch: LogBatch | TableRows, gathered: Gathered): RowCopier {
  return batch instanceof TableRows ? tableCopier(batch.table, gathered) : batchCopier(batch, gathered);
}

function tableCopier({ times, text, label, ...pairs }: RowsTable, gathered: Gathered): RowCopier {
  const { lines, labels } = gathered;
  const metadata = new PairCopier(pairs.metadata, labels.metadata);
  const parsed = new PairCopier(pairs.parsed, labels.parsed);
  return (row, to) => {
    gathered.times[to] = times[row]!;
    lines.copy(to, text.bytes, text.offsets[row]!, text.offsets[row + 1]!);
    labels.setLabel(to, label.values[label.ids[row]!]!);
    metadata.copy(row);
    parsed.copy(row);
  };
}

function batchCopier(batch: LogBatch, { times, lines, labels }: Gathered): RowCopier {
  const reader = new LabelReader(batch);
  const { offsets, bytes } = batch.message;
  return (row, to) => {
    times[to] = batch.base + BigInt(batch.times[row]!);
    lines.copy(to, bytes, offsets[row]!, offsets[row + 1]!);
    labels.setLabel(to, reader.labelKey(row));
    reader.writePairs(row, labels.metadata, labels.parsed);
  };
}

/** Copies the given rows, in the given order, out of their batches, which keep no other rows alive. */
export function gatherRows(
  from: readonly (LogBatch | TableRows)[],
  fromBatch: ArrayLike<number>,
  fromRow: ArrayLike<number>,
): RowsTable {
  const rows = fromBatch.length;
  const { batches, batchOf, rowOf } = pickRows({ batches: from, batchOf: fromBatch, rowOf: fromRow });
  const gathered = {
    times: new BigInt64Array(rows),
    lines: new LineWriter(rows, rows * 128),
    labels: new GatheredLabels(rows),
  };
  const copiers: RowCopier[] = [];
  for (let i = 0; i < rows; i++) {
    const number = batchOf[i]!;
    copiers[number] ??= copierOf(batches[number]!, gathered);
    copiers[number](rowOf[i]!, i);
  }
  return { rows, times: gathered.times, text: gathered.lines.finish(), ...gathered.labels.finish() };
}

export function tableToFrame(table: RowsTable): Frame {
  const columns: FrameColumn[] = [
    { name: 'timestamp', type: 'timestamp', values: table.times },
    { name: 'message', type: 'utf8', offsets: table.text.offsets, bytes: table.text.bytes },
    { name: 'label', type: 'dictionary', ...table.label },
    { name: 'metadata', type: 'list', ...table.metadata },
    { name: 'parsed', type: 'list', ...table.parsed },
  ];
  return { kind: 'rows', rows: table.rows, attributes: {}, columns };
}

export function frameToTable(frame: Frame): RowsTable {
  const find = (name: string): FrameColumn => {
    const column = frame.columns.find((candidate) => candidate.name === name);
    if (!column) throw new RangeError(`rows frame lacks column ${name}`);
    return column;
  };
  const pairs = (name: string): PairColumn => {
    const column = find(name);
    if (column.type !== 'list') throw new RangeError(`rows frame: column ${name} has no lists`);
    return column;
  };
  const times = find('timestamp');
  const text = find('message');
  const label = find('label');
  if (times.type !== 'timestamp' || text.type !== 'utf8' || label.type !== 'dictionary')
    throw new RangeError('rows frame: wrong column types');
  const bytes = Buffer.from(text.bytes.buffer, text.bytes.byteOffset, text.bytes.byteLength);
  return {
    rows: frame.rows,
    times: times.values,
    text: { offsets: text.offsets, bytes },
    label,
    metadata: pairs('metadata'),
    parsed: pairs('parsed'),
  };
}

/** A table as a batch that operators can go on working with. Its rows are in the order their sender gave them. */
export function tableBatch(table: RowsTable): LogBatch {
  const base = table.rows === 0 ? 0n : table.times[0]!;
  const times = Float64Array.from(table.times, (time) => Number(time - base));
  const streams = new LabelledStreams(table.label.values.map(labelsFromKey));
  const batch = new LogBatch(base, times, streams, table.label.ids, new TableSource(table));
  const parsed = columnsOfPairs(table.parsed);
  for (const [name, column] of parsed)
    if (name !== ERROR_LABEL && name !== DETAILS_LABEL) batch.set('parsed', name, column);
  const kinds = parsed.get(ERROR_LABEL);
  const details = parsed.get(DETAILS_LABEL);
  for (let row = 0; (kinds || details) && row < table.rows; row++) {
    const kind = valueAt(kinds, row);
    const detail = valueAt(details, row);
    if (kind !== '' || detail !== '') batch.setError(row, kind, detail, true);
  }
  return batch;
}

function valueAt(column: StringColumn | undefined, row: number): string {
  const id = column ? column.ids[row]! : -1;
  return id < 0 ? '' : column!.values[id]!;
}

class TableSource implements RowSource {
  readonly #table: RowsTable;
  #metadata: Map<string, StringColumn> | undefined;

  constructor(table: RowsTable) {
    this.#table = table;
  }

  message(): TextColumn {
    return this.#table.text;
  }

  messageLengths(): undefined {
    return undefined;
  }

  metadataKeys(): readonly string[] {
    return [...this.#columns().keys()];
  }

  metadata(key: string): StringColumn | undefined {
    return this.#columns().get(key);
  }

  #columns(): Map<string, StringColumn> {
    this.#metadata ??= columnsOfPairs(this.#table.metadata);
    return this.#metadata;
  }
}
