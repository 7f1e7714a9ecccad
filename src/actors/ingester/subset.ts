import { type EntriesBatch, sealEntries } from '../../wire/entries.js';

/** A batch of only the rows whose byte in `drop` is 0, or null when there are none. Streams left without rows go too. */
export function withoutRows(entries: EntriesBatch, drop: Uint8Array): EntriesBatch | null {
  const rows = drop.reduce((left, dropped) => left - (dropped ? 1 : 0), entries.rows);
  if (rows === 0) return null;
  const { pairKeys, pairOffsets, metadata, messages } = entries;
  const into = {
    timeWords: new Int32Array(2 * rows),
    messageOffsets: new Int32Array(rows + 1),
    messages: new Uint8Array(messages.length),
    pairStarts: new Int32Array(rows + 1),
    pairKeys: new Int32Array(pairKeys.length),
    pairOffsets: new Int32Array(pairOffsets.length),
    metadata: new Uint8Array(metadata.length),
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
  const { tenant, keys } = entries;
  return sealEntries({ tenant, keys, streams, streamEnds, rows, pairs: into.pairStarts[rows]!, ...into });
}

type RowColumns = Pick<
  EntriesBatch,
  'messageOffsets' | 'messages' | 'pairStarts' | 'pairKeys' | 'pairOffsets' | 'metadata'
>;

/** Copies everything of a row but its time behind row `to - 1`. */
function copyRow(from: RowColumns, row: number, into: RowColumns, to: number): void {
  const start = from.messageOffsets[row]!;
  const end = from.messageOffsets[row + 1]!;
  const at = into.messageOffsets[to]!;
  into.messages.set(from.messages.subarray(start, end), at);
  into.messageOffsets[to + 1] = at + end - start;
  let pair = into.pairStarts[to]!;
  for (let source = from.pairStarts[row]!; source < from.pairStarts[row + 1]!; source++, pair++) {
    const pairStart = from.pairOffsets[source]!;
    const pairEnd = from.pairOffsets[source + 1]!;
    const pairAt = into.pairOffsets[pair]!;
    into.metadata.set(from.metadata.subarray(pairStart, pairEnd), pairAt);
    into.pairKeys[pair] = from.pairKeys[source]!;
    into.pairOffsets[pair + 1] = pairAt + pairEnd - pairStart;
  }
  into.pairStarts[to + 1] = pair;
}
