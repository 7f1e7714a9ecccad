import { getOrCreate } from '../../wire/get-or-create.js';
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
  /** Where the rows of those picks that may have a key begin. */
  readonly #places = new Map<string, Place[]>();

  constructor(picks: readonly Pick[], count: number) {
    this.#picks = picks;
    this.#count = count;
    let at = 0;
    for (const pick of picks) {
      for (const key of pick.source.metadataKeys()) getOrCreate(this.#places, key, () => []).push({ pick, at });
      at += pick.rows.length;
    }
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
    return [...this.#places.keys()];
  }

  metadata(key: string): StringColumn | undefined {
    const found = new FoundValues(this.#count);
    for (const { pick, at } of this.#places.get(key) ?? []) {
      const column = pick.source.metadataAt(key, pick.rows);
      if (column) found.add(column, at);
    }
    return found.column();
  }
}

interface Place {
  readonly pick: Pick;
  readonly at: number;
}

/** One column of those of several pages. */
class FoundValues {
  readonly #ids: Int32Array;
  #values: readonly string[] | undefined;
  /** The same where it is no page's own. */
  #own: string[] | undefined;
  #isEmpty = true;

  constructor(rows: number) {
    this.#ids = new Int32Array(rows).fill(-1);
  }

  add({ ids, values }: StringColumn, at: number): void {
    this.#values ??= values;
    let shift = 0;
    if (values !== this.#values) {
      // Texts of pages without a dictionary that all share.
      if (!this.#own) this.#values = this.#own = [...this.#values];
      shift = this.#own.length;
      for (const value of values) this.#own.push(value);
    }
    for (let i = 0; i < ids.length; i++) {
      if (ids[i]! < 0) continue;
      this.#ids[at + i] = ids[i]! + shift;
      this.#isEmpty = false;
    }
  }

  /** Pages have columns of all of their streams: most that are not absent are so in the picked rows. */
  column(): StringColumn | undefined {
    return this.#values && !this.#isEmpty ? { ids: this.#ids, values: this.#values } : undefined;
  }
}
