/** Encodes one logs section: a whole Parquet file, and the index that lets readers do without Parquet's own metadata. */
import type { EntriesBatch } from '../../../wire/entries.js';
import type { Nanos } from '../../../wire/time.js';
import { encodeFooter, PARQUET_MAGIC } from '../parquet/footer.js';
import { CountedRows, countRows, encodeCounts } from '../pointers/counts.js';
import { encodePointers, type PointersInput } from '../pointers/encode.js';
import { joinIds } from '../pointers/joined-ids.js';
import { fitTextFilters } from '../pointers/text-filter.js';
import { type BuildSettings, type Counts, metadataColumn, type SectionSummary } from '../types.js';
import type { WrittenColumn } from './column-writer.js';
import { encodeValues, restFilter, type ValueFilter, valueFilter } from './encode-metadata.js';
import { encodeMessages, encodeStreamIds, encodeTimes, sectionStarts } from './encode-rows.js';
import { indexPages, indexRuns, timeRange } from './index-rows.js';
import { gatherMetadata, type MetadataColumns } from './metadata-columns.js';
import type { Rows } from './rows.js';
import type { ValueColumn } from './value-column.js';

/** Everything that the sections of one object are cut from. */
export interface SectionInput {
  readonly rows: Rows;
  /** Keys with a column of their own, and how many pairs there are of each. */
  readonly metadataKeys: ReadonlyMap<string, number>;
  /** Of any stream of the object. */
  readonly labelNames: ReadonlySet<string>;
  readonly batches: readonly EntriesBatch[];
  readonly windowStart: Nanos;
  readonly settings: BuildSettings;
}

export interface EncodedSection {
  readonly summary: SectionSummary;
  /** A Parquet file, in parts. */
  readonly logs: readonly Uint8Array[];
  readonly pointers: {
    readonly bytes: Uint8Array;
    readonly headBytes: number;
    readonly headRawBytes: number;
    readonly headCrc: number;
  };
}

/**
 * What the filters of a section may take of its columns; text filters give way, to half of that. With indexes and streams
 * counted in, filters are then at most a tenth of what is stored (docs/format/pointers.md).
 */
const FILTERS_SHARE = 0.113;

/** Encodes the section whose pages start at the given rows (with one more at the end). */
export function encodeSection(input: SectionInput, index: number, starts: Int32Array): EncodedSection {
  const { rows, windowStart, settings } = input;
  const from = starts[0]!;
  const count = starts[starts.length - 1]! - from;
  const range = timeRange(rows.time, from, from + count);
  const base = windowStart + BigInt(range.min);
  const maxTime = windowStart + BigInt(range.max);
  const messages = encodeMessages(rows, starts, input.batches, settings);
  const metadata = gatherMetadata(rows, from, from + count, input.batches, input.metadataKeys);
  const columns: IndexedColumn[] = [
    unfiltered(encodeStreamIds(rows, starts, settings.zstdLevel)),
    unfiltered(encodeTimes(rows, starts, windowStart, { min: base, max: maxTime }, settings.zstdLevel)),
    ...encodeMetadata(metadata, starts, settings.zstdLevel),
    ...(messages.shapes ? [unfiltered(messages.shapes)] : []),
    ...messages.numbers.map(unfiltered),
    unfiltered(messages.column),
  ];
  const storedBytes = columns.reduce((sum, { written }) => sum + written.chunk.bytes.length, 0);
  const valueBytes = columns.reduce((sum, { filter }) => sum + (filter?.bytes.length ?? 0), 0);
  const textBytesMax = Math.max(storedBytes * FILTERS_SHARE - valueBytes, (storedBytes * FILTERS_SHARE) / 2);
  const filters = fitTextFilters(messages.textFilters, textBytesMax);
  const pages = indexPages(rows, starts, range.min);
  const pointers = encodePointers({
    section: index,
    base,
    rows: count,
    pages,
    runs: indexRuns(rows, starts, range.min),
    columns,
    restKeys: [...metadata.rest.keys].sort(),
    textFilters: filters.bytes,
    textFilterBytes: filters.sizes,
    counted: countSection(input, from, count, range.min, base, metadata),
  });
  const bytes = pages.messageBytes.reduce((sum, size) => sum + size, 0);
  return { summary: { index, minTime: base, maxTime, rows: count, bytes }, logs: assemble(count, columns), pointers };
}

