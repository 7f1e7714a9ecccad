/** Fetched pages and their decoders. */
import { getOrCreate } from '../../../wire/get-or-create.js';
import { atPlace, CorruptObject, inPlace, type Place } from '../../corrupt.js';
import type { HeldPage, SectionPageCache } from '../page-cache.js';
import { decodeDelta } from '../parquet/delta.js';
import { decodeHybrid } from '../parquet/hybrid.js';
import { decodeHybridStretch } from '../parquet/hybrid-at.js';
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
import {
  decodeIndices,
  decodeNumbers,
  floatsOf,
  indicesAt,
  optionalTexts,
  parseObject,
  textsAt,
  textValues,
} from './page-values.js';

type DictionaryOf = (column: ColumnPages, stored: Uint8Array | undefined) => string[];

interface HeldColumn {
  dictionary: Uint8Array | undefined;
  readonly pages: Map<number, HeldPage>;
}

export class FetchedPages implements SectionPages {
  readonly rows: Int32Array;
  readonly #pointers: SectionPointers;
  readonly #place: Place;
  readonly #dictionaryOf: DictionaryOf;
  readonly #cache: SectionPageCache | undefined;
  readonly #columns = new Map<ColumnPages, HeldColumn>();
  /** Pages that are kept as far as they are decoded. */
  readonly #keeping = new Set<number>();
  readonly #objects = new WeakMap<readonly string[], Readonly<Record<string, string>>[]>();

  constructor(pointers: SectionPointers, place: Place, dictionaryOf: DictionaryOf, cache?: SectionPageCache) {
    this.rows = pointers.pages.rows;
    this.#pointers = pointers;
    this.#place = place;
    this.#dictionaryOf = dictionaryOf;
    this.#cache = cache;
  }

  putDictionary(column: ColumnPages, bytes: Uint8Array): void {
    this.#column(column).dictionary = bytes;
  }

  put(column: ColumnPages, page: number, held: HeldPage): void {
    this.#column(column).pages.set(page, held);
  }

  #column(column: ColumnPages): HeldColumn {
    return getOrCreate(this.#columns, column, () => ({ dictionary: undefined, pages: new Map() }));
  }

  keep(page: number, lines?: TextPage): boolean {
    if (!this.#cache?.isPickedAgain(page)) return false;
    this.#keeping.add(page);
    for (const [column, { pages }] of this.#columns) {
      const held = pages.get(page);
      if (held?.stored === undefined) continue;
      if (column.name === MESSAGE_COLUMN) {
        if (lines) this.#keepPage(column, page, { lines });
      } else if (column.name === TIMESTAMP_COLUMN) {
        const times = new Float64Array(this.rows[page]!);
        this.timestamps(page, times);
        this.#keepPage(column, page, { times });
      } else if (column.encoding !== 'delta-length') this.#keepPage(column, page, held);
    }
    return true;
  }

  #keepPage(column: ColumnPages, page: number, held: HeldPage): void {
    this.#cache?.keep(column.pageOffsets[page]!, held);
  }

  has(name: string, page: number): boolean {
    const column = this.#pointers.column(name);
    return column !== undefined && this.#columns.get(column)?.pages.has(page) === true;
  }

  timestamps(page: number, out: Float64Array, first = 0): void {
    const { base } = this.#pointers;
    const column = this.#pointers.column(TIMESTAMP_COLUMN);
    const kept = column && this.#held(column, page)?.times;
    if (kept) return out.set(kept.subarray(first, first + out.length));
    const rows = this.rows[page]!;
    const last = Math.min(rows, first + out.length);
    const all = first > 0 ? floatsOf(last) : out;
    this.#decode(TIMESTAMP_COLUMN, page, ({ payload }) => decodeDelta(cursor(payload), rows, base, all, last));
    if (all !== out) out.set(all.subarray(first, last));
  }

  streamIds(page: number, out: Int32Array): void {
    const ids = new Float64Array(this.rows[page]!);
    this.#decode(STREAM_COLUMN, page, ({ payload }) => decodeDelta(cursor(payload), ids.length, 0n, ids));
    out.set(ids);
  }

