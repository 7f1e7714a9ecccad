/** Fetched pages and their decoders. */
import { getOrCreate } from '../../../wire/get-or-create.js';
import { atPlace, CorruptObject, inPlace, type Place } from '../../corrupt.js';
import { decodeDelta } from '../parquet/delta.js';
import { decodeHybrid } from '../parquet/hybrid.js';
import { decodeHybridAt, decodeRanksAt } from '../parquet/hybrid-at.js';
import { type PageBody, readPage } from '../parquet/page.js';
import { decodeTexts } from '../parquet/text.js';
import { cursor } from '../parquet/varint.js';
import type { ColumnPages } from '../pointers/decode.js';
import type { SectionPointers } from '../pointers/pointers.js';
import {
  MESSAGE_COLUMN,
  numberColumn,
  type OptionalTextPage,
  REST_COLUMN,
  type RestPage,
  type SectionPages,
  SHAPE_COLUMN,
  STREAM_COLUMN,
  type TextPage,
  TIMESTAMP_COLUMN,
  type ValuesPage,
} from '../types.js';
import { NUMBER_DIGITS_MAX } from './number-slots.js';

type DictionaryOf = (column: ColumnPages, stored: Uint8Array | undefined) => string[];

interface ColumnBytes {
  dictionary: Uint8Array | undefined;
  readonly pages: Map<number, Uint8Array>;
}

const NUMBERS_END = 10 ** NUMBER_DIGITS_MAX;

export class FetchedPages implements SectionPages {
  readonly rows: Int32Array;
  readonly #pointers: SectionPointers;
  readonly #place: Place;
  readonly #dictionaryOf: DictionaryOf;
  readonly #columns = new Map<ColumnPages, ColumnBytes>();
  readonly #objects = new WeakMap<readonly string[], Readonly<Record<string, string>>[]>();

  constructor(pointers: SectionPointers, place: Place, dictionaryOf: DictionaryOf) {
    this.rows = pointers.pages.rows;
    this.#pointers = pointers;
    this.#place = place;
    this.#dictionaryOf = dictionaryOf;
  }

