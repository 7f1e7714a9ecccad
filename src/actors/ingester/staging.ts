/**
 * From an append to a batch that may go to the log: limits, then duplicates. Both are settled before the batch is
 * written, so that a replay of the log needs to know neither; a batch that loses rows is encoded anew, which is rare.
 */
import { type EntriesBatch, openEntries } from '../../wire/entries.js';
import { type Fault, fault } from '../../wire/fault.js';
import { admit, type Rejection, registerStream } from './admission.js';
import { takeRows } from './duplicates.js';
import { appendKey } from './recent.js';
import type { IngesterState } from './state.js';
import { type Checkpoint, checkpoint, restore, type StoredBatch } from './stream.js';
import { withoutRows } from './subset.js';

/** What became of one append. */
export interface Staged {
  /** Null when nothing of it needs to be written. */
  readonly batch: StoredBatch | null;
  /** The answer once the group is durable; null is `ok`. */
  readonly fault: Fault | null;
  /** By which to know the same append again, once it is durable. Null when it should be judged again. */
  readonly key: string | null;
}

/** Takes an append's rows into their streams as not yet durable. `undo` collects what `unstage` needs. */
export function stage(state: IngesterState, buffer: SharedArrayBuffer, undo: Checkpoint[], nowMs: number): Staged {
  const before = undo.length;
  let entries: EntriesBatch | null = null;
  try {
    entries = openEntries(buffer);
    checkStreams(entries);
    const key = appendKey(entries.tenant, new Uint8Array(buffer), state.fingerprint);
    if (state.recent.has(key)) {
      state.counters.duplicateRows += entries.rows;
      return { batch: null, fault: null, key };
    }
    const rejections = reject(state, entries, nowMs);
    const admitted = withoutRuns(entries, rejections);
    const batch = admitted && takeBatch(state, admitted, state.nextSeq, undo);
    if (batch) state.nextSeq++;
    if (!batch || rejections.length > 0) releaseEmpty(state, entries);
    return { batch, fault: rejectionFault(rejections), key: rejections.length === 0 ? key : null };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    unstage(state, undo.splice(before));
    if (entries) releaseEmpty(state, entries);
    return { batch: null, fault: fault('bad-request', error.message), key: null };
  }
}

/** Takes back what was staged; the latest first. */
export function unstage(state: IngesterState, undo: Checkpoint[]): void {
  for (const one of undo.reverse()) restore(one);
  for (const { stream } of undo) state.registry.releaseIfEmpty(stream);
}

/**
 * Adds the rows of a batch to their streams. Rows that are there already are left out; null when that is all of them.
 * Throws a RangeError when a stream's name is no label text.
 */
export function takeBatch(
  state: IngesterState,
  entries: EntriesBatch,
  seq: number,
  undo: Checkpoint[],
): StoredBatch | null {
  const batch = emptyBatch(entries, seq);
  const duplicates: number[] = [];
  const before = undo.length;
  let from = 0;
  entries.streams.forEach((key, s) => {
    const to = entries.streamEnds[s]!;
    if (to === from) return;
    const stream = state.registry.get(entries.tenant, key) ?? registerStream(state.registry, entries.tenant, key);
    undo.push(checkpoint(stream));
    takeRows(stream, batch, from, to, duplicates);
    batch.pieces.push(stream.pieces.at(-1)!);
    from = to;
  });
  if (duplicates.length === 0) return batch;
  state.counters.duplicateRows += duplicates.length;
  for (const one of undo.splice(before).reverse()) restore(one);
  const drop = new Uint8Array(entries.rows);
  for (const row of duplicates) drop[row] = 1;
  const kept = withoutRows(entries, drop);
  return kept && takeBatch(state, kept, seq, undo);
}

function emptyBatch(entries: EntriesBatch, seq: number): StoredBatch {
  const { times } = entries;
  const words = new Int32Array(times.buffer, times.byteOffset, times.length * 2);
  return { seq, entries, words, pieces: [], memtable: -1, index: -1 };
}

function checkStreams({ streamEnds, rows }: EntriesBatch): void {
  let from = 0;
  for (const to of streamEnds) {
    if (to < from) throw new RangeError('entries batch: rows of streams overlap');
    from = to;
  }
  if (from !== rows) throw new RangeError('entries batch: rows without a stream');
}

function reject(state: IngesterState, entries: EntriesBatch, nowMs: number): readonly Rejection[] {
  const limits = state.limits(entries.tenant);
  const rejections: Rejection[] = [];
  let from = 0;
  entries.streams.forEach((key, s) => {
    const to = entries.streamEnds[s]!;
    const run = { key, from, to };
    from = to;
    if (run.to === run.from) return;
    const rejection = admit(state.registry, entries, run, limits, nowMs, state.settings.maxReturnedStreamErrors);
    if (!rejection) return;
    state.discarded.add(rejection.reason, entries, rejection.from, rejection.to);
    rejections.push(rejection);
  });
  return rejections;
}

function withoutRuns(entries: EntriesBatch, rejections: readonly Rejection[]): EntriesBatch | null {
  if (rejections.length === 0) return entries.rows > 0 ? entries : null;
  const drop = new Uint8Array(entries.rows);
  for (const { from, to } of rejections) drop.fill(1, from, to);
  return withoutRows(entries, drop);
}

function rejectionFault(rejections: readonly Rejection[]): Fault | null {
  if (rejections.length === 0) return null;
  return fault('limited', rejections.map((rejection) => rejection.message).join('\n'));
}

/** Streams that were registered for rows they did not get. */
function releaseEmpty({ registry }: IngesterState, { tenant, streams }: EntriesBatch): void {
  for (const key of streams) {
    const stream = registry.get(tenant, key);
    if (stream) registry.releaseIfEmpty(stream);
  }
}
