/** An open pointers section: the head in memory, filters read when first asked for. */
import { crc32 } from 'node:zlib';
import { atPlace, CorruptObject, inPlace, type Place } from '../../corrupt.js';
import { decompress } from '../../zstd.js';
import type { Container, SectionEntry } from '../container.js';
import { unpackFields } from '../fields.js';
import type { Counts, Pointers } from '../types.js';
import { metadataColumn, REST_COLUMN } from '../types.js';
import { decodeCounts } from './counts.js';
import {
  type ColumnPages,
  type CountedPart,
  decodeHead,
  type FilterPart,
  type PointersHead,
  type TextFilterPart,
} from './decode.js';
import { mayHaveValue } from './page-value-filters.js';
import { mayContain, needleBits } from './text-filter.js';
import { keepPagesWithValue } from './value-filter.js';
import { hashText } from './value-hash.js';

const HEAD_BYTES_MAX = 1 << 28;

/** Opens the pointers of a logs section. Throws CorruptObject. */
export async function openPointers(
  container: Container,
  entry: SectionEntry,
  logs: SectionEntry,
  place: Place,
): Promise<SectionPointers> {
  try {
    const headBytes = entry.attributes.count('headBytes', entry.length);
    const head = await container.reader.read(entry.offset, headBytes);
    return inPlace(place, () => {
      if (crc32(head) !== entry.attributes.count('headCrc')) throw new CorruptObject('checksum mismatch');
      const rawBytes = entry.attributes.count('headRawBytes', HEAD_BYTES_MAX);
      const decoded = decodeHead(unpackFields(decompress(head, rawBytes), place), logs.length);
      const read = (offset: number, length: number): Promise<Uint8Array> => {
        if (headBytes + offset + length > entry.length)
          throw new CorruptObject('a filter lies outside its section', place);
        return container.reader.read(entry.offset + headBytes + offset, length);
      };
      return new SectionPointers(decoded, rawBytes, place, read);
    });
  } catch (error) {
    throw atPlace(place, error);
  }
}

type ReadPart = (offset: number, length: number) => Promise<Uint8Array>;

export class SectionPointers implements Pointers {
  readonly section: number;
  readonly base: bigint;
  readonly rows: number;
  readonly pages: Pointers['pages'];
  readonly runs: Pointers['runs'];
  readonly columns: readonly ColumnPages[];
  readonly restKeys: readonly string[];
  readonly counted: readonly CountedPart[];
  readonly #counts = new Map<number, Promise<Counts>>();
  readonly #textFilter: TextFilterPart;
  readonly #byName: ReadonlyMap<string, ColumnPages>;
  /** Columns of metadata by key. */
  readonly byKey: ReadonlyMap<string, ColumnPages>;
  readonly #place: Place;
  readonly #read: ReadPart;
  readonly #filters = new Map<FilterPart, Promise<Uint8Array>>();
  #residentBytes: number;

  constructor(head: PointersHead, headBytes: number, place: Place, read: ReadPart) {
    this.section = head.section;
    this.base = head.base;
    this.rows = head.rows;
    this.pages = head.pages;
    this.runs = head.runs;
    this.columns = head.columns;
    this.restKeys = head.restKeys;
    this.counted = head.counted;
    this.#textFilter = head.textFilter;
    this.#byName = new Map(head.columns.map((column) => [column.name, column]));
    const prefix = metadataColumn('');
    const metadata = head.columns.filter(({ name }) => name.startsWith(prefix));
    this.byKey = new Map(metadata.map((column) => [column.name.slice(prefix.length), column]));
    this.#place = place;
    this.#read = read;
    this.#residentBytes = headBytes * 2;
  }

  get residentBytes(): number {
    return this.#residentBytes;
  }

