/**
 * Gathers the structured metadata of a section's rows into columns: one for each key that has a column of its own, and one
 * with JSON objects for all the others.
 */

import { byteRun } from '../../../wire/byte-copy.js';
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
    for (let pair = batch.pairStarts[batchRow]!; pair < batch.pairStarts[batchRow + 1]!; pair++) {
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
  const columnOf = batches.map((batch) => batch.keys.map((key) => columns.get(key)));
  const values = batches.map((batch) => byteRun(batch.metadata));
  for (let i = from; i < to; i++) {
    const batch = batches[rows.batch[i]!]!;
    const ofKey = columnOf[rows.batch[i]!]!;
    const { pairKeys, pairOffsets } = batch;
    const metadata = values[rows.batch[i]!]!;
    const last = batch.pairStarts[rows.row[i]! + 1]!;
    let rare = false;
    for (let pair = batch.pairStarts[rows.row[i]!]!; pair < last; pair++) {
      const column = ofKey[pairKeys[pair]!];
      if (column === undefined) rare = true;
      else column.add(i - from, metadata, pairOffsets[pair]!, pairOffsets[pair + 1]!);
    }
    if (rare) rest.add(i - from, batch, rows.row[i]!, ofKey);
  }
  const used = [...columns.values()].filter((column) => column.count > 0);
  for (const column of [...used, rest.column]) column.finish();
  return { columns: used, rest };
}
