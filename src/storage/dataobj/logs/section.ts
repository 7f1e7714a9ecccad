/** Encodes one logs section: a whole Parquet file, and the index that lets readers do without Parquet's own metadata. */
import type { EntriesBatch } from '../../../wire/entries.js';
import type { Nanos } from '../../../wire/time.js';
import { ByteSink } from '../byte-sink.js';
import { encodeFooter, PARQUET_MAGIC } from '../parquet/footer.js';
import { encodePointers } from '../pointers/encode.js';
import type { BuildSettings, SectionSummary } from '../types.js';
import type { WrittenColumn } from './column-writer.js';
import { encodeValues, restFilters, type ValueFilters, valueFilters } from './encode-metadata.js';
import { encodeMessages, encodeStreamIds, encodeTimes } from './encode-rows.js';
import { indexPages, indexRuns, timeRange } from './index-rows.js';
import { gatherMetadata, type MetadataColumns } from './metadata-columns.js';
import type { Rows } from './rows.js';

/** Everything that the sections of one object are cut from. */
export interface SectionInput {
  readonly rows: Rows;
  /** Keys with a column of their own, and how many pairs there are of each. */
  readonly metadataKeys: ReadonlyMap<string, number>;
  readonly batches: readonly EntriesBatch[];
  readonly windowStart: Nanos;
  readonly settings: BuildSettings;
}

export interface EncodedSection {
  readonly summary: SectionSummary;
  /** A Parquet file. */
  readonly logs: Uint8Array;
  readonly pointers: {
    readonly bytes: Uint8Array;
    readonly headBytes: number;
    readonly headRawBytes: number;
    readonly headCrc: number;
  };
}

/** Encodes the section whose pages start at the given rows (with one more at the end). */
export function encodeSection(input: SectionInput, index: number, starts: Int32Array): EncodedSection {
  const { rows, windowStart, settings } = input;
  const from = starts[0]!;
  const count = starts[starts.length - 1]! - from;
  const range = timeRange(rows.time, from, from + count);
  const base = windowStart + BigInt(range.min);
  const maxTime = windowStart + BigInt(range.max);
  const messages = encodeMessages(rows, starts, input.batches, settings.zstdLevel);
  const metadata = gatherMetadata(rows, from, from + count, input.batches, input.metadataKeys);
  const columns: IndexedColumn[] = [
    unfiltered(encodeStreamIds(rows, starts, settings.zstdLevel)),
    unfiltered(encodeTimes(rows, starts, windowStart, { min: base, max: maxTime }, settings.zstdLevel)),
    ...encodeMetadata(metadata, starts, settings.zstdLevel),
    unfiltered(messages.column),
  ];
  const pages = indexPages(rows, starts, range.min);
  const pointers = encodePointers({
    section: index,
    base,
    rows: count,
    pages,
    runs: indexRuns(rows, starts, range.min),
    columns,
    restKeys: [...metadata.rest.keys].sort(),
    textFilters: messages.textFilters,
    textFilterBytes: messages.textFilterBytes,
  });
  const bytes = pages.messageBytes.reduce((sum, size) => sum + size, 0);
  return { summary: { index, minTime: base, maxTime, rows: count, bytes }, logs: assemble(count, columns), pointers };
}

interface IndexedColumn {
  readonly written: WrittenColumn;
  readonly filters: ValueFilters | undefined;
}

function unfiltered(written: WrittenColumn): IndexedColumn {
  return { written, filters: undefined };
}

function encodeMetadata({ columns, rest }: MetadataColumns, starts: Int32Array, zstdLevel: number): IndexedColumn[] {
  const sectionStarts = starts.map((start) => start - starts[0]!);
  const encoded: IndexedColumn[] = columns.map((column) => ({
    written: encodeValues(column, sectionStarts, zstdLevel),
    filters: valueFilters(column, sectionStarts),
  }));
  if (rest.keys.size > 0) {
    const filters = restFilters(rest.hashRows, rest.hashes, sectionStarts);
    encoded.push({ written: encodeValues(rest.column, sectionStarts, zstdLevel), filters });
  }
  return encoded;
}

function assemble(rows: number, columns: readonly IndexedColumn[]): Uint8Array {
  const chunks = columns.map((column) => column.written.chunk);
  const sink = new ByteSink(chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 64 << 10));
  sink.append(PARQUET_MAGIC);
  for (const chunk of chunks) sink.append(chunk.bytes);
  sink.append(encodeFooter(rows, chunks, {}));
  return sink.view();
}
