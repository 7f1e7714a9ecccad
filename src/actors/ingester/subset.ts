import type { EntriesBatch } from '../../wire/entries.js';
import { sealShared } from '../../wire/seal-entries.js';

/** A batch of only the rows whose byte in `drop` is 0, or null when there are none. Streams left without rows go too. */
export function withoutRows(entries: EntriesBatch, drop: Uint8Array): EntriesBatch | null {
  const rows = drop.reduce((left, dropped) => left - (dropped ? 1 : 0), entries.rows);
  if (rows === 0) return null;
  const into = {
    timeWords: new Int32Array(2 * rows),
    messageOffsets: new Int32Array(rows + 1),
    messages: new Uint8Array(entries.messages.length),
    pairStarts: new Int32Array(rows + 1),
    pairRefs: new Int32Array(entries.pairs.length),
  };
  const times = new BigInt64Array(into.timeWords.buffer);
  const streams: string[] = [];
  const streamEnds: number[] = [];
  let to = 0;
  let from = 0;
  for (let stream = 0; stream < entries.streams.length; stream++) {
    const first = to;
    for (; from < entries.streamEnds[stream]!; from++) {
      if (drop[from]) continue;
      times[to] = entries.times[from]!;
      copyRow(entries, from, into, to++);
    }
    if (to === first) continue;
    streams.push(entries.streams[stream]!);
    streamEnds.push(to);
  }
  // Pairs that nobody refers to any more stay: it is rare that rows are left out, and then mostly all or few of them.
  const { tenant, keys, pairKeys, pairOffsets, metadata } = entries;
  const shared = { pairs: pairKeys.length, pairKeys, pairOffsets, pairRefs: into.pairRefs, metadata };
  return sealShared({ tenant, keys, streams, streamEnds, rows, ...into }, shared);
}

interface RowColumns extends Pick<EntriesBatch, 'messageOffsets' | 'messages' | 'pairStarts'> {
  readonly pairRefs: Int32Array;
}

/** Copies everything of a row but its time behind row `to - 1`. */
function copyRow(from: EntriesBatch, row: number, into: RowColumns, to: number): void {
  const start = from.messageOffsets[row]!;
  const end = from.messageOffsets[row + 1]!;
  const at = into.messageOffsets[to]!;
  into.messages.set(from.messages.subarray(start, end), at);
  into.messageOffsets[to + 1] = at + end - start;
  const refs = from.pairs.subarray(from.pairStarts[row]!, from.pairStarts[row + 1]!);
  into.pairRefs.set(refs, into.pairStarts[to]!);
  into.pairStarts[to + 1] = into.pairStarts[to]! + refs.length;
}