/** Values that a key may have for its rows to be counted by them, and keys counted so at most. */
const COUNTED_VALUES_MAX = 32;
const COUNTED_KEYS_MAX = 6;

/**
 * Keys that counts are asked by: what has the name of a label, since the label then does not tell alone, and what most rows
 * have (levels).
 */
function countedColumns({ columns }: MetadataColumns, rows: number, labelNames: ReadonlySet<string>): ValueColumn[] {
  const isLabel = ({ name }: ValueColumn): boolean => labelNames.has(name.slice(metadataColumn('').length));
  const isFrequent = ({ count, texts }: ValueColumn): boolean => texts > 1 && count * 2 >= rows;
  return columns
    .filter((column) => column.dictionary && column.texts <= COUNTED_VALUES_MAX)
    .filter((column) => isLabel(column) || isFrequent(column))
    .sort((a, b) => Number(isLabel(b)) - Number(isLabel(a)) || a.texts - b.texts || (a.name < b.name ? -1 : 1))
    .slice(0, COUNTED_KEYS_MAX);
}

/** Counts by stream alone, and by stream and the values of some keys. */
function countSection(
  { rows, settings, labelNames }: SectionInput,
  from: number,
  count: number,
  baseOffset: number,
  base: Nanos,
  metadata: MetadataColumns,
): PointersInput['counted'] {
  const times = timesFrom(rows.time.subarray(from, from + count), baseOffset);
  const streams = rows.stream.subarray(from, from + count);
  const counted = new CountedRows(streams, times, rows.messageBytes.subarray(from, from + count), base);
  const alone = countRows(counted, undefined, settings);
  return [...tablesOf([], alone), ...countTogether(counted, countedColumns(metadata, count, labelNames), settings)];
}

/** By itself, since V8 compiles a function whose loop it finds running anew for each section. */
function timesFrom(times: Float64Array, base: number): Float64Array {
  const from = new Float64Array(times.length);
  for (let i = 0; i < times.length; i++) from[i] = times[i]! - base;
  return from;
}

/** By as many of the keys together as pays, and by each of the others alone. */
function countTogether(
  counted: CountedRows,
  columns: readonly ValueColumn[],
  settings: BuildSettings,
): PointersInput['counted'] {
  for (let together = columns.length; together > 0; together--) {
    const joined = joinIds(columns.slice(0, together).map(idsOf(counted.count)), counted.count);
    const tables = joined ? countRows(counted, joined, settings) : [];
    if (tables.length === 0) continue;
    const others = columns.slice(together).flatMap((column) => countTogether(counted, [column], settings));
    return [...tablesOf(columns.slice(0, together), tables), ...others];
  }
  return columns.length > 1 ? countTogether(counted, columns.slice(1), settings) : [];
}

function idsOf(rows: number): (column: ValueColumn) => { ids: Int32Array; values: number } {
  return (column) => ({ ids: column.idsOf(rows), values: column.texts });
}

function tablesOf(columns: readonly ValueColumn[], tables: readonly Counts[]): PointersInput['counted'] {
  const keys = columns.map(({ name }) => name.slice(metadataColumn('').length));
  const values = columns.map((column) => column.values());
  return tables.map((counts) => ({
    ...{ keys, values, widthNs: counts.widthNs, bins: counts.bin.length },
    encoded: encodeCounts(counts),
  }));
}

interface IndexedColumn {
  readonly written: WrittenColumn;
  readonly filter: ValueFilter | undefined;
}

function unfiltered(written: WrittenColumn): IndexedColumn {
  return { written, filter: undefined };
}

function encodeMetadata({ columns, rest }: MetadataColumns, starts: Int32Array, zstdLevel: number): IndexedColumn[] {
  const ofSection = sectionStarts(starts);
  const encoded: IndexedColumn[] = columns.map((column) => ({
    written: encodeValues(column, ofSection, zstdLevel),
    filter: valueFilter(column, ofSection),
  }));
  if (rest.keys.size > 0) {
    const filter = restFilter(rest.hashRows, rest.hashes, ofSection);
    encoded.push({ written: encodeValues(rest.column, ofSection, zstdLevel), filter });
  }
  return encoded;
}

/** A Parquet file. */
function assemble(rows: number, columns: readonly IndexedColumn[]): Uint8Array[] {
  const chunks = columns.map((column) => column.written.chunk);
  return [PARQUET_MAGIC, ...chunks.flatMap(({ bytes }) => bytes.parts), encodeFooter(rows, chunks, {})];
}
