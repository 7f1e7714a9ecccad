import type { BatchCopy } from '../../wire/batch-copy.js';
import type { EntriesBatch } from '../../wire/entries.js';
import type { Labels } from '../../wire/labels.js';
import type { LateTimes } from './late-times.js';
import type { MemtableStream } from './memtable.js';
import { Pieces } from './pieces.js';
import type { RowSet } from './row-set.js';
import { Runs } from './runs.js';

/** A batch in memory: written to the log under `seq`, or about to be. */
export interface StoredBatch {
  readonly seq: number;
  readonly entries: EntriesBatch;
  readonly runs: Runs;
  /** Those of `runs`, as they are read for each row. */
  readonly words: Int32Array;
  /** All of `entries.buffer`. */
  readonly view: DataView;
  /** By their numbers in `entries`, which does not name them; null for those without rows. */
  readonly streams: readonly (ActiveStream | null)[];
  /** Its name where entries are replicated. */
  copy: BatchCopy | null;
  /** The memtable that holds it and the position there; -1 until its sync. */
  memtable: number;
  index: number;
}

const NO_NAMES: readonly string[] = [];

/** The batch has its streams themselves; the names it came with are let go. */
export function storedBatch(
  opened: EntriesBatch,
  streams: readonly (ActiveStream | null)[],
  seq: number,
  runs = new Runs(opened),
): StoredBatch {
  const entries = { ...opened, streams: NO_NAMES };
  const { words } = runs;
  return { seq, entries, runs, words, view: new DataView(opened.buffer), streams, copy: null, memtable: -1, index: -1 };
}

/**
 * What is known of a stream as long as any of its rows are in memory, across memtables. Rows whose sync is still to come
 * are included: a row is a duplicate of those as well.
 */
export interface ActiveStream {
  readonly tenant: string;
  /** Canonical label text. */
  readonly key: string;
  readonly labels: Labels;
  readonly pieces: Pieces;
  /** Words of the newest time in `pieces`, and where the first row of that time is: in which batch. */
  newestHigh: number;
  newestLow: number;
  tail: StoredBatch | null;
  tailRow: number;
  /** Since a row came late. */
  late: LateTimes | null;
  /** Rows by hash, where so many have one time that they are not compared one by one. */
  seen: RowSet | null;
  isDense: boolean;
  /** Where its rows are in the youngest memtable that has any. */
  current: MemtableStream | null;
  /** Bytes the stream may still take at once, as of `refilledMs`. */
  tokens: number;
  refilledMs: number;
}

export function newStream(tenant: string, key: string, labels: Labels): ActiveStream {
  return {
    tenant,
    key,
    labels,
    pieces: new Pieces(),
    ...NOTHING_YET,
    late: null,
    seen: null,
    isDense: false,
    current: null,
    tokens: Number.POSITIVE_INFINITY,
    refilledMs: Number.NEGATIVE_INFINITY,
  };
}

/** The newest time of a stream without rows: older than any. */
const NOTHING_YET = { newestHigh: -(2 ** 31) - 1, newestLow: 0, tail: null, tailRow: 0 };

/**
 * Forgets the rows of one memtable, so many in so many pieces, and refers to its memory no longer. Should the newest of all have been
 * among them, what stays in `newest` is a bound: rows up to it are compared with all that is left, which is slower and as right.
 */
export function forgetRows(stream: ActiveStream, memtable: number, { pieces, rows }: Forgotten): void {
  // They are beside each other, since memtables follow each other; those of the oldest one come first.
  const first = stream.pieces.batches.findIndex((batch) => batch.memtable === memtable);
  if (first >= 0) stream.pieces.remove(first, pieces);
  if (first !== 0 || !stream.seen?.forget(pieces, rows)) stream.seen = null;
  if (first === 0) stream.late?.forget(pieces);
  else stream.late = null;
  if (stream.tail?.memtable === memtable) stream.tail = null;
}

/** What a memtable has of a stream. */
export interface Forgotten {
  readonly pieces: number;
  readonly rows: number;
}