  messages(page: number): TextPage {
    const column = this.#pointers.column(MESSAGE_COLUMN);
    const kept = column && this.#held(column, page)?.lines;
    if (kept) return kept;
    const isKept = this.#keeping.has(page);
    const lines = this.#keep(MESSAGE_COLUMN, page, ({ payload, release }) => ({
      ...decodeTexts(payload, 0, this.rows[page]!),
      ...(!isKept && { release }),
    }));
    if (isKept && column) this.#keepPage(column, page, { lines });
    return lines;
  }

  shapeIds(page: number, out: Int32Array, first = 0): void {
    const shapes = this.#pointers.column(SHAPE_COLUMN)?.dictionary?.values ?? 0;
    const rows = this.rows[page]!;
    this.#decode(SHAPE_COLUMN, page, ({ payload }) => {
      if (payload.length === 0) throw new CorruptObject('a page of indices without a width');
      const from = cursor(payload, 1);
      if (out.length >= rows) decodeHybrid(from, payload[0]!, rows, shapes, out);
      else decodeHybridStretch(from, payload[0]!, rows, shapes, first, first + out.length, out);
    });
  }

  numbers(n: number, page: number, first = 0, last = this.rows[page]!): Float64Array {
    return this.#decode(numberColumn(n), page, (body) => decodeNumbers(body, this.rows[page]!, first, last));
  }

  keys(page: number): readonly string[] {
    const { byKey, restKeys } = this.#pointers;
    const keys: string[] = [];
    for (const [key, column] of byKey) if (this.#held(column, page)) keys.push(key);
    if (restKeys.length > 0 && this.has(REST_COLUMN, page)) keys.push(...restKeys);
    return keys;
  }

  metadata(key: string, page: number, rows?: Int32Array, first = 0, last = this.rows[page]!): ValuesPage | null {
    const column = this.#pointers.ofKey(key);
    return column === undefined ? null : this.#values(column, page, rows, first, last);
  }

  metadataAt(key: string, page: number, rows: Int32Array): ValuesPage | null {
    const column = this.#pointers.ofKey(key);
    return column === undefined || isAbsent(column, page) ? null : this.#valuesAt(column, page, rows);
  }

  metadataText(key: string, page: number): OptionalTextPage | null {
    const column = this.#pointers.ofKey(key);
    if (column?.encoding !== 'delta-length') return null;
    return (
      this.#held(column, page)?.texts ?? this.#keep(column.name, page, (body) => optionalTexts(body, this.rows[page]!))
    );
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

  #values(
    column: ColumnPages,
    page: number,
    asked?: Int32Array,
    first = 0,
    last = this.rows[page]!,
  ): ValuesPage | null {
    const { name } = column;
    const rows = this.rows[page]!;
    if (isAbsent(column, page)) return null;
    if (column.encoding !== 'dictionary') {
      const { ids, values } = this.#withTexts(column, page, (texts) => textValues(texts, asked));
      return { ids: last - first === rows ? ids : ids.slice(first, last), values };
    }
    const values = this.#dictionaryOf(column, this.#columns.get(column)?.dictionary);
    const ids = this.#decode(name, page, (body) => decodeIndices(body, rows, values.length, first, last));
    return { ids, values };
  }

  #valuesAt(column: ColumnPages, page: number, rows: Int32Array): ValuesPage {
    const { name } = column;
    if (column.encoding !== 'dictionary') return this.#withTexts(column, page, (texts) => textsAt(texts, rows));
    const values = this.#dictionaryOf(column, this.#columns.get(column)?.dictionary);
    const ids = this.#decode(name, page, (body) => indicesAt(body, this.rows[page]!, values.length, rows));
    return { ids, values };
  }

  /** For what does not refer to the texts' bytes. */
  #withTexts<T>(column: ColumnPages, page: number, use: (texts: OptionalTextPage) => T): T {
    const kept = this.#held(column, page)?.texts;
    if (kept) return use(kept);
    const decode = (body: PageBody): OptionalTextPage => optionalTexts(body, this.rows[page]!);
    if (!this.#keeping.has(page)) return this.#decode(column.name, page, (body) => use(decode(body)));
    const texts = this.#keep(column.name, page, decode);
    this.#keepPage(column, page, { texts });
    return use(texts);
  }

  #held(column: ColumnPages, page: number): HeldPage | undefined {
    return this.#columns.get(column)?.pages.get(page);
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
    const stored = column && this.#held(column, page)?.stored;
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
