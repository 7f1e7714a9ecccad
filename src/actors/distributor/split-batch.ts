import { type EntriesBatch, sealEntries } from '../../wire/entries.js';

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
  const { streamEnds, pairStarts, pairOffsets, messageOffsets } = batch;
  const [firstPair, endPair] = [pairStarts[from]!, pairStarts[to]!];
  const columns = new PickedColumns(batch, {
    rows: to - from,
    pairs: endPair - firstPair,
    lines: messageOffsets[to]! - messageOffsets[from]!,
    values: pairOffsets[endPair]! - pairOffsets[firstPair]!,
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
  pairs: number;
  /** Bytes of lines and of metadata values. */
  lines: number;
  values: number;
}

function sizesOf(batch: EntriesBatch, streams: readonly number[]): Sizes {
  const { streamEnds, pairStarts, pairOffsets, messageOffsets } = batch;
  const sizes = { rows: 0, pairs: 0, lines: 0, values: 0 };
  for (const stream of streams) {
    const first = firstRow(batch, stream);
    const end = streamEnds[stream]!;
    const firstPair = pairStarts[first]!;
    const endPair = pairStarts[end]!;
    sizes.rows += end - first;
    sizes.pairs += endPair - firstPair;
    sizes.lines += messageOffsets[end]! - messageOffsets[first]!;
    sizes.values += pairOffsets[endPair]! - pairOffsets[firstPair]!;
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
  readonly #pairKeys: Int32Array;
  readonly #pairOffsets: Int32Array;
  readonly #metadata: Uint8Array;
  readonly #streams: string[] = [];
  readonly #streamEnds: number[] = [];
  readonly #keys: string[] = [];
  /** A key's index here by its index there, -1 while no pair has it. */
  readonly #newKeys: Int32Array;
  #rows = 0;
  #pairs = 0;

  constructor(from: EntriesBatch, { rows, pairs, lines, values }: Sizes) {
    this.#from = from;
    this.#times = new BigInt64Array(rows);
    this.#messageOffsets = new Int32Array(rows + 1);
    this.#messages = new Uint8Array(lines);
    this.#pairStarts = new Int32Array(rows + 1);
    this.#pairKeys = new Int32Array(pairs);
    this.#pairOffsets = new Int32Array(pairs + 1);
    this.#metadata = new Uint8Array(values);
    this.#newKeys = new Int32Array(from.keys.length).fill(-1);
  }

  /** Appends rows [first, end) of a stream. */
  add(stream: number, first: number, end: number): void {
    const { times, messageOffsets, messages, pairStarts, pairOffsets, metadata } = this.#from;
    const row = this.#rows;
    const messageShift = this.#messageOffsets[row]! - messageOffsets[first]!;
    this.#times.set(times.subarray(first, end), row);
    this.#messages.set(messages.subarray(messageOffsets[first]!, messageOffsets[end]!), this.#messageOffsets[row]!);
    const firstPair = pairStarts[first]!;
    const endPair = pairStarts[end]!;
    const pairShift = this.#pairs - firstPair;
    const metadataShift = this.#pairOffsets[this.#pairs]! - pairOffsets[firstPair]!;
    this.#metadata.set(
      metadata.subarray(pairOffsets[firstPair]!, pairOffsets[endPair]!),
      this.#pairOffsets[this.#pairs]!,
    );
    for (let i = first; i < end; i++) {
      this.#messageOffsets[row + i - first + 1] = messageOffsets[i + 1]! + messageShift;
      this.#pairStarts[row + i - first + 1] = pairStarts[i + 1]! + pairShift;
    }
    for (let pair = firstPair; pair < endPair; pair++) {
      this.#pairKeys[pair + pairShift] = this.#newKey(this.#from.pairKeys[pair]!);
      this.#pairOffsets[pair + pairShift + 1] = pairOffsets[pair + 1]! + metadataShift;
    }
    this.#rows += end - first;
    this.#pairs += endPair - firstPair;
    this.#streams.push(this.#from.streams[stream]!);
    this.#streamEnds.push(this.#rows);
  }

  seal(): EntriesBatch {
    return sealEntries({
      tenant: this.#from.tenant,
      streams: this.#streams,
      streamEnds: this.#streamEnds,
      keys: this.#keys,
      rows: this.#rows,
      timeWords: new Int32Array(this.#times.buffer),
      messageOffsets: this.#messageOffsets,
      messages: this.#messages,
      pairs: this.#pairs,
      pairStarts: this.#pairStarts,
      pairKeys: this.#pairKeys,
      pairOffsets: this.#pairOffsets,
      metadata: this.#metadata,
    });
  }

  #newKey(key: number): number {
    const known = this.#newKeys[key]!;
    if (known !== -1) return known;
    this.#newKeys[key] = this.#keys.push(this.#from.keys[key]!) - 1;
    return this.#newKeys[key]!;
  }
}
