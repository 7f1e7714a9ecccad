/** Writes a pointers section: a compressed head, then the filters one after another. Drawn in docs/format/pointers.md. */
import { crc32 } from 'node:zlib';
import type { Nanos } from '../../../wire/time.js';
import { compress } from '../../zstd.js';
import { ByteSink } from '../byte-sink.js';
import { bytesOf, type FieldRecord, packFields } from '../fields.js';
import type { PageFacts } from '../parquet/page.js';
import type { ColumnEncoding, Counted, PageIndex, RunIndex } from '../types.js';
import type { EncodedCounts } from './counts.js';

/** The head is read whole whenever a section is, and it is all numbers: level 3 costs little and saves a tenth. */
const HEAD_ZSTD_LEVEL = 3;

export interface PointersInput {
  readonly section: number;
  readonly base: Nanos;
  readonly rows: number;
  readonly pages: PageIndex;
  readonly runs: RunIndex;
  /** In file order. */
  readonly columns: readonly IndexedColumn[];
  readonly restKeys: readonly string[];
  readonly textFilters: Uint8Array;
  readonly textFilterBytes: Int32Array;
  readonly counted: readonly (Counted & { readonly encoded: EncodedCounts })[];
}

export interface IndexedColumn {
  readonly written: {
    readonly chunk: {
      readonly name: string;
      readonly encoding: ColumnEncoding;
      readonly optional: boolean;
      readonly rawBytes: number;
      readonly nulls: number;
      readonly bytes: { readonly length: number };
    };
    readonly pages: readonly PageFacts[];
    readonly dictionary: (PageFacts & { readonly values: number }) | undefined;
  };
  readonly filter: { readonly bytes: Uint8Array; readonly entries: number } | undefined;
}

export interface EncodedPointers {
  readonly bytes: Uint8Array;
  readonly headBytes: number;
  readonly headRawBytes: number;
  readonly headCrc: number;
}

export function encodePointers(input: PointersInput): EncodedPointers {
  const raw = packFields(headOf(input));
  const head = compress(raw, HEAD_ZSTD_LEVEL);
  const sink = new ByteSink(head.length + input.textFilters.length);
  sink.append(head);
  sink.append(input.textFilters);
  for (const column of input.columns) if (column.filter !== undefined) sink.append(column.filter.bytes);
  for (const { encoded } of input.counted) sink.append(encoded.bytes);
  return { bytes: sink.view(), headBytes: head.length, headRawBytes: raw.length, headCrc: crc32(head) };
}

function headOf(input: PointersInput): FieldRecord {
  const { pages, runs, columns } = input;
  const perPage = (fact: (page: PageFacts) => number): Uint8Array =>
    bytesOf(Int32Array.from(columns.flatMap((column) => column.written.pages.map(fact))));
  return {
    section: input.section,
    base: input.base,
    rows: input.rows,
    pages: pages.count,
    runs: runs.stream.length,
    pageRows: bytesOf(pages.rows),
    pageMinTimes: bytesOf(pages.minTime),
    pageMaxTimes: bytesOf(pages.maxTime),
    pageMessageBytes: bytesOf(pages.messageBytes),
    runStarts: bytesOf(runs.starts),
    runStreams: bytesOf(runs.stream),
    runRows: bytesOf(runs.rows),
    runMinTimes: bytesOf(runs.minTime),
    runMaxTimes: bytesOf(runs.maxTime),
    runMessageBytes: bytesOf(runs.messageBytes),
    runMetadataBytes: bytesOf(runs.metadataBytes),
    columns: columns.map(columnRecord),
    storedBytes: perPage((page) => page.storedBytes),
    headerBytes: perPage((page) => page.headerBytes),
    levelBytes: perPage((page) => page.levelBytes),
    payloadBytes: perPage((page) => page.payloadBytes),
    crcs: perPage((page) => page.crc | 0),
    restKeys: input.restKeys,
    textFilterBytes: bytesOf(input.textFilterBytes),
    textFilterCrc: crc32(input.textFilters),
    countTables: input.counted.map(({ keys, values, widthNs, bins, encoded }) => ({
      keys: keys.map((key, k) => ({ key, values: values[k]! })),
      ...{ widthNs, bins, rawBytes: encoded.rawBytes },
      ...{ storedBytes: encoded.bytes.length, crc: crc32(encoded.bytes) },
    })),
  };
}

function columnRecord({ written, filter }: IndexedColumn): FieldRecord {
  const { chunk, dictionary } = written;
  return {
    name: chunk.name,
    encoding: chunk.encoding,
    optional: chunk.optional ? 1 : 0,
    storedBytes: chunk.bytes.length,
    rawBytes: chunk.rawBytes,
    nulls: chunk.nulls,
    ...(dictionary === undefined ? {} : { dictionary: { ...dictionary } }),
    ...(filter === undefined ? {} : { filterEntries: filter.entries, filterCrc: crc32(filter.bytes) }),
  };
}
