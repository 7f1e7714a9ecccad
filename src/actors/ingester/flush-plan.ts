import type { BuildInput } from '../../storage/dataobj/types.js';
import type { EntriesBatch } from '../../wire/entries.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { originRanges } from '../../wire/origin-ranges.js';
import { type Nanos, NS_PER_MS } from '../../wire/time.js';
import { type MemtableTenant, maxTimeOf, minTimeOf, type SealedMemtable } from './memtable.js';
import type { Piece, StoredBatch } from './stream.js';

/** Cuts a memtable into one input per tenant and time window, oldest window first. */
export function planFlush({ table, toSeq }: SealedMemtable, writer: string, windowMs: number): BuildInput[] {
  const range = { writer, fromSeq: table.fromSeq, toSeq };
  const windowNs = BigInt(windowMs) * NS_PER_MS;
  return [...table.tenants.values()].flatMap((tenant) => {
    const windows = cutWindows(tenant, windowNs);
    const copies = originRanges(tenant.batches.flatMap(({ copy }) => copy ?? []));
    const source = copies.length > 0 ? { ...range, copies } : range;
    const starts = [...windows.keys()].sort((a, b) => (a < b ? -1 : 1));
    return starts.map((start) => ({
      tenant: tenant.tenant,
      ...windows.get(start)!,
      window: { start, end: start + windowNs },
      source,
    }));
  });
}

/** Start of the window a time is in. */
export function windowStart(time: Nanos, windowNs: bigint): Nanos {
  const past = time % windowNs;
  return time - (past < 0n ? past + windowNs : past);
}

function cutWindows(tenant: MemtableTenant, windowNs: bigint): Map<Nanos, Part> {
  const only = onlyWindow(tenant, windowNs);
  if (only !== null) return new Map([[only, wholeTenant(tenant)]]);
  const windows = new Map<Nanos, WindowPart>();
  const add = (start: Nanos, piece: Piece, from: number, to: number): void => {
    getOrCreate(windows, start, () => new WindowPart()).add(piece, from, to);
  };
  for (const batch of tenant.batches) {
    const { times } = batch.entries;
    for (const piece of batch.pieces) {
      const start = windowStart(times[piece.oldest]!, windowNs);
      if (times[piece.newest]! < start + windowNs) add(start, piece, piece.from, piece.to);
      else cutPiece(piece, windowNs, add);
    }
  }
  return new Map([...windows].map(([start, part]) => [start, part.input()]));
}

/** The start of the window that all rows are in, which is what nearly every tenant has; null when there are several. */
function onlyWindow({ streams }: MemtableTenant, windowNs: bigint): Nanos | null {
  const start = windowStart(minTimeOf(streams[0]!), windowNs);
  const end = start + windowNs;
  return streams.every((stream) => minTimeOf(stream) >= start && maxTimeOf(stream) < end) ? start : null;
}

/** All of a tenant, under the numbers that its batches and streams have. */
function wholeTenant({ batches, streams }: MemtableTenant): Part {
  const runs = new Int32Array(batches.reduce((sum, { pieces }) => sum + 4 * pieces.length, 0));
  let at = 0;
  for (let b = 0; b < batches.length; b++) {
    for (const { from, to, id } of batches[b]!.pieces) {
      runs[at++] = b;
      runs[at++] = from;
      runs[at++] = to;
      runs[at++] = id;
    }
  }
  return { batches: batches.map(({ entries }) => entries), streams: streams.map(({ labels }) => ({ labels })), runs };
}

/** Hands over the stretches of a piece between two changes of window. */
function cutPiece(
  piece: Piece,
  windowNs: bigint,
  add: (start: Nanos, piece: Piece, from: number, to: number) => void,
): void {
  const { times } = piece.batch.entries;
  let from = piece.from;
  let start = windowStart(times[from]!, windowNs);
  for (let row = from + 1; row < piece.to; row++) {
    const time = times[row]!;
    if (time >= start && time < start + windowNs) continue;
    add(start, piece, from, row);
    from = row;
    start = windowStart(time, windowNs);
  }
  add(start, piece, from, piece.to);
}

type Part = Pick<BuildInput, 'batches' | 'streams' | 'runs'>;

/** What of one tenant lies in one window; batches and streams are numbered anew, so that nothing else travels along. */
class WindowPart {
  readonly #batches: EntriesBatch[] = [];
  readonly #streams: BuildInput['streams'][number][] = [];
  readonly #streamNumbers = new Map<number, number>();
  readonly #runs: number[] = [];
  #last: StoredBatch | null = null;

  add({ batch, id, stream }: Piece, from: number, to: number): void {
    if (this.#last !== batch) this.#batches.push(batch.entries);
    this.#last = batch;
    let number = this.#streamNumbers.get(id);
    if (number === undefined) {
      number = this.#streams.push({ labels: stream.labels }) - 1;
      this.#streamNumbers.set(id, number);
    }
    this.#runs.push(this.#batches.length - 1, from, to, number);
  }

  input(): Part {
    return { batches: this.#batches, streams: this.#streams, runs: Int32Array.from(this.#runs) };
  }
}
