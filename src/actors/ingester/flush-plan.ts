import type { BuildInput } from '../../storage/dataobj/types.js';
import type { EntriesBatch } from '../../wire/entries.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { originRanges } from '../../wire/origin-ranges.js';
import { type Nanos, NS_PER_MS } from '../../wire/time.js';
import type { MemtableTenant, SealedMemtable } from './memtable.js';
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
      ...windows.get(start)!.input(),
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

function cutWindows(tenant: MemtableTenant, windowNs: bigint): Map<Nanos, WindowPart> {
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
  return windows;
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

/** Threads get copies of all but shared memory: runs say which stream is whose, names of each batch's would only travel along. */
const NO_NAMES: readonly string[] = [];

/** What of one tenant lies in one window; batches and streams are numbered anew, so that nothing else travels along. */
class WindowPart {
  readonly #batches: EntriesBatch[] = [];
  readonly #streams: BuildInput['streams'][number][] = [];
  readonly #streamNumbers = new Map<number, number>();
  readonly #runs: number[] = [];
  #last: StoredBatch | null = null;

  add({ batch, id, stream }: Piece, from: number, to: number): void {
    if (this.#last !== batch) this.#batches.push({ ...batch.entries, streams: NO_NAMES });
    this.#last = batch;
    let number = this.#streamNumbers.get(id);
    if (number === undefined) {
      number = this.#streams.push({ labels: stream.labels }) - 1;
      this.#streamNumbers.set(id, number);
    }
    this.#runs.push(this.#batches.length - 1, from, to, number);
  }

  input(): Pick<BuildInput, 'batches' | 'streams' | 'runs'> {
    return { batches: this.#batches, streams: this.#streams, runs: Int32Array.from(this.#runs) };
  }
}
