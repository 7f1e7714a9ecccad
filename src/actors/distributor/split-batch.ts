import type { EntriesBatch } from '../../wire/entries.js';
import { sealShared } from '../../wire/seal-entries.js';

/**
 * Batches of at most so many bytes that hold all rows together, in their order. Throws a RangeError when one row alone
 * is larger.
 */
export function splitRows(batch: EntriesBatch, bytesMax: number): readonly EntriesBatch[] {
  if (batch.buffer.byteLength <= bytesMax) return [batch];
  if (batch.rows <= 1) throw new RangeError(`an entry takes ${batch.buffer.byteLength} bytes of at most ${bytesMax}`);
  const middle = batch.rows >> 1;
  return [pickRows(batch, 0, middle), pickRows(batch, middle, batch.rows)].flatMap((half) => splitRows(half, bytesMax));
}

function pickRows(batch: EntriesBatch, from: number, to: number): EntriesBatch {
  const { streamEnds, pairStarts, messageOffsets } = batch;
  const columns = new PickedColumns(batch, {
    rows: to - from,
    pairs: pairStarts[to]! - pairStarts[from]!,
    lines: messageOffsets[to]! - messageOffsets[from]!,
  });
  for (let stream = 0; stream < streamEnds.length; stream++) {
    const first = Math.max(from, firstRow(batch, stream));
    const end = Math.min(to, streamEnds[stream]!);
    if (first < end) columns.add(stream, first, end);
  }
  return columns.seal();
}

/** A batch of some of a batch's streams, in the order given; with the metadata keys that they use. */
export function pickStreams(batch: EntriesBatch, streams: readonly number[]): EntriesBatch {
  const columns = new PickedColumns(batch, sizesOf(batch, streams));
  for (const stream of streams) columns.add(stream, firstRow(batch, stream), batch.streamEnds[stream]!);
  return columns.seal();
}

interface Sizes {
  rows: number;
  /** References to pairs. */
  pairs: number;
  /** Bytes of lines. */
  lines: number;
}

function sizesOf(batch: EntriesBatch, streams: readonly number[]): Sizes {
  const { streamEnds, pairStarts, messageOffsets } = batch;
  const sizes = { rows: 0, pairs: 0, lines: 0 };
  for (const stream of streams) {
    const first = firstRow(batch, stream);
    const end = streamEnds[stream]!;
    sizes.rows += end - first;
    sizes.pairs += pairStarts[end]! - pairStarts[first]!;
    sizes.lines += messageOffsets[end]! - messageOffsets[first]!;
  }
  return sizes;
}

function firstRow({ streamEnds }: EntriesBatch, stream: number): number {
  return stream === 0 ? 0 : streamEnds[stream - 1]!;
}

class PickedColumns {
  readonly #from: EntriesBatch;
  readonly #times: BigInt64Array;
  readonly #messageOffsets: Int32Array;
  readonly #messages: Uint8Array;
  readonly #pairStarts: Int32Array;
  readonly #pairRefs: Int32Array;
  readonly #pairKeys: number[] = [];
  readonly #pairEnds = [0];
  readonly #metadata: Uint8Array;
  readonly #streams: string[] = [];
  readonly #streamEnds: number[] = [];
  readonly #keys: string[] = [];
  /** The index here of a pair, and of a key, by its index there; -1 while nobody has it. */
  readonly #newPairs: Int32Array;
  readonly #newKeys: Int32Array;
  #rows = 0;

  constructor(from: EntriesBatch, { rows, pairs, lines }: Sizes) {
    this.#from = from;
    this.#times = new BigInt64Array(rows);
    this.#messageOffsets = new Int32Array(rows + 1);
    this.#messages = new Uint8Array(lines);
    this.#pairStarts = new Int32Array(rows + 1);
    this.#pairRefs = new Int32Array(pairs);
    this.#metadata = new Uint8Array(from.metadata.length);
    this.#newPairs = new Int32Array(from.pairKeys.length).fill(-1);
    this.#newKeys = new Int32Array(from.keys.length).fill(-1);
  }

  /** Appends rows [first, end) of a stream. */
  add(stream: number, first: number, end: number): void {
    const { times, messageOffsets, messages, pairStarts, pairs } = this.#from;
    const row = this.#rows;
    const messageShift = this.#messageOffsets[row]! - messageOffsets[first]!;
    this.#times.set(times.subarray(first, end), row);
    this.#messages.set(messages.subarray(messageOffsets[first]!, messageOffsets[end]!), this.#messageOffsets[row]!);
    const pairShift = this.#pairStarts[row]! - pairStarts[first]!;
    for (let i = first; i < end; i++) {
      this.#messageOffsets[row + i - first + 1] = messageOffsets[i + 1]! + messageShift;
      this.#pairStarts[row + i - first + 1] = pairStarts[i + 1]! + pairShift;
    }
    for (let ref = pairStarts[first]!; ref < pairStarts[end]!; ref++) {
      this.#pairRefs[ref + pairShift] = this.#newPair(pairs[ref]!);
    }
    this.#rows += end - first;
    this.#streams.push(this.#from.streams[stream]!);
    this.#streamEnds.push(this.#rows);
  }

  seal(): EntriesBatch {
    const columns = {
      tenant: this.#from.tenant,
      streams: this.#streams,
      streamEnds: this.#streamEnds,
      keys: this.#keys,
      rows: this.#rows,
      timeWords: new Int32Array(this.#times.buffer),
      messageOffsets: this.#messageOffsets,
      messages: this.#messages,
      pairStarts: this.#pairStarts,
    };
    return sealShared(columns, {
      pairRefs: this.#pairRefs,
      pairs: this.#pairKeys.length,
      pairKeys: Int32Array.from(this.#pairKeys),
      pairOffsets: Int32Array.from(this.#pairEnds),
      metadata: this.#metadata,
    });
  }

  #newPair(pair: number): number {
    const known = this.#newPairs[pair]!;
    if (known !== -1) return known;
    const { pairKeys, pairOffsets, metadata } = this.#from;
    const value = metadata.subarray(pairOffsets[pair]!, pairOffsets[pair + 1]!);
    const at = this.#pairEnds.at(-1)!;
    this.#metadata.set(value, at);
    this.#pairEnds.push(at + value.length);
    this.#newPairs[pair] = this.#pairKeys.push(this.#newKey(pairKeys[pair]!)) - 1;
    return this.#newPairs[pair]!;
  }

  #newKey(key: number): number {
    const known = this.#newKeys[key]!;
    if (known !== -1) return known;
    this.#newKeys[key] = this.#keys.push(this.#from.keys[key]!) - 1;
    return this.#newKeys[key]!;
  }
}
