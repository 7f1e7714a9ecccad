import { LineWriter } from '../functions/line-writer.js';
import type { StringColumn, TextColumn } from './column.js';
import { LogBatch, type PickableSource, type RowSource } from './log-batch.js';
import type { TableRows } from './rows-table.js';

/** Rows of batches: the i-th is row rowOf[i] of batches[batchOf[i]]. */
export interface RowsOf {
  readonly batches: readonly (LogBatch | TableRows)[];
  readonly batchOf: ArrayLike<number>;
  readonly rowOf: ArrayLike<number>;
}

/** Rows picked out of more pages than this would fill the room that there is for pages, and push out each other. */
const KEPT_PAGES_MAX = 64;

/**
 * The same rows with fewer around them: those of one scan come in one batch that has nothing but these rows, and
 * decodes no others. Batches that cannot be read this way are left with the rows that are meant.
 */
export function pickRows({ batches, batchOf, rowOf }: RowsOf): RowsOf {
  const wanted = wantedRows(batches, batchOf, rowOf);
  const picks = new Map<object, Pick[]>();
  for (const [number, rows] of wanted) {
    const batch = batches[number] as LogBatch;
    const { source } = batch;
    if (!source) {
      if (rows.length < batch.count) batch.select(rows, rows.length);
      continue;
    }
    const pick = { number, batch, source, rows };
    const others = picks.get(source.scan);
    if (others) others.push(pick);
    else picks.set(source.scan, [pick]);
  }
  const found = [...batches];
  /** By number of a batch that was picked from: where its rows are now. */
  const places = new Map<number, { readonly number: number; readonly offset: number }>();
  for (const group of picks.values()) {
    let offset = 0;
    if (group.length <= KEPT_PAGES_MAX) for (const { source } of group) source.keep();
    for (const { number, rows } of group) {
      places.set(number, { number: found.length, offset });
      offset += rows.length;
    }
    found.push(batchOfPicks(group, offset));
  }
  const placeOf = Array.from(batchOf, (number) => places.get(number));
  return {
    batches: found,
    batchOf: placeOf.map((place, i) => place?.number ?? batchOf[i]!),
    rowOf: placeOf.map((place, i) => (place ? place.offset + rankIn(wanted.get(batchOf[i]!)!, rowOf[i]!) : rowOf[i]!)),
  };
}

/** By number of the batch, ascending and once each. */
function wantedRows(
  batches: RowsOf['batches'],
  batchOf: ArrayLike<number>,
  rowOf: ArrayLike<number>,
): Map<number, Int32Array> {
  const rows = new Map<number, Set<number>>();
  for (let i = 0; i < batchOf.length; i++) {
    const number = batchOf[i]!;
    if (!(batches[number] instanceof LogBatch)) continue;
    const known = rows.get(number);
    if (known) known.add(rowOf[i]!);
    else rows.set(number, new Set([rowOf[i]!]));
  }
  return new Map([...rows].map(([number, set]) => [number, Int32Array.from(set).sort()]));
}

/** Where a value is in an ascending column that has it. */
function rankIn(rows: Int32Array, row: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Pick {
  readonly number: number;
  readonly batch: LogBatch;
  readonly source: PickableSource;
  readonly rows: Int32Array;
}

function batchOfPicks(picks: readonly Pick[], count: number): LogBatch {
  const { base, streams } = picks[0]!.batch;
  const times = new Float64Array(count);
  const streamIds = new Int32Array(count);
  let at = 0;
  for (const { batch, rows } of picks) {
    for (const row of rows) {
      times[at] = batch.times[row]!;
      streamIds[at++] = batch.streamIds[row]!;
    }
  }
  return new LogBatch(base, times, streams, streamIds, new PickedRows(picks, count));
}

class PickedRows implements RowSource {
  readonly #picks: readonly Pick[];
  readonly #count: number;

  constructor(picks: readonly Pick[], count: number) {
    this.#picks = picks;
    this.#count = count;
  }

  /** One page of lines at a time is unpacked, and freed. */
  message(): TextColumn {
    const lines = new LineWriter(this.#count, this.#count * 128);
    let at = 0;
    for (const { batch, rows } of this.#picks) {
      const { offsets, bytes } = batch.message;
      for (const row of rows) lines.copy(at++, bytes, offsets[row]!, offsets[row + 1]!);
      batch.release();
    }
    return lines.finish();
  }

  messageLengths(): undefined {
    return undefined;
  }

  metadataKeys(): readonly string[] {
    return this.#picks[0]!.source.metadataKeys();
  }

  metadata(key: string): StringColumn | undefined {
    const ids = new Int32Array(this.#count).fill(-1);
    let values: readonly string[] | undefined;
    let own: string[] | undefined;
    let isEmpty = true;
    let at = 0;
    for (const { source, rows } of this.#picks) {
      const column = source.metadataAt(key, rows);
      if (column) {
        values ??= column.values;
        let shift = 0;
        if (column.values !== values) {
          // Texts of pages without a dictionary that all share.
          if (!own) values = own = [...values];
          shift = own.length;
          for (const value of column.values) own.push(value);
        }
        for (let i = 0; i < rows.length; i++) {
          if (column.ids[i]! < 0) continue;
          ids[at + i] = column.ids[i]! + shift;
          isEmpty = false;
        }
      }
      at += rows.length;
    }
    // Pages have columns of all of their streams: most that are not absent are so in the picked rows.
    return values && !isEmpty ? { ids, values } : undefined;
  }
}
