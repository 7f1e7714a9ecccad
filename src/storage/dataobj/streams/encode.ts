/** Writes the streams section: labels in one dictionary column per name, and statistics. Drawn in docs/format/streams.md. */
import { crc32 } from 'node:zlib';
import type { Labels } from '../../../wire/labels.js';
import type { Nanos } from '../../../wire/time.js';
import { compress } from '../../zstd.js';
import { bytesOf, packFields } from '../fields.js';
import type { Rows } from '../logs/rows.js';

export interface StreamsInput {
  /** Index = stream id. */
  readonly labels: readonly Labels[];
  readonly rows: Rows;
  readonly windowStart: Nanos;
  /** Base of the times in the section, as an offset from the window's start. */
  readonly baseOffset: number;
}

export interface EncodedStreams {
  readonly bytes: Uint8Array;
  readonly rawBytes: number;
  readonly crc: number;
}

export function encodeStreams(input: StreamsInput, zstdLevel: number): EncodedStreams {
  const stats = streamStats(input);
  const raw = packFields({
    base: input.windowStart + BigInt(input.baseOffset),
    count: input.labels.length,
    columns: labelColumns(input.labels),
    minTimes: bytesOf(stats.minTime),
    maxTimes: bytesOf(stats.maxTime),
    rows: bytesOf(stats.rows),
    messageBytes: bytesOf(stats.messageBytes),
    metadataBytes: bytesOf(stats.metadataBytes),
  });
  const bytes = compress(raw, zstdLevel);
  return { bytes, rawBytes: raw.length, crc: crc32(bytes) };
}

interface StatColumns {
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
  readonly rows: Float64Array;
  readonly messageBytes: Float64Array;
  readonly metadataBytes: Float64Array;
}

function streamStats({ labels, rows, baseOffset }: StreamsInput): StatColumns {
  const count = labels.length;
  const stats = {
    minTime: new Float64Array(count).fill(Infinity),
    maxTime: new Float64Array(count).fill(-Infinity),
    rows: new Float64Array(count),
    messageBytes: new Float64Array(count),
    metadataBytes: new Float64Array(count),
  };
  for (let i = 0; i < rows.count; i++) {
    const stream = rows.stream[i]!;
    const time = rows.time[i]! - baseOffset;
    if (time < stats.minTime[stream]!) stats.minTime[stream] = time;
    if (time > stats.maxTime[stream]!) stats.maxTime[stream] = time;
    stats.rows[stream] = stats.rows[stream]! + 1;
    stats.messageBytes[stream] = stats.messageBytes[stream]! + rows.messageBytes[i]!;
    stats.metadataBytes[stream] = stats.metadataBytes[stream]! + rows.metadataBytes[i]!;
  }
  return stats;
}

function labelColumns(streams: readonly Labels[]): { name: string; values: string[]; ids: Uint8Array }[] {
  const columns = new Map<string, Map<string, number>>();
  for (const labels of streams) {
    for (const [name, value] of labels) {
      const values = columns.get(name) ?? new Map<string, number>();
      columns.set(name, values.set(value, 0));
    }
  }
  return [...columns.keys()].sort().map((name) => {
    const values = [...columns.get(name)!.keys()].sort();
    const idOf = new Map(values.map((value, id) => [value, id]));
    const ids = Int32Array.from(streams, (labels) => {
      const pair = labels.find(([key]) => key === name);
      return pair === undefined ? -1 : idOf.get(pair[1])!;
    });
    return { name, values, ids: bytesOf(ids) };
  });
}
