/** Reads the head of a pointers section and checks that it describes a section of the given size. */
import { CorruptObject } from '../../corrupt.js';
import type { Fields } from '../fields.js';
import { PARQUET_MAGIC } from '../parquet/footer.js';
import type { PageFacts } from '../parquet/page.js';
import type { ColumnEncoding, ColumnIndex, Counted, PageIndex, RunIndex } from '../types.js';
import type { PageValueFilters } from './page-value-filters.js';
import { isFilterSize } from './text-filter.js';
import { type ValueFilterShape, valueFilterBytes } from './value-filter.js';

/** More would let a damaged index make a reader allocate without bound. */
export const PAGE_ROWS_LIMIT = 1 << 20;

export interface DictionaryFacts extends PageFacts {
  readonly values: number;
}

/** A column with what the page reader needs; offsets count from the start of the logs section. */
export interface ColumnPages extends ColumnIndex {
  readonly offset: number;
  readonly dictionary: DictionaryFacts | undefined;
  readonly pageOffsets: Int32Array;
  facts(page: number): PageFacts;
  /** One of them. */
  payloadBytes(page: number): number;
  /** Null when the column has no filter. */
  readonly filter: ValueFilterPart | null;
}

/** What is read at once; the offset counts from the end of the head. */
export interface FilterPart {
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

/** Filters of all pages one after another: page p's has sizes[p] bytes. */
export interface TextFilterPart extends FilterPart {
  readonly sizes: Int32Array;
}

export interface ValueFilterPart extends FilterPart {
  readonly shape: ValueFilterShape | PageValueFilters;
}

export interface PointersHead {
  readonly section: number;
  readonly base: bigint;
  readonly rows: number;
  readonly pages: PageIndex;
  readonly runs: RunIndex;
  readonly columns: readonly ColumnPages[];
  readonly restKeys: readonly string[];
  readonly textFilter: TextFilterPart;
  readonly counted: readonly CountedPart[];
}

/** Counts as stored; the offset counts from the end of the head. */
export interface CountedPart extends Counted {
  readonly offset: number;
  readonly length: number;
  readonly rawBytes: number;
  readonly crc: number;
}

/** More would only take time. */
const PROBES_MAX = 64;

/** A key's value in each row at most, and what is left of 32 bits when each takes a few bytes. */
const FILTER_ENTRIES_MAX = 1 << 27;

/** Bins of all counts of a section, unpacked. */
const COUNTS_BYTES_MAX = 1 << 28;

const ENCODINGS: readonly string[] = [
  'delta-int32',
  'delta-int64',
  'delta-length',
  'dictionary',
] satisfies ColumnEncoding[];

export function decodeHead(head: Fields, logsBytes: number): PointersHead {
  const pages = decodePages(head);
  const textSizes = head.int32s('textFilterBytes', pages.count, 1 << 30);
  const textFilter = { offset: 0, length: sumOf(textSizes), sizes: textSizes, crc: head.count('textFilterCrc') };
  if (!textFilter.sizes.every(isFilterSize)) throw new CorruptObject('a text filter of an impossible size');
  const columns = decodeColumns(head, pages.count, logsBytes, textFilter.length);
  const filters = columns.reduce((sum, { filter }) => sum + (filter?.length ?? 0), textFilter.length);
  return {
    section: head.count('section'),
    base: head.nanos('base'),
    rows: head.count('rows'),
    pages,
    runs: decodeRuns(head, pages),
    columns,
    restKeys: head.texts('restKeys'),
    textFilter,
    counted: head.has('countTables') ? decodeCounted(head.records('countTables'), filters) : [],
  };
}

/** Objects written before there were such tables have none. */
function decodeCounted(records: readonly Fields[], from: number): CountedPart[] {
  let offset = from;
  return records.map((record) => {
    const keys = record.records('keys');
    const part: CountedPart = {
      keys: keys.map((key) => key.text('key')),
      values: keys.map((key) => key.texts('values')),
      widthNs: record.count('widthNs'),
      bins: record.count('bins', 0x7fffffff),
      offset,
      length: record.count('storedBytes', 0x7fffffff),
      rawBytes: record.count('rawBytes', COUNTS_BYTES_MAX),
      crc: record.count('crc'),
    };
    offset += part.length;
    return part;
  });
}

function decodePages(head: Fields): PageIndex {
  const count = head.count('pages');
  const rows = head.int32s('pageRows', count, PAGE_ROWS_LIMIT);
  const firstRow = new Int32Array(count);
  let total = 0;
  for (let p = 0; p < count; p++) {
    firstRow[p] = total;
    total += rows[p]!;
  }
  if (total !== head.count('rows')) throw new CorruptObject('pages do not add up to the rows');
  return {
    count,
    firstRow,
    rows,
    minTime: head.float64s('pageMinTimes', count),
    maxTime: head.float64s('pageMaxTimes', count),
    messageBytes: head.int32s('pageMessageBytes', count),
  };
}

function decodeRuns(head: Fields, pages: PageIndex): RunIndex {
  const count = head.count('runs');
  const starts = head.int32s('runStarts', pages.count + 1, count);
  const rows = head.int32s('runRows', count, PAGE_ROWS_LIMIT);
  for (let p = 0; p < pages.count; p++) {
    let sum = 0;
    for (let run = starts[p]!; run < starts[p + 1]!; run++) sum += rows[run]!;
    if (sum !== pages.rows[p]) throw new CorruptObject(`runs do not add up to page ${p}`);
  }
  return {
    starts,
    stream: head.int32s('runStreams', count, 0x7fffffff),
    rows,
    minTime: head.float64s('runMinTimes', count),
    maxTime: head.float64s('runMaxTimes', count),
    messageBytes: head.int32s('runMessageBytes', count),
    metadataBytes: head.int32s('runMetadataBytes', count),
  };
}

function decodeColumns(head: Fields, pages: number, logsBytes: number, filtersFrom: number): ColumnPages[] {
  const records = head.records('columns');
  const table = pageTable(head, records.length * pages);
  let offset = PARQUET_MAGIC.length;
  let filterOffset = filtersFrom;
  return records.map((record, c) => {
    const column = decodeColumn(record, table, c * pages, pages, offset, filterOffset);
    offset += column.storedBytes;
    filterOffset += column.filter?.length ?? 0;
    if (offset > logsBytes) throw new CorruptObject('columns are longer than their section');
    return column;
  });
}

interface PageTable {
  readonly stored: Int32Array;
  readonly header: Int32Array;
  readonly level: Int32Array;
  readonly payload: Int32Array;
  readonly crc: Uint32Array;
}

function pageTable(head: Fields, cells: number): PageTable {
  const max = 0x7fffffff;
  return {
    stored: head.int32s('storedBytes', cells, max),
    header: head.int32s('headerBytes', cells, max),
    level: head.int32s('levelBytes', cells, max),
    payload: head.int32s('payloadBytes', cells, max),
    crc: head.uint32s('crcs', cells),
  };
}

function decodeColumn(
  record: Fields,
  table: PageTable,
  firstCell: number,
  pages: number,
  offset: number,
  filterOffset: number,
): ColumnPages {
  const encoding = decodeEncoding(record.text('encoding'));
  const dictionary = encoding === 'dictionary' ? decodeDictionary(record.record('dictionary')) : undefined;
  const pageOffsets = new Int32Array(pages);
  let at = offset + (dictionary?.storedBytes ?? 0);
  for (let p = 0; p < pages; p++) {
    pageOffsets[p] = at;
    at += table.stored[firstCell + p]!;
  }
  const storedBytes = record.count('storedBytes');
  if (at !== offset + storedBytes) throw new CorruptObject('pages do not add up to their column');
  return {
    name: record.text('name'),
    encoding,
    optional: record.count('optional', 1) === 1,
    storedBytes,
    rawBytes: record.count('rawBytes'),
    nulls: record.count('nulls'),
    dictionaryBytes: dictionary?.payloadBytes ?? 0,
    offset,
    dictionary,
    pageOffsets,
    facts: (page) => ({
      storedBytes: table.stored[firstCell + page]!,
      headerBytes: table.header[firstCell + page]!,
      levelBytes: table.level[firstCell + page]!,
      payloadBytes: table.payload[firstCell + page]!,
      crc: table.crc[firstCell + page]!,
    }),
    payloadBytes: (page) => table.payload[firstCell + page]!,
    filter: valueFilterPart(record, pages, filterOffset),
  };
}

function decodeEncoding(encoding: string): ColumnEncoding {
  if (!ENCODINGS.includes(encoding)) throw new CorruptObject(`encoding ${encoding}`);
  return encoding as ColumnEncoding;
}

function decodeDictionary(record: Fields): DictionaryFacts {
  return {
    storedBytes: record.count('storedBytes', 0x7fffffff),
    headerBytes: record.count('headerBytes', 0x7fffffff),
    levelBytes: record.count('levelBytes', 0),
    payloadBytes: record.count('payloadBytes', 0x7fffffff),
    crc: record.count('crc'),
    values: record.count('values', 0x7fffffff),
  };
}

function valueFilterPart(record: Fields, pages: number, offset: number): ValueFilterPart | null {
  if (record.has('filterEntries')) {
    const shape = { entries: record.count('filterEntries', FILTER_ENTRIES_MAX), pages };
    return { offset, length: valueFilterBytes(shape), shape, crc: record.count('filterCrc') };
  }
  if (!record.has('filterBytes')) return null;
  const sizes = record.int32s('filterBytes', pages, 1 << 30);
  const probes = record.has('valueProbes') ? record.count('valueProbes', PROBES_MAX) : undefined;
  return { offset, length: sumOf(sizes), shape: { sizes, probes }, crc: record.count('filterCrc') };
}

function sumOf(sizes: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < sizes.length; i++) sum += sizes[i]!;
  return sum;
}
