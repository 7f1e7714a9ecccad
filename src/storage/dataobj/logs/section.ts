/** Encodes one logs section: a whole Parquet file, and the index that lets readers do without Parquet's own metadata. */
import type { EntriesBatch } from '../../../wire/entries.js';
import type { Nanos } from '../../../wire/time.js';
import { ByteSink } from '../byte-sink.js';
import { encodeFooter, PARQUET_MAGIC } from '../parquet/footer.js';
import { encodePointers } from '../pointers/encode.js';
import type { BuildSettings, PageIndex, RunIndex, SectionSummary } from '../types.js';
import type { WrittenColumn } from './column-writer.js';
import { encodeValues, restFilters, type ValueFilters, valueFilters } from './encode-metadata.js';
import { encodeMessages, encodeStreamIds, encodeTimes } from './encode-rows.js';
import { gatherMetadata } from './metadata-columns.js';
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
  const { rows, batches, settings } = input;
  const from = starts[0]!;
  const to = starts[starts.length - 1]!;
  const range = timeRange(rows.time, from, to);
  const base = input.windowStart + BigInt(range.min);
  const maxTime = input.windowStart + BigInt(range.max);
  const level = settings.zstdLevel;

  const messages = encodeMessages(rows, starts, batches, level);
  const sectionStarts = starts.map((start) => start - from);
  const metadata = gatherMetadata(rows, from, to, batches, input.metadataKeys);
  const columns: { written: WrittenColumn; filters: ValueFilters | undefined }[] = [
    { written: encodeStreamIds(rows, starts, level), filters: undefined },
    { written: encodeTimes(rows, starts, input.windowStart, { min: base, max: maxTime }, level), filters: undefined },
    ...metadata.columns.map((column) => ({
      written: encodeValues(column, sectionStarts, level),
      filters: valueFilters(column, sectionStarts),
    })),
  ];
  const { rest } = metadata;
  if (rest.keys.size > 0) {
    const filters = restFilters(rest.hashRows, rest.hashes, sectionStarts);
    columns.push({ written: encodeValues(rest.column, sectionStarts, level), filters });
  }
  columns.push({ written: messages.column, filters: undefined });

  const pages = indexPages(input, starts, range.min);
  const pointers = encodePointers({
    section: index,
    base,
    rows: to - from,
    pages,
    runs: indexRuns(input, starts, range.min),
    columns,
    restKeys: [...rest.keys].sort(),
    textFilters: messages.textFilters,
    textFilterBytes: messages.textFilterBytes,
  });
  const bytes = pages.messageBytes.reduce((sum, size) => sum + size, 0);
  return {
    summary: { index, minTime: base, maxTime, rows: to - from, bytes },
    logs: assemble(
      to - from,
      columns.map((column) => column.written),
    ),
    pointers,
  };
}

function assemble(rows: number, columns: readonly WrittenColumn[]): Uint8Array {
  const chunks = columns.map((column) => column.chunk);
  const sink = new ByteSink(chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 64 << 10));
  sink.append(PARQUET_MAGIC);
  for (const chunk of chunks) sink.append(chunk.bytes);
  sink.append(encodeFooter(rows, chunks, {}));
  return sink.view();
}

function timeRange(time: Float64Array, from: number, to: number): { min: number; max: number } {
  let min = time[from]!;
  let max = min;
  for (let i = from + 1; i < to; i++) {
    const at = time[i]!;
    if (at < min) min = at;
    if (at > max) max = at;
  }
  return { min, max };
}

function indexPages(input: SectionInput, starts: Int32Array, baseOffset: number): PageIndex {
  const count = starts.length - 1;
  const pages = {
    count,
    firstRow: new Int32Array(count),
    rows: new Int32Array(count),
    minTime: new Float64Array(count),
    maxTime: new Float64Array(count),
    messageBytes: new Int32Array(count),
  };
  for (let p = 0; p < count; p++) {
    const from = starts[p]!;
    const to = starts[p + 1]!;
    const range = timeRange(input.rows.time, from, to);
    pages.firstRow[p] = from - starts[0]!;
    pages.rows[p] = to - from;
    pages.minTime[p] = range.min - baseOffset;
    pages.maxTime[p] = range.max - baseOffset;
    pages.messageBytes[p] = sum(input.rows.messageBytes, from, to);
  }
  return pages;
}

function indexRuns(input: SectionInput, starts: Int32Array, baseOffset: number): RunIndex {
  const { stream, time } = input.rows;
  const bounds: number[] = [];
  const pageRuns = new Int32Array(starts.length);
  for (let p = 0; p + 1 < starts.length; p++) {
    for (let i = starts[p]!; i < starts[p + 1]!; i++) {
      if (i === starts[p] || stream[i] !== stream[i - 1]) bounds.push(i);
    }
    pageRuns[p + 1] = bounds.length;
  }
  const ends = [...bounds.slice(1), starts[starts.length - 1]!];
  return {
    starts: pageRuns,
    stream: Int32Array.from(bounds, (from) => stream[from]!),
    rows: Int32Array.from(bounds, (from, r) => ends[r]! - from),
    minTime: Float64Array.from(bounds, (from) => time[from]! - baseOffset),
    maxTime: Float64Array.from(ends, (end) => time[end - 1]! - baseOffset),
    messageBytes: Int32Array.from(bounds, (from, r) => sum(input.rows.messageBytes, from, ends[r]!)),
    metadataBytes: Int32Array.from(bounds, (from, r) => sum(input.rows.metadataBytes, from, ends[r]!)),
  };
}

function sum(values: Int32Array, from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += values[i]!;
  return total;
}