  /** Bytes of a page, or of the dictionary when `page` is undefined. */
  put(column: ColumnPages, page: number | undefined, bytes: Uint8Array): void {
    const held = getOrCreate(this.#columns, column, () => ({ dictionary: undefined, pages: new Map() }));
    if (page === undefined) held.dictionary = bytes;
    else held.pages.set(page, bytes);
  }

  has(name: string, page: number): boolean {
    const column = this.#pointers.column(name);
    return column !== undefined && this.#columns.get(column)?.pages.has(page) === true;
  }

  timestamps(page: number, out: Float64Array, first = 0): void {
    const base = this.#pointers.base;
    const rows = this.rows[page]!;
    const all = out.length < rows ? floatsOf(rows) : out;
    this.#decode(TIMESTAMP_COLUMN, page, ({ payload }) => decodeDelta(cursor(payload), rows, base, all));
    if (all !== out) out.set(all.subarray(first, first + out.length));
  }

  streamIds(page: number, out: Int32Array): void {
    const ids = new Float64Array(this.rows[page]!);
    this.#decode(STREAM_COLUMN, page, ({ payload }) => decodeDelta(cursor(payload), ids.length, 0n, ids));
    out.set(ids);
  }

  messages(page: number): TextPage {
    return this.#keep(MESSAGE_COLUMN, page, ({ payload, release }) => ({
      ...decodeTexts(payload, 0, this.rows[page]!),
      release,
    }));
  }

  shapeIds(page: number, out: Int32Array, first = 0): void {
    const shapes = this.#pointers.column(SHAPE_COLUMN)?.dictionary?.values ?? 0;
    const rows = this.rows[page]!;
    const all = out.length < rows ? scratchOf(rows) : out;
    this.#decode(SHAPE_COLUMN, page, ({ payload }) => {
      if (payload.length === 0) throw new CorruptObject('a page of indices without a width');
      decodeHybrid(cursor(payload, 1), payload[0]!, rows, shapes, all);
    });
    if (all !== out) out.set(all.subarray(first, first + out.length));
  }

  numbers(n: number, page: number, first = 0, last = this.rows[page]!): Float64Array {
    return this.#decode(numberColumn(n), page, (body) => decodeNumbers(body, this.rows[page]!, first, last));
  }

  metadata(key: string, page: number, rows?: Int32Array): ValuesPage | null {
    const column = this.#pointers.ofKey(key);
    return column === undefined ? null : this.#values(column, page, rows);
  }

  metadataAt(key: string, page: number, rows: Int32Array): ValuesPage | null {
    const column = this.#pointers.ofKey(key);
    return column === undefined || isAbsent(column, page) ? null : this.#valuesAt(column, page, rows);
  }

  metadataText(key: string, page: number): OptionalTextPage | null {
    const column = this.#pointers.ofKey(key);
    return column?.encoding === 'delta-length'
      ? this.#keep(column.name, page, (body) => optionalTexts(body, this.rows[page]!))
      : null;
  }

  rest(page: number): RestPage | null {
    const column = this.#pointers.column(REST_COLUMN);
    return column === undefined ? null : this.#asObjects(this.#values(column, page), page);
  }

  restAt(page: number, rows: Int32Array): RestPage | null {
    const column = this.#pointers.column(REST_COLUMN);
    if (column === undefined || isAbsent(column, page)) return null;
    return this.#asObjects(this.#valuesAt(column, page, rows), page);
  }

  #asObjects(found: ValuesPage | null, page: number): RestPage | null {
    if (found === null) return null;
    const { ids, values } = found;
    let objects = this.#objects.get(values);
    if (objects === undefined) {
      objects = inPlace({ ...this.#place, column: REST_COLUMN, page }, () => values.map(parseObject));
      this.#objects.set(values, objects);
    }
    return { ids, values: objects };
  }

  #values(column: ColumnPages, page: number, rows?: Int32Array): ValuesPage | null {
    const { name } = column;
    if (isAbsent(column, page)) return null;
    if (column.encoding !== 'dictionary')
      return this.#decode(name, page, (body) => textValues(optionalTexts(body, this.rows[page]!), rows));
    const values = this.#dictionaryOf(column, this.#columns.get(column)?.dictionary);
    const ids = this.#decode(name, page, (body) => decodeIndices(body, this.rows[page]!, values.length));
    return { ids, values };
  }

  #valuesAt(column: ColumnPages, page: number, rows: Int32Array): ValuesPage {
    const { name } = column;
    if (column.encoding !== 'dictionary')
      return this.#decode(name, page, (body) => textsAt(optionalTexts(body, this.rows[page]!), rows));
    const values = this.#dictionaryOf(column, this.#columns.get(column)?.dictionary);
    const ids = this.#decode(name, page, (body) => indicesAt(body, this.rows[page]!, values.length, rows));
    return { ids, values };
  }

  /** For what does not refer to the page's bytes. */
  #decode<T>(name: string, page: number, decode: (body: PageBody) => T): T {
    return this.#keep(name, page, (body) => {
      const decoded = decode(body);
      body.release();
      return decoded;
    });
  }

  #keep<T>(name: string, page: number, decode: (body: PageBody) => T): T {
    const column = this.#pointers.column(name);
    const stored = column && this.#columns.get(column)?.pages.get(page);
    if (column === undefined || stored === undefined) throw new Error(`page ${page} of ${name} was not fetched`);
    try {
      return decode(readPage(stored, column.facts(page)));
    } catch (error) {
      throw atPlace({ ...this.#place, column: name, page }, error);
    }
  }
}

/** True when no row of the page has a value, of which there is then no index after their width. */
export function isAbsent(column: ColumnPages, page: number): boolean {
  return column.encoding === 'dictionary' && column.optional && column.payloadBytes(page) <= 1;
}

function optionalTexts({ levels, payload }: PageBody, rows: number): OptionalTextPage {
  const ranks = new Int32Array(rows);
  const present = decodeLevels(levels, rows, ranks);
  return { ranks, ...decodeTexts(payload, 0, present) };
}

/** Only texts of the given rows become strings. */
function textValues({ ranks, offsets, bytes }: OptionalTextPage, rows?: Int32Array): ValuesPage {
  const values: string[] = [];
  if (rows === undefined || rows.length * 2 > ranks.length) {
    for (let i = 0; i + 1 < offsets.length; i++) values.push(bytes.utf8Slice(offsets[i]!, offsets[i + 1]!));
    return { ids: ranks, values };
  }
  const ids = new Int32Array(ranks.length).fill(-1);
  for (const row of rows) {
    const rank = ranks[row]!;
    if (rank >= 0) ids[row] = values.push(bytes.utf8Slice(offsets[rank]!, offsets[rank + 1]!)) - 1;
  }
  return { ids, values };
}