  /** Stored bytes of the text filter and of all value filters, for inspection. */
  get filterBytes(): { readonly text: number; readonly values: number; readonly counts: number } {
    const values = this.columns.reduce((sum, column) => sum + (column.filter?.length ?? 0), 0);
    const counts = this.counted.reduce((sum, { length }) => sum + length, 0);
    return { text: this.#textFilter.length, values, counts };
  }

  column(name: string): ColumnPages | undefined {
    return this.#byName.get(name);
  }

  /** The column of a metadata key: what rows ask page by page is not worth making a name for. */
  ofKey(key: string): ColumnPages | undefined {
    return this.byKey.get(key);
  }

  async loadTextFilter(): Promise<void> {
    await this.#filter(this.#textFilter, 'text filter');
  }

  async textCandidates(needle: Uint8Array, pages: Uint8Array): Promise<void> {
    const bits = needleBits(needle);
    if (bits.length === 0) return;
    const bytes = await this.#filter(this.#textFilter, 'text filter');
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    keepPages(pages, this.#textFilter.sizes, (at, size) => mayContain(words, at / 4, size / 4, bits));
  }

  async metadataCandidates(key: string, value: string, pages: Uint8Array): Promise<void> {
    // A missing key equals the empty string, and filters know only what is there.
    if (value === '') return;
    const own = this.byKey.get(key);
    const column = own ?? (this.restKeys.includes(key) ? this.#byName.get(REST_COLUMN) : undefined);
    if (column?.filter === undefined || column.filter === null) {
      if (column === undefined) pages.fill(0);
      return;
    }
    const hash = own === undefined ? hashText(value, hashText(key)) : hashText(value);
    const { shape } = column.filter;
    const bytes = await this.#filter(column.filter, column.name);
    if ('entries' in shape) keepPagesWithValue(bytes, shape, hash, pages);
    else keepPages(pages, shape.sizes, (at, size) => mayHaveValue(bytes, at, size, hash, shape.probes));
  }

  counts(index: number): Promise<Counts> {
    let counts = this.#counts.get(index);
    if (counts === undefined) {
      counts = this.#readCounts(this.counted[index]!);
      this.#counts.set(index, counts);
      counts.catch(() => this.#counts.delete(index));
    }
    return counts;
  }

  async #readCounts(part: CountedPart): Promise<Counts> {
    const { keys, offset, length, rawBytes, crc } = part;
    const bytes = await this.#read(offset, length);
    const place = { ...this.#place, column: `counts of ${keys.join(', ')}` };
    return inPlace(place, () => {
      if (bytes.length !== length || crc32(bytes) !== crc) throw new CorruptObject('checksum mismatch');
      const counts = decodeCounts(bytes, rawBytes, part, place);
      this.#residentBytes += rawBytes;
      return counts;
    });
  }

  /** The part's bytes at an offset that typed arrays can use. */
  #filter(part: FilterPart, name: string): Promise<Uint8Array> {
    let filter = this.#filters.get(part);
    if (filter === undefined) {
      filter = this.#readFilter(part, name);
      this.#filters.set(part, filter);
      filter.catch(() => this.#filters.delete(part));
    }
    return filter;
  }

  async #readFilter(part: FilterPart, name: string): Promise<Uint8Array> {
    const bytes = new Uint8Array(await this.#read(part.offset, part.length));
    if (bytes.length !== part.length || crc32(bytes) !== part.crc) {
      throw new CorruptObject('checksum mismatch', { ...this.#place, column: name });
    }
    this.#residentBytes += bytes.length;
    return bytes;
  }
}

/** Clears the bits of pages whose filter says no; filters lie one after another. */
function keepPages(pages: Uint8Array, sizes: Int32Array, test: (at: number, size: number) => boolean): void {
  let at = 0;
  for (let p = 0; p < sizes.length; p++) {
    const bit = 1 << (p & 7);
    if ((pages[p >>> 3]! & bit) !== 0 && !test(at, sizes[p]!)) pages[p >>> 3] = pages[p >>> 3]! & ~bit;
    at += sizes[p]!;
  }
}
