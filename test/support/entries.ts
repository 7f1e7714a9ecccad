import type { EntriesBatch } from '../../src/wire/entries.js';
import { sealEntries } from '../../src/wire/seal-entries.js';

/** An entry: nanoseconds, line, structured metadata. */
export type Row = readonly [time: number | bigint, line: string, metadata?: Readonly<Record<string, string>>];

/** An entries batch as the distributor would make it: `{ '{app="x"}': [[1, 'line']] }`. */
export function entriesOf(streams: Readonly<Record<string, readonly Row[]>>, tenant = 'tenant'): EntriesBatch {
  const rows = Object.values(streams).flat();
  const pairs = rows.flatMap(([, , metadata]) => Object.entries(metadata ?? {}));
  const keys = [...new Set(pairs.map(([key]) => key))];
  const lines = rows.map(([, line]) => Buffer.from(line));
  const values = pairs.map(([, value]) => Buffer.from(value));
  let end = 0;
  return sealEntries({
    tenant,
    streams: Object.keys(streams),
    streamEnds: Object.values(streams).map((own) => (end += own.length)),
    keys,
    rows: rows.length,
    timeWords: new Int32Array(BigInt64Array.from(rows.map(([time]) => BigInt(time))).buffer),
    messageOffsets: offsets(lines.map((line) => line.length)),
    messages: Buffer.concat(lines),
    pairs: pairs.length,
    pairStarts: offsets(rows.map(([, , metadata]) => Object.keys(metadata ?? {}).length)),
    pairKeys: Int32Array.from(pairs.map(([key]) => keys.indexOf(key))),
    pairOffsets: offsets(values.map((value) => value.length)),
    metadata: Buffer.concat(values),
  });
}

/** One row of a batch in a comparable form: `<time> <line> {"key":"value"}`. */
export function rowText(entries: EntriesBatch, row: number): string {
  const text = (bytes: Uint8Array, from: number, to: number): string =>
    Buffer.from(bytes.subarray(from, to)).toString();
  const metadata: Record<string, string> = {};
  for (const pair of entries.pairs.subarray(entries.pairStarts[row], entries.pairStarts[row + 1])) {
    const value = text(entries.metadata, entries.pairOffsets[pair]!, entries.pairOffsets[pair + 1]!);
    metadata[entries.keys[entries.pairKeys[pair]!]!] = value;
  }
  const line = text(entries.messages, entries.messageOffsets[row]!, entries.messageOffsets[row + 1]!);
  return `${entries.times[row]} ${line} ${JSON.stringify(metadata)}`;
}

/** All rows of a batch by stream, in order. */
export function rowsOf(entries: EntriesBatch): Record<string, string[]> {
  let from = 0;
  const found: Record<string, string[]> = {};
  entries.streams.forEach((stream, s) => {
    const to = entries.streamEnds[s]!;
    found[stream] = Array.from({ length: to - from }, (_, i) => rowText(entries, from + i));
    from = to;
  });
  return found;
}

function offsets(lengths: readonly number[]): Int32Array {
  const ends = new Int32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) ends[i + 1] = ends[i]! + length;
  return ends;
}
