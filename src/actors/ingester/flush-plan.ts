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
  const windows = new Map<Nanos, WindowPart>();
  const partOf = (start: Nanos): WindowPart => getOrCreate(windows, start, () => new WindowPart(tenant.streams.length));
  // A stream is in one window, nearly always, and then nobody looks at the times of its pieces.
  const homes = tenant.streams.map((stream) => {
    const start = windowStart(minTimeOf(stream), windowNs);
    return maxTimeOf(stream) < start + windowNs ? partOf(start) : null;
  });
  const [only] = windows.keys();
  if (only !== undefined && windows.size === 1 && !homes.includes(null)) return new Map([[only, wholeTenant(tenant)]]);
  for (const { pieces } of tenant.batches) {
    for (const piece of pieces) {
      const home = homes[piece.id];
      if (home) home.add(piece, piece.from, piece.to);
      else cutPiece(piece, windowNs, partOf);
    }
  }
  return new Map([...windows].map(([start, part]) => [start, part.input()]));
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

/** Gives each window the stretches of a piece between two changes of window. */
function cutPiece(piece: Piece, windowNs: bigint, partOf: (start: Nanos) => WindowPart): void {
  const { times } = piece.batch.entries;
  let from = piece.from;
  let start = windowStart(times[piece.oldest]!, windowNs);
  if (times[piece.newest]! >= start + windowNs) {
    start = windowStart(times[from]!, windowNs);
    for (let row = from + 1; row < piece.to; row++) {
      const time = times[row]!;
      if (time >= start && time < start + windowNs) continue;
      partOf(start).add(piece, from, row);
      from = row;
      start = windowStart(time, windowNs);
    }
  }
  partOf(start).add(piece, from, piece.to);
}

type Part = Pick<BuildInput, 'batches' | 'streams' | 'runs'>;

/** What of one tenant lies in one window; batches and streams are numbered anew, so that nothing else travels along. */
class WindowPart {
  readonly #batches: EntriesBatch[] = [];
  readonly #streams: BuildInput['streams'][number][] = [];
  /** By id; -1 for those that are not in it. */
  readonly #streamNumbers: Int32Array;
  readonly #runs: number[] = [];
  #last: StoredBatch | null = null;

  /** `streams`: of the tenant. */
  constructor(streams: number) {
    this.#streamNumbers = new Int32Array(streams).fill(-1);
  }

  add({ batch, id, stream }: Piece, from: number, to: number): void {
    if (this.#last !== batch) this.#batches.push(batch.entries);
    this.#last = batch;
    if (this.#streamNumbers[id] === -1) this.#streamNumbers[id] = this.#streams.push({ labels: stream.labels }) - 1;
    this.#runs.push(this.#batches.length - 1, from, to, this.#streamNumbers[id]!);
  }

  input(): Part {
    return { batches: this.#batches, streams: this.#streams, runs: Int32Array.from(this.#runs) };
  }
}
