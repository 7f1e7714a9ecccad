/**
 * The entries batch as it was before what repeats was kept once: all pairs of all rows, and whole label texts. Logs of earlier
 * versions have such batches, and ingesters that are not yet upgraded send them.
 */
import type { EntriesBatch } from './entries.js';
import { requireOffsets } from './entries-layout.js';
import { sealEntries } from './seal-entries.js';

export const FIRST_VERSION = 1;
const HEADER_BYTES = 64;

/** A batch of its own with the same rows. Throws a RangeError on anything that is not whole. */
export function openFirstVersion(buffer: SharedArrayBuffer): EntriesBatch {
  const [, , rows, streams, pairs, keys, textBytes, messageBytes, metadataBytes] = new Uint32Array(buffer, 0, 9);
  let at = HEADER_BYTES;
  const take = (bytes: number): number => {
    const start = at;
    at = Math.ceil((at + bytes) / 8) * 8;
    if (at > buffer.byteLength) throw new RangeError('entries batch: shorter than its header says');
    return start;
  };
  const ints = (length: number): Int32Array => new Int32Array(buffer, take(4 * length), length);
  const bytes = (length: number): Uint8Array => new Uint8Array(buffer, take(length), length);
  const timeWords = ints(2 * rows!);
  const messageOffsets = ints(rows! + 1);
  const pairStarts = ints(rows! + 1);
  const pairKeys = ints(pairs!);
  const pairOffsets = ints(pairs! + 1);
  const streamEnds = ints(streams!);
  const textOffsets = ints(streams! + keys! + 2);
  const text = Buffer.from(bytes(textBytes!));
  const messages = bytes(messageBytes!);
  const metadata = bytes(metadataBytes!);
  if (at !== buffer.byteLength) throw new RangeError(`entries batch: ${buffer.byteLength} bytes, header says ${at}`);
  requireOffsets('text', textOffsets, textBytes!);
  requireOffsets('message', messageOffsets, messageBytes!);
  requireOffsets('pair', pairOffsets, metadataBytes!);
  requireOffsets('row', pairStarts, pairs!);
  if (pairKeys.some((key) => key < 0 || key >= keys!)) throw new RangeError('entries batch: no such key');
  if (streamEnds.some((end, s) => end < (streamEnds[s - 1] ?? 0)) || (streamEnds.at(-1) ?? 0) !== rows) {
    throw new RangeError('entries batch: streams do not have its rows');
  }
  const words = Array.from({ length: textOffsets.length - 1 }, (_, i) =>
    text.utf8Slice(textOffsets[i]!, textOffsets[i + 1]!),
  );
  return sealEntries({
    tenant: words[0]!,
    streams: words.slice(1, 1 + streams!),
    streamEnds: [...streamEnds],
    keys: words.slice(1 + streams!),
    ...{ rows: rows!, timeWords, messageOffsets, messages },
    ...{ pairs: pairs!, pairStarts, pairKeys, pairOffsets, metadata },
  });
}
