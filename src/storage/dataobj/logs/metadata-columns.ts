/**
 * Gathers the structured metadata of a section's rows into columns: one for each key that has a column of its own, and one
 * with JSON objects for all the others.
 */

import { type ByteRun, byteRun } from '../../../wire/byte-copy.js';
import type { EntriesBatch } from '../../../wire/entries.js';
import { hashBytes, hashText } from '../pointers/value-hash.js';
import { metadataColumn, REST_COLUMN } from '../types.js';
import type { Rows } from './rows.js';
import { ValueColumn } from './value-column.js';

export interface MetadataColumns {
  /** Columns with values, sorted by name. */
  readonly columns: readonly ValueColumn[];
  readonly rest: RestColumn;
}

/** The column of keys without a column. */
export class RestColumn {
  readonly column: ValueColumn;
  readonly keys = new Set<string>();
  /** For the column's filter: section row and hash of every (key, value). */
  readonly hashRows: number[] = [];
  readonly hashes: number[] = [];

  constructor(rows: number) {
    this.column = new ValueColumn(REST_COLUMN, rows);
  }

  /** Adds those pairs of a batch's row whose key has no column, as one JSON object. */
  add(row: number, batch: EntriesBatch, batchRow: number, columnOf: readonly (ValueColumn | undefined)[]): void {
    const pairs: [string, string][] = [];
    for (const pair of batch.pairs.subarray(batch.pairStarts[batchRow]!, batch.pairStarts[batchRow + 1]!)) {
      const key = batch.pairKeys[pair]!;
      if (columnOf[key] !== undefined) continue;
      const from = batch.pairOffsets[pair]!;
      const to = batch.pairOffsets[pair + 1]!;
      const name = batch.keys[key]!;
      pairs.push([name, Buffer.from(batch.metadata.subarray(from, to)).utf8Slice()]);
      this.keys.add(name);
      this.hashRows.push(row);
      this.hashes.push(hashBytes(batch.metadata, from, to, hashText(name)));
    }
    const json = Buffer.from(JSON.stringify(Object.fromEntries(pairs)), 'utf8');
    this.column.add(row, byteRun(json), 0, json.length);
  }
}

/** Gathers rows from..to-1; section rows count from 0. Keys come with the number of their pairs in the whole object. */
export function gatherMetadata(
  rows: Rows,
  from: number,
  to: number,
  batches: readonly EntriesBatch[],
  columnKeys: ReadonlyMap<string, number>,
): MetadataColumns {
  const columns = new Map<string, ValueColumn>();
  for (const key of [...columnKeys.keys()].sort()) {
    columns.set(key, new ValueColumn(metadataColumn(key), Math.min(columnKeys.get(key)!, to - from)));
  }
  const rest = new RestColumn(to - from);
  const sources = batches.map((batch) => new PairSource(batch, columns));
  for (let i = from; i < to; i++) {
    const row = rows.row[i]!;
    const source = sources[rows.batch[i]!]!;
    if (!source.addRow(row, i - from)) rest.add(i - from, source.batch, row, source.columnOf);
  }
  const used = [...columns.values()].filter((column) => column.count > 0);
  for (const column of [...used, rest.column]) column.finish();
  return { columns: used, rest };
}

/** The pairs of one batch on their way into the columns of a section: each is looked up there once. */
class PairSource {
  readonly batch: EntriesBatch;
  /** By the batch's key. */
  readonly columnOf: readonly (ValueColumn | undefined)[];
  readonly #values: ByteRun;
  /** By pair: 1 + the number of its value in its column, or 0. */
  readonly #ids: Int32Array;

  constructor(batch: EntriesBatch, columns: ReadonlyMap<string, ValueColumn>) {
    this.batch = batch;
    this.columnOf = batch.keys.map((key) => columns.get(key));
    this.#values = byteRun(batch.metadata);
    this.#ids = new Int32Array(batch.pairKeys.length);
  }

  /** False where some of its pairs have no column. */
  addRow(batchRow: number, row: number): boolean {
    const { pairStarts, pairs, pairKeys } = this.batch;
    const last = pairStarts[batchRow + 1]!;
    let isWhole = true;
    for (let at = pairStarts[batchRow]!; at < last; at++) {
      const pair = pairs[at]!;
      const column = this.columnOf[pairKeys[pair]!];
      if (column === undefined) isWhole = false;
      else this.#add(column, pair, row);
    }
    return isWhole;
  }

  #add(column: ValueColumn, pair: number, row: number): void {
    const known = this.#ids[pair]!;
    if (known !== 0 && column.addKnown(row, known - 1)) return;
    const { pairOffsets } = this.batch;
    this.#ids[pair] = column.add(row, this.#values, pairOffsets[pair]!, pairOffsets[pair + 1]!) + 1;
  }
}
