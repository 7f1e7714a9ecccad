import type { Frame, FrameColumn } from '../../wire/arrow-frame.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { LineWriter } from '../functions/line-writer.js';
import type { StringColumn, TextColumn } from './column.js';
import { LabelReader } from './label-reader.js';
import { DETAILS_LABEL, ERROR_LABEL, LogBatch, type RowSource } from './log-batch.js';
import { pickRows } from './picked-rows.js';
import { labelsFromKey } from './sample-batch.js';
import { LabelledStreams } from './streams.js';

/** Log rows cut loose from the pages they came from: what TopK keeps and what travels between tasks. */
export interface RowsTable {
  readonly rows: number;
  readonly times: BigInt64Array;
  readonly text: TextColumn;
  /** Label sets by category, as keys (batch/sample-batch.ts). */
  readonly label: StringColumn;
  readonly metadata: StringColumn;
  readonly parsed: StringColumn;
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

/** Rows after which it is judged whether label sets repeat at all. */
const DISTINCT_SAMPLE = 64;

/** Label sets seen so far, equal ones once as long as they repeat. */
class LabelSets {
  readonly values: string[] = [];
  readonly #ids = new Map<string, number>();
  #asked = 0;

  /** Where nearly every row has a set of its own (a trace id), looking for equal ones costs more than it saves. */
  idOfKey(key: string): number {
    this.#asked++;
    if (this.#asked > DISTINCT_SAMPLE && this.values.length * 2 > this.#asked) return this.values.push(key) - 1;
    return getOrCreate(this.#ids, key, () => this.values.push(key) - 1);
  }
}

const CATEGORIES = ['label', 'metadata', 'parsed'] as const;

/** Copies the given rows, in the given order, out of their batches, which keep no other rows alive. */
export function gatherRows(
  from: readonly (LogBatch | TableRows)[],
  fromBatch: ArrayLike<number>,
  fromRow: ArrayLike<number>,
): RowsTable {
  const rows = fromBatch.length;
  const { batches, batchOf, rowOf } = pickRows({ batches: from, batchOf: fromBatch, rowOf: fromRow });
  const times = new BigInt64Array(rows);
  const lines = new LineWriter(rows, rows * 128);
  const sets = { label: new LabelSets(), metadata: new LabelSets(), parsed: new LabelSets() };
  const ids = { label: new Int32Array(rows), metadata: new Int32Array(rows), parsed: new Int32Array(rows) };
  const readers = new Map<LogBatch, LabelReader>();
  for (let i = 0; i < rows; i++) {
    const batch = batches[batchOf[i]!]!;
    const row = rowOf[i]!;
    if (batch instanceof TableRows) {
      const { table } = batch;
      times[i] = table.times[row]!;
      lines.copy(i, table.text.bytes, table.text.offsets[row]!, table.text.offsets[row + 1]!);
      for (const category of CATEGORIES) {
        ids[category][i] = sets[category].idOfKey(table[category].values[table[category].ids[row]!]!);
      }
      continue;
    }
    const reader = getOrCreate(readers, batch, () => new LabelReader(batch));
    times[i] = batch.base + BigInt(batch.times[row]!);
    const { offsets, bytes } = batch.message;
    lines.copy(i, bytes, offsets[row]!, offsets[row + 1]!);
    const keys = reader.readKeys(row);
    for (const category of CATEGORIES) ids[category][i] = sets[category].idOfKey(keys[category]);
  }
  const column = (category: keyof typeof ids): StringColumn => ({ ids: ids[category], values: sets[category].values });
  return {
    rows,
    times,
    text: lines.finish(),
    label: column('label'),
    metadata: column('metadata'),
    parsed: column('parsed'),
  };
}

export function tableToFrame(table: RowsTable): Frame {
  const columns: FrameColumn[] = [
    { name: 'timestamp', type: 'timestamp', values: table.times },
    { name: 'message', type: 'utf8', offsets: table.text.offsets, bytes: table.text.bytes },
    { name: 'label', type: 'dictionary', ...table.label },
    { name: 'metadata', type: 'dictionary', ...table.metadata },
    { name: 'parsed', type: 'dictionary', ...table.parsed },
  ];
  return { kind: 'rows', rows: table.rows, attributes: {}, columns };
}

export function frameToTable(frame: Frame): RowsTable {
  const find = (name: string): FrameColumn => {
    const column = frame.columns.find((candidate) => candidate.name === name);
    if (!column) throw new RangeError(`rows frame lacks column ${name}`);
    return column;
  };
  const dictionary = (name: string): StringColumn => {
    const column = find(name);
    if (column.type !== 'dictionary') throw new RangeError(`rows frame: column ${name} is no dictionary`);
    return column;
  };
  const times = find('timestamp');
  const text = find('message');
  if (times.type !== 'timestamp' || text.type !== 'utf8') throw new RangeError('rows frame: wrong column types');
  const bytes = Buffer.from(text.bytes.buffer, text.bytes.byteOffset, text.bytes.byteLength);
  return {
    rows: frame.rows,
    times: times.values,
    text: { offsets: text.offsets, bytes },
    label: dictionary('label'),
    metadata: dictionary('metadata'),
    parsed: dictionary('parsed'),
  };
}

/** A table as a batch that operators can go on working with. Its rows are in the order their sender gave them. */
export function tableBatch(table: RowsTable): LogBatch {
  const base = table.rows === 0 ? 0n : table.times[0]!;
  const times = Float64Array.from(table.times, (time) => Number(time - base));
  const streams = new LabelledStreams(table.label.values.map(labelsFromKey));
  const batch = new LogBatch(base, times, streams, table.label.ids, new TableSource(table));
  const parsed = columnsOfSets(table.parsed);
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
    this.#metadata ??= columnsOfSets(this.#table.metadata);
    return this.#metadata;
  }
}

/** Label sets by row turned into one column per name. */
function columnsOfSets({ ids, values }: StringColumn): Map<string, StringColumn> {
  const sets = new LabelledStreams(values.map(labelsFromKey));
  const columns = new Map<string, StringColumn>();
  for (const name of sets.names) {
    const bySet = sets.column(name)!;
    columns.set(name, { ids: ids.map((set) => bySet.ids[set]!), values: bySet.values });
  }
  return columns;
}
