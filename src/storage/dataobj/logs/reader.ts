/** Reads pages of a logs section by its pointers; Parquet's own footer and page headers are not looked at. */
import { inPlace, type Place } from '../../corrupt.js';
import type { SectionPageCache } from '../page-cache.js';
import { readDictionaryPage } from '../parquet/page.js';
import { decodePlain, type PlainRanges, plainRanges } from '../parquet/text.js';
import type { ColumnPages } from '../pointers/decode.js';
import type { SectionPointers } from '../pointers/pointers.js';
import { type RangeReader, type SectionPages, type SectionReader, SHAPE_COLUMN, type Shapes } from '../types.js';
import { type ByteRange, readRanges } from './fetch.js';
import { FetchedPages, isAbsent } from './pages.js';
import { SectionShapes } from './section-shapes.js';

export class LogsReader implements SectionReader {
  readonly section: number;
  readonly pointers: SectionPointers;
  readonly #reader: RangeReader;
  /** Where the logs section starts in the object. */
  readonly #offset: number;
  readonly #place: Place;
  readonly #cache: SectionPageCache | undefined;
  readonly #dictionaries = new Map<ColumnPages, string[]>();
  /** The dictionary of shapes as it is stored. */
  #shapes: Uint8Array | undefined;
  #residentBytes = 0;

  constructor(pointers: SectionPointers, reader: RangeReader, offset: number, place: Place, cache?: SectionPageCache) {
    this.section = pointers.section;
    this.pointers = pointers;
    this.#reader = reader;
    this.#offset = offset;
    this.#place = place;
    this.#cache = cache;
  }

  /** Of the dictionaries it keeps, that of shapes compressed. */
  get residentBytes(): number {
    return this.#residentBytes;
  }

  async fetch(columns: readonly string[], pages: ArrayLike<number>): Promise<SectionPages> {
    const known = [...new Set(columns)].flatMap((name) => this.pointers.column(name) ?? []);
    const { pointers } = this;
    const dictionaryOf = (column: ColumnPages, stored: Uint8Array | undefined): string[] =>
      this.#dictionary(column, stored);
    const fetched = new FetchedPages(pointers, this.#place, dictionaryOf, this.#cache);
    const wanted: { column: ColumnPages; page: number | undefined; range: ByteRange }[] = [];
    for (const column of known) {
      const { dictionary } = column;
      const present: number[] = [];
      for (let i = 0; i < pages.length; i++) if (!isAbsent(column, pages[i]!)) present.push(pages[i]!);
      if (present.length === 0) continue;
      if (dictionary !== undefined && column.name !== SHAPE_COLUMN && !this.#dictionaries.has(column)) {
        const range = { offset: this.#offset + column.offset, length: dictionary.storedBytes };
        wanted.push({ column, page: undefined, range });
      }
      for (const page of present) {
        const kept = this.#cache?.find(column.pageOffsets[page]!);
        if (kept) {
          fetched.put(column, page, kept);
          continue;
        }
        const range = { offset: this.#offset + column.pageOffsets[page]!, length: column.facts(page).storedBytes };
        wanted.push({ column, page, range });
      }
    }
    const bytes = await readRanges(
      this.#reader,
      wanted.map((one) => one.range),
    );
    wanted.forEach(({ column, page }, i) => {
      if (page === undefined) fetched.putDictionary(column, bytes[i]!);
      else fetched.put(column, page, { stored: bytes[i]! });
    });
    return fetched;
  }

  async shapes(): Promise<Shapes | undefined> {
    const column = this.pointers.column(SHAPE_COLUMN);
    const facts = column?.dictionary;
    if (column === undefined || facts === undefined) return undefined;
    if (this.#shapes === undefined) {
      const stored = await this.#reader.read(this.#offset + column.offset, facts.storedBytes);
      if (this.#shapes === undefined) this.#residentBytes += stored.length;
      this.#shapes = stored;
    }
    const stored = this.#shapes;
    const place = { ...this.#place, column: SHAPE_COLUMN };
    const decode = (): PlainRanges =>
      inPlace(place, () => plainRanges(readDictionaryPage(stored, facts).payload, facts.values));
    return new SectionShapes(this, facts.values, decode);
  }

  /** A dictionary's values, decoded once for all pages. */
  #dictionary(column: ColumnPages, stored: Uint8Array | undefined): string[] {
    let values = this.#dictionaries.get(column);
    if (values === undefined) {
      const facts = column.dictionary!;
      if (stored === undefined) throw new Error(`the dictionary of ${column.name} was not fetched`);
      values = inPlace({ ...this.#place, column: column.name }, () =>
        decodePlain(readDictionaryPage(stored, facts).payload, facts.values),
      );
      this.#dictionaries.set(column, values);
      this.#residentBytes += facts.payloadBytes * 2;
    }
    return values;
  }
}
