/** Entries batches and build inputs from plain rows, for tests of storage. */
import type { BuildInput } from '../../src/storage/dataobj/types.js';
import type { EntriesBatch } from '../../src/wire/entries.js';
import { formatLabels, labelsOf } from '../../src/wire/labels.js';
import { sealEntries } from '../../src/wire/seal-entries.js';

export interface TestRow {
  readonly labels: Readonly<Record<string, string>>;
  readonly time: bigint;
  readonly line: string;
  readonly metadata?: readonly (readonly [key: string, value: string])[];
}

/** One batch: rows grouped by stream in order of first occurrence. */
export function batchOf(rows: readonly TestRow[], tenant = 'test'): EntriesBatch {
  const groups = groupByStream(rows);
  const ordered = [...groups.values()].flat();
  const pairs = ordered.flatMap((row) => row.metadata ?? []);
  const keys = [...new Set(pairs.map(([key]) => key))];
  let end = 0;
  return sealEntries({
    tenant,
    streams: [...groups.keys()],
    streamEnds: [...groups.values()].map((group) => (end += group.length)),
    keys,
    rows: ordered.length,
    timeWords: new Int32Array(BigInt64Array.from(ordered, (row) => row.time).buffer),
    ...column(
      ordered.map((row) => row.line),
      'messageOffsets',
      'messages',
    ),
    pairs: pairs.length,
    pairStarts: Int32Array.from(offsets(ordered.map((row) => row.metadata?.length ?? 0))),
    pairKeys: Int32Array.from(pairs, ([key]) => keys.indexOf(key)),
    ...column(
      pairs.map(([, value]) => value),
      'pairOffsets',
      'metadata',
    ),
  });
}

function groupByStream(rows: readonly TestRow[]): Map<string, TestRow[]> {
  const groups = new Map<string, TestRow[]>();
  for (const row of rows) {
    const text = formatLabels(labelsOf(row.labels));
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [row]);
    else group.push(row);
  }
  return groups;
}

function offsets(lengths: readonly number[]): number[] {
  const out = [0];
  for (const length of lengths) out.push(out.at(-1)! + length);
  return out;
}

function column<O extends string, B extends string>(
  texts: readonly string[],
  offsetsName: O,
  bytesName: B,
): Record<O, Int32Array> & Record<B, Uint8Array> {
  const bytes = texts.map((text) => Buffer.from(text, 'utf8'));
  return {
    [offsetsName]: Int32Array.from(offsets(bytes.map((one) => one.length))),
    [bytesName]: Buffer.concat(bytes),
  } as Record<O, Int32Array> & Record<B, Uint8Array>;
}

/** Each array of rows becomes a batch; the runs follow in order. */
export function inputOf(batches: readonly (readonly TestRow[])[], more: Partial<BuildInput> = {}): BuildInput {
  const sealed = batches.map((rows) => batchOf(rows));
  const numbers = new Map<string, number>();
  const streams: { labels: ReturnType<typeof labelsOf> }[] = [];
  const runs: number[] = [];
  sealed.forEach((batch, b) => {
    const labelsByText = new Map(batches[b]!.map((row) => [formatLabels(labelsOf(row.labels)), labelsOf(row.labels)]));
    batch.streams.forEach((text, s) => {
      if (!numbers.has(text)) {
        numbers.set(text, streams.length);
        streams.push({ labels: labelsByText.get(text)! });
      }
      runs.push(b, s === 0 ? 0 : batch.streamEnds[s - 1]!, batch.streamEnds[s]!, numbers.get(text)!);
    });
  });
  const times = batches
    .flat()
    .map((row) => row.time)
    .sort((a, b) => (a < b ? -1 : 1));
  return {
    tenant: 'test',
    batches: sealed,
    streams,
    runs: Int32Array.from(runs),
    window: { start: times[0] ?? 0n, end: (times.at(-1) ?? 0n) + 1n },
    source: { writer: 'ingester-0', fromSeq: 1, toSeq: batches.length },
    ...more,
  };
}