function textsAt({ ranks, offsets, bytes }: OptionalTextPage, rows: Int32Array): ValuesPage {
  const values: string[] = [];
  const ids = rows.map((row) => {
    const rank = ranks[row]!;
    return rank < 0 ? -1 : values.push(bytes.utf8Slice(offsets[rank]!, offsets[rank + 1]!)) - 1;
  });
  return { ids, values };
}

/** Ranks of the present rows among each other, -1 for absent rows, to the array that is given. Returns how many are present. */
function decodeLevels(levels: Uint8Array, rows: number, ranks: Int32Array): number {
  decodeHybrid(cursor(levels), 1, rows, 2, ranks);
  let present = 0;
  for (let i = 0; i < rows; i++) ranks[i] = ranks[i] === 0 ? -1 : present++;
  return present;
}

/** Ranks that nobody keeps. Memory outside of the heap is cheap to have and dear to leave to the collector, page by page. */
let scratch = new Int32Array(4096);

function scratchOf(rows: number): Int32Array {
  if (scratch.length < rows) scratch = new Int32Array(rows * 2);
  return scratch;
}

/** The same for decimals. */
let floats = new Float64Array(4096);

function floatsOf(rows: number): Float64Array {
  if (floats.length < rows) floats = new Float64Array(rows * 2);
  return floats;
}

/** Of rows first..last-1, NaN for absent ones. */
function decodeNumbers({ levels, payload }: PageBody, rows: number, first: number, last: number): Float64Array {
  const ranks = scratchOf(rows);
  const present = decodeLevels(levels, rows, ranks);
  const values = floatsOf(present);
  decodeDelta(cursor(payload), present, 0n, values);
  for (let i = 0; i < present; i++) {
    if (!(values[i]! >= 0 && values[i]! < NUMBERS_END)) throw new CorruptObject('a number that no line has');
  }
  if (present === rows) return values.slice(first, last);
  const numbers = new Float64Array(last - first);
  for (let i = first; i < last; i++) numbers[i - first] = ranks[i]! < 0 ? Number.NaN : values[ranks[i]!]!;
  return numbers;
}

/** Dictionary indices of the rows, -1 for absent rows. */
function decodeIndices({ levels, payload }: PageBody, rows: number, values: number): Int32Array {
  const ids = new Int32Array(rows);
  const present = decodeLevels(levels, rows, ids);
  if (present === 0) return ids;
  if (payload.length === 0) throw new CorruptObject('a page of indices without a width');
  const indices = present === rows ? ids : scratchOf(present);
  decodeHybrid(cursor(payload, 1), payload[0]!, present, values, indices);
  if (present < rows) for (let i = 0; i < rows; i++) if (ids[i]! >= 0) ids[i] = indices[ids[i]!]!;
  return ids;
}

/** The same of some rows alone. */
function indicesAt({ levels, payload }: PageBody, count: number, values: number, rows: Int32Array): Int32Array {
  const ids = new Int32Array(rows.length);
  const present = decodeRanksAt(cursor(levels), count, rows, ids);
  const ranks = ids.filter((rank) => rank >= 0);
  if (ranks.length === 0) return ids;
  if (payload.length === 0) throw new CorruptObject('a page of indices without a width');
  const indices = new Int32Array(ranks.length);
  decodeHybridAt(cursor(payload, 1), payload[0]!, present, values, ranks, indices);
  for (let i = 0, next = 0; i < ids.length; i++) if (ids[i]! >= 0) ids[i] = indices[next++]!;
  return ids;
}

/** Without a prototype, so that a key named like a method is only there when it was stored. */
function parseObject(json: string): Readonly<Record<string, string>> {
  const parsed: unknown = JSON.parse(json);
  if (typeof parsed !== 'object' || parsed === null) throw new CorruptObject('rare metadata is not an object');
  const object: Record<string, string> = Object.create(null);
  for (const [key, value] of Object.entries(parsed)) object[key] = String(value);
  return object;
}
