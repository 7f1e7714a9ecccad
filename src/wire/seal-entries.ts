import { DistinctPairs, type Pairs } from './distinct-pairs.js';
import type { EntriesBatch } from './entries.js';
import { type Refs, type Regions, refsOf, regions, type Shape, viewsOf, writeHeader } from './entries-layout.js';
import { LabelPieces } from './label-pieces.js';

/** What a builder hands over: columns of any capacity with their used lengths. */
export interface EntriesColumns extends Pairs {
  readonly tenant: string;
  readonly streams: readonly string[];
  readonly streamEnds: readonly number[];
  readonly keys: readonly string[];
  readonly rows: number;
  /** int64 words, low word first; 2 x rows used. */
  readonly timeWords: Int32Array;
  readonly messageOffsets: Int32Array;
  readonly messages: Uint8Array;
  /** Row i has the pairs from pairStarts[i] to before pairStarts[i+1]. */
  readonly pairStarts: Int32Array;
}

/** Pairs that are there once, and for each that rows have, which it is. */
export interface SharedPairs extends Pairs {
  readonly pairRefs: Refs;
}

const labels = new LabelPieces();
const distinct = new DistinctPairs();

/** Copies columns into one exact buffer, in the layout of entries.ts; pairs that are equal become one. */
export function sealEntries(columns: EntriesColumns): EntriesBatch {
  distinct.read(columns);
  return sealShared(columns, distinct);
}

/** As `sealEntries`, for who knows which pairs are equal. Without spread objects, which were a third of its time. */
export function sealShared(columns: Omit<EntriesColumns, keyof Pairs>, shared: SharedPairs): EntriesBatch {
  const { rows, keys, tenant } = columns;
  const { pairs } = shared;
  labels.read(columns.streams);
  const words = [tenant, ...labels.texts, ...keys];
  const text = words.join('');
  const shape: Shape = {
    rows,
    streams: columns.streams.length,
    labels: labels.texts.length,
    labelRefs: labels.count,
    keys: keys.length,
    pairs,
    pairRefs: columns.pairStarts[rows]!,
    textBytes: Buffer.byteLength(text),
    messageBytes: columns.messageOffsets[rows]!,
    metadataBytes: shared.pairOffsets[pairs]!,
  };
  const at = regions(shape);
  const buffer = new SharedArrayBuffer(at.end);
  writeHeader(buffer, shape);
  const batch = viewsOf(buffer, shape, at, { tenant, streams: [...columns.streams], keys: [...keys] });
  new Int32Array(buffer, at.times, rows * 2).set(columns.timeWords.subarray(0, rows * 2));
  batch.messageOffsets.set(columns.messageOffsets.subarray(0, rows + 1));
  batch.messages.set(columns.messages.subarray(0, shape.messageBytes));
  batch.pairStarts.set(columns.pairStarts.subarray(0, rows + 1));
  batch.pairs.set(shared.pairRefs.subarray(0, shape.pairRefs));
  batch.pairKeys.set(shared.pairKeys.subarray(0, pairs));
  batch.pairOffsets.set(shared.pairOffsets.subarray(0, pairs + 1));
  batch.metadata.set(shared.metadata.subarray(0, shape.metadataBytes));
  batch.streamEnds.set(columns.streamEnds);
  writeNames(buffer, shape, at, words, text);
  return batch;
}

function writeNames(
  buffer: SharedArrayBuffer,
  shape: Shape,
  at: Regions,
  words: readonly string[],
  text: string,
): void {
  new Int32Array(buffer, at.labelEnds, shape.streams).set(labels.ends);
  refsOf(buffer, at.labelRefs, shape.labelRefs, shape.labels).set(labels.refs.subarray(0, shape.labelRefs));
  Buffer.from(buffer, at.text, shape.textBytes).utf8Write(text, 0);
  const offsets = new Int32Array(buffer, at.textOffsets, words.length + 1);
  const isAscii = shape.textBytes === text.length;
  let end = 0;
  for (let i = 0; i < words.length; i++) {
    end += isAscii ? words[i]!.length : Buffer.byteLength(words[i]!);
    offsets[i + 1] = end;
  }
}
