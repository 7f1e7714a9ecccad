/**
 * From an append to a batch that may go to the log: limits, then duplicates. Both are settled before the batch is
 * written, so that a replay of the log needs to know neither; a batch that loses rows is encoded anew, which is rare.
 */
import { type EntriesBatch, openEntries } from '../../wire/entries.js';
import { type Fault, fault } from '../../wire/fault.js';
import { type Admitted, admit, type Rejection, streamsOf } from './admission.js';
import type { HeldPart } from './copies/held-part.js';
import { takeRows } from './duplicates.js';
import type { StreamRegistry } from './registry.js';
import { Runs } from './runs.js';
import type { IngesterState } from './state.js';
import { type ActiveStream, type StoredBatch, storedBatch } from './stream.js';
import { withoutRows } from './subset.js';
import { Undo } from './undo.js';

/** What became of one append. */
export interface Staged {
  /** Null when nothing of it needs to be written. */
  readonly batch: StoredBatch | null;
  /** The answer once the group is durable; null is `ok`. */
  readonly fault: Fault | null;
  /** Where it is held for another instance instead. */
  readonly held?: HeldPart;
  /** Goes before the batch in the log. */
  readonly head?: Uint8Array;
}

/** What was looked up of a batch before. */
interface KnownRuns {
  readonly streams: readonly (ActiveStream | null)[] | null;
  readonly runs?: Runs;
}

/** Where rows are taken into. */
export interface Streams {
  readonly registry: StreamRegistry;
  readonly counters: { duplicateRows: number; unreadableRecords: number };
}

/**
 * Takes an append's rows into their streams as not yet durable. `undo` collects what `unstage` needs. To what was `letIn`
 * before no limit applies.
 */
export function stage(
  state: IngesterState,
  buffer: SharedArrayBuffer,
  undo: Undo,
  nowMs: number,
  letIn = false,
): Staged {
  const before = undo.length;
  let entries: EntriesBatch | null = null;
  try {
    entries = openEntries(buffer);
    if (state.recent.has(entries.tenant, buffer)) {
      state.counters.duplicateRows += entries.rows;
      return { batch: null, fault: null };
    }
    const runs = new Runs(entries);
    const { streams, rejections } = letIn ? LET_IN : admitEntries(state, entries, runs, nowMs);
    const admitted = withoutRuns(entries, rejections);
    const known = admitted === entries ? { streams, runs } : NOTHING_KNOWN;
    const batch = admitted && takeBatch(state, admitted, state.nextSeq, undo, known);
    if (batch) state.nextSeq++;
    if (!batch || rejections.length > 0) releaseEmpty(state, entries);
    return { batch, fault: rejectionFault(rejections) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    unstage(state, undo, before);
    if (entries) releaseEmpty(state, entries);
    return { batch: null, fault: fault('bad-request', error.message) };
  }
}

const NOTHING_KNOWN = { streams: null };
const LET_IN = { streams: null, rejections: [] };

/** Takes back what was staged, or what of it was noted from the `from`-th on. */
export function unstage({ registry }: Pick<Streams, 'registry'>, undo: Undo, from = 0): void {
  for (const stream of undo.takeBack(from)) registry.releaseIfEmpty(stream);
}

/**
 * Adds the rows of a batch to their streams, which are looked up unless `known`. Rows that are there already are left
 * out; null when that is all of them. Throws a RangeError when a stream's name is no label text.
 */
export function takeBatch(
  into: Streams,
  entries: EntriesBatch,
  seq: number,
  undo: Undo,
  known: KnownRuns = NOTHING_KNOWN,
): StoredBatch | null {
  const streams = known.streams ?? streamsOf(into.registry, entries);
  const batch = storedBatch(entries, streams, seq, known.runs);
  const duplicates: number[] = [];
  const before = undo.length;
  for (let s = 0; s < streams.length; s++) {
    const stream = streams[s]!;
    if (!stream) continue;
    undo.note(stream);
    takeRows(stream, batch, s, duplicates);
  }
  if (duplicates.length === 0) return batch;
  into.counters.duplicateRows += duplicates.length;
  undo.takeBack(before);
  const drop = new Uint8Array(entries.rows);
  for (const row of duplicates) drop[row] = 1;
  const kept = withoutRows(entries, drop);
  return kept && takeBatch(into, kept, seq, undo);
}

/** Null when all rows of the record are duplicates, or when it names a stream in a way nobody understands. */
export function takeRecord(into: Streams, entries: EntriesBatch, seq: number): StoredBatch | null {
  const undo = new Undo();
  try {
    return takeBatch(into, entries, seq, undo);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    unstage(into, undo);
    releaseEmpty(into, entries);
    into.counters.unreadableRecords++;
    return null;
  }
}

function admitEntries(state: IngesterState, entries: EntriesBatch, runs: Runs, nowMs: number): Admitted {
  const rules = { limits: state.limits(entries.tenant), errorsMax: state.settings.maxReturnedStreamErrors };
  const admitted = admit(state.registry, entries, runs, rules, nowMs);
  for (const { reason, from, to } of admitted.rejections) state.discarded.add(reason, entries, from, to);
  return admitted;
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
export function releaseEmpty({ registry }: Pick<Streams, 'registry'>, { tenant, streams }: EntriesBatch): void {
  for (const key of streams) {
    const stream = registry.get(tenant, key);
    if (stream) registry.releaseIfEmpty(stream);
  }
}
