/** Encodes the columns that every row has: stream id, timestamp, message. Page p has rows starts[p]..starts[p+1]. */

import { type ByteRun, byteRun, copyWords } from '../../../wire/byte-copy.js';
import type { EntriesBatch } from '../../../wire/entries.js';
import type { Nanos } from '../../../wire/time.js';
import { ByteSink } from '../byte-sink.js';
import { deltaBytesMax, encodeDelta } from '../parquet/delta.js';
import { encodeLengths, lengthsBytesMax } from '../parquet/text.js';
import type { TextFilters } from '../pointers/text-filter.js';
import { type BuildSettings, MESSAGE_COLUMN, STREAM_COLUMN, TIMESTAMP_COLUMN } from '../types.js';
import { ColumnWriter, type WrittenColumn } from './column-writer.js';
import { encodeShapes } from './encode-shapes.js';
import { NumberColumns } from './number-columns.js';
import type { Rows } from './rows.js';
import { addTextGrams, takeTextFilter } from './shape.js';
import { ShapeTable } from './shape-table.js';

/** A page's text filter may take this share of the messages it saves reading; small pages save a request at least. */
const TEXT_FILTER_SHARE = 3 / 10;
const TEXT_FILTER_ROOM_MIN = 512;

export function encodeStreamIds(rows: Rows, starts: Int32Array, zstdLevel: number): WrittenColumn {
  const writer = new ColumnWriter(STREAM_COLUMN, 'int32', 'delta-int32', zstdLevel);
  encodeNumbers(writer, rows.stream, starts, 0n);
  return writer.finish();
}

export function encodeTimes(
  rows: Rows,
  starts: Int32Array,
  windowStart: Nanos,
  range: { min: Nanos; max: Nanos },
  zstdLevel: number,
): WrittenColumn {
  const writer = new ColumnWriter(TIMESTAMP_COLUMN, 'timestamp', 'delta-int64', zstdLevel);
  encodeNumbers(writer, rows.time, starts, windowStart);
  return writer.finish(range);
}

function encodeNumbers(writer: ColumnWriter, values: Int32Array | Float64Array, starts: Int32Array, base: Nanos): void {
  const sink = new ByteSink();
  for (let p = 0; p + 1 < starts.length; p++) {
    const from = starts[p]!;
    const to = starts[p + 1]!;
    const end = encodeDelta(values, from, to, base, sink.reserve(deltaBytesMax(to - from)), 0);
    writer.page(to - from, sink.view(0, end));
  }
}

export interface EncodedMessages {
  readonly column: WrittenColumn;
  /** Undefined where lines differ too much for it to be of use. */
  readonly shapes: WrittenColumn | undefined;
  /** Of numbers in the lines; none without shapes. */
  readonly numbers: readonly WrittenColumn[];
  readonly textFilters: TextFilters;
}

export function encodeMessages(
  rows: Rows,
  starts: Int32Array,
  batches: readonly EntriesBatch[],
  { zstdLevel, rowsPerShapeMin }: BuildSettings,
): EncodedMessages {
  const writer = new ColumnWriter(MESSAGE_COLUMN, 'text', 'delta-length', zstdLevel);
  const filters = new ByteSink();
  const filterBytes = new Int32Array(starts.length - 1);
  const sink = new ByteSink();
  const shapes = new ShapeTable(starts.at(-1)! - starts[0]!, rowsPerShapeMin);
  const numbers = new NumberColumns(shapes, zstdLevel);
  const sources = batches.map(({ messages }) => byteRun(messages));
  for (let p = 0; p + 1 < starts.length; p++) {
    const from = starts[p]!;
    const to = starts[p + 1]!;
    const offsets = new Int32Array(to - from + 1);
    for (let i = from; i < to; i++) offsets[i - from + 1] = offsets[i - from]! + rows.messageBytes[i]!;
    const size = offsets[to - from]!;
    const out = sink.reserve(lengthsBytesMax(to - from) + size);
    const textAt = encodeLengths(offsets, 0, to - from, out, 0);
    gatherMessages(rows, from, to, sources, out, textAt);
    const shaped = shapes.add(out, textAt, offsets);
    if (shapes.promising) numbers.addPage(out, textAt, offsets);
    addTextGrams(out.subarray(textAt + offsets[shaped]!, textAt + size));
    const page = writer.page(to - from, out.subarray(0, textAt + size));
    const room = Math.max(TEXT_FILTER_ROOM_MIN, page.storedBytes * TEXT_FILTER_SHARE);
    const filter = takeTextFilter(room);
    filterBytes[p] = filter.length;
    filters.append(filter);
  }
  const { worthwhile } = shapes;
  return {
    column: writer.finish(),
    shapes: worthwhile ? encodeShapes(shapes, sectionStarts(starts), zstdLevel) : undefined,
    numbers: worthwhile ? numbers.finish() : [],
    textFilters: { bytes: filters.view(), sizes: filterBytes },
  };
}

/** As section rows, which count from 0. */
export function sectionStarts(starts: Int32Array): Int32Array {
  return starts.map((start) => start - starts[0]!);
}

/** Copies messages to out[at..]. */
function gatherMessages(
  { batch, message, messageBytes }: Rows,
  from: number,
  to: number,
  sources: readonly ByteRun[],
  out: Uint8Array,
  at: number,
): void {
  const into = byteRun(out);
  for (let i = from; i < to; i++) {
    const size = messageBytes[i]!;
    copyText(sources[batch[i]!]!, message[i]!, into, at, size);
    at += size;
  }
}

/** Up to here a loop is quicker than a call, which needs an object for the source. */
const COPIED_BY_WORDS_MAX = 512;

function copyText(from: ByteRun, start: number, to: ByteRun, at: number, size: number): void {
  if (size > COPIED_BY_WORDS_MAX) to.bytes.set(from.bytes.subarray(start, start + size), at);
  else copyWords(from.view, start, to.view, at, size);
}
