import type { BatchCopy } from '../../wire/batch-copy.js';
import type { EntriesBatch } from '../../wire/entries.js';
import type { Reply } from '../../wire/message.js';
import { byReplica } from './copies/copies.js';
import { strayPart } from './copies/held-part.js';
import { askAbout, Verdicts } from './copies/inquiry.js';
import { PartMap } from './copies/part-ranges.js';
import { notStored } from './copies/proof.js';
import type { IngesterEffect, Recovered } from './events.js';
import { isFull, seal } from './flushing.js';
import { forgetLog } from './log-mark.js';
import { type FoundSegment, stretchesOf } from './logged/choose.js';
import { type LabelReader, LoggedTable, newLabelReader } from './logged/logged-table.js';
import { Memtable } from './memtable.js';
import { takeRecord } from './staging.js';
import type { IngesterState } from './state.js';

/** What of a log has to be taken over, until the replicas of its owner's parts have been asked about these. */
export interface Recovery {
  /** Whether the log held nothing at all. */
  readonly isEmpty: boolean;
  readonly records: readonly LeftRecord[];
  /** What stays in the log, oldest first. */
  readonly left: readonly FoundSegment[];
  readonly verdicts: Verdicts;
}

/** A record without the rows that objects have. */
interface LeftRecord {
  readonly seq: number;
  readonly entries: EntriesBatch;
  /** With all its rows: a retry of them is known by it. */
  readonly whole: EntriesBatch;
  readonly copy: BatchCopy | null;
}

/**
 * Takes over what the log held, but for rows that objects hold already: the process died between listing these objects and
 * forgetting the log. It goes to memtables of the usual size, or stays in the log until it becomes objects. No limit is applied: these
 * entries were acknowledged. Parts that others may have taken over meanwhile are asked about first.
 */
export function takeOver(state: IngesterState, recovered: Recovered, effects: IngesterEffect[], nowMs: number): void {
  const { lastSeq, truncatedSeq, unreadable } = recovered;
  state.counters.unreadableRecords += unreadable;
  if (recovered.isDoubtful) state.doubtfulUntilMs = nowMs + doubtMs(state);
  state.isDamaged = recovered.isDamaged === true;
  state.nextSeq = lastSeq + 1;
  state.settledSeq = lastSeq;
  state.truncatedSeq = truncatedSeq;
  state.activeFromSeq = truncatedSeq + 1;
  const records = leftRecords(state, recovered, nowMs);
  const { left = [] } = recovered;
  const isEmpty = recovered.batches.length === 0 && left.length === 0;
  state.recovery = { isEmpty, records, left, verdicts: new Verdicts() };
  const owned = records.flatMap(({ copy }) => (copy && isOwn(state, copy) ? copy : []));
  const { instance } = state.settings;
  for (const [replica, parts] of byReplica(owned, instance)) askAbout(state, 'restart', replica, parts, effects);
  if (state.copies.upkeep.asked.size === 0) finish(state, effects, nowMs);
}

/** Tells the log that it is whole again, when it is time. */
export function endDoubt(state: IngesterState, effects: IngesterEffect[], nowMs: number): void {
  if (state.phase !== 'running' || state.doubtfulUntilMs === null || nowMs < state.doubtfulUntilMs) return;
  state.doubtfulUntilMs = null;
  effects.push({ kind: 'wal.trust' });
}

/** By then holders have asked about every part they held when this instance started, and sent again what it lacks. */
function doubtMs({ settings: { heldAskAfterMs, heldAskPeriodMs, peerTimeoutMs } }: IngesterState): number {
  return heldAskAfterMs + 2 * (heldAskPeriodMs + peerTimeoutMs);
}

/** What a replica knows of the parts in the log, or that it did not answer. */
export function hearReplica(
  state: IngesterState,
  replica: string,
  reply: Reply,
  effects: IngesterEffect[],
  nowMs: number,
): void {
  if (reply.kind === 'batches.status') state.recovery!.verdicts.add(replica, reply.status);
  if (state.copies.upkeep.asked.size === 0) finish(state, effects, nowMs);
}

function isOwn({ settings }: IngesterState, { owner }: BatchCopy): boolean {
  return owner === settings.instance;
}

/** Of a part that is in the log as held and as owned, only the latter is left. */
function leftRecords(state: IngesterState, recovered: Recovered, nowMs: number): LeftRecord[] {
  const { batches } = recovered;
  const { stored } = state.copies;
  const owned = new PartMap<true>();
  for (const { copy } of batches) if (copy && isOwn(state, copy)) owned.set(copy, true);
  return batches.flatMap((record) => {
    const { seq, copy = null } = record;
    if (copy && !isOwn(state, copy) && owned.has(copy)) return [];
    const left = 'entries' in record ? notStored(record, recovered, state.settings.objectWindowMs) : null;
    if ('entries' in record && left) return [{ seq, entries: left, whole: record.entries, copy }];
    if (copy) stored.add(copy);
    if (copy && !isOwn(state, copy)) return [];
    if ('entries' in record) remember(state, record.entries, nowMs);
    else state.recent.addKnown(record, nowMs);
    return [];
  });
}

/** What it has, in memory or in objects, is not to be had twice. Of what it only holds for another the same may come to own. */
function remember({ recent }: IngesterState, { tenant, buffer }: EntriesBatch, nowMs: number): void {
  recent.add(tenant, buffer, nowMs);
}

function finish(state: IngesterState, effects: IngesterEffect[], nowMs: number): void {
  const { isEmpty, records, left, verdicts } = state.recovery!;
  const { owned, held, stored } = state.copies;
  state.recovery = null;
  state.phase = 'running';
  const inMemory: BatchCopy[] = [];
  const labelsOf = newLabelReader();
  const stretches = stretchesOf(left);
  let next = 0;
  const leaveBefore = (seq: number): void => {
    for (; next < left.length && left[next]!.made.firstSeq < seq; next++)
      leave(state, { segment: left[next]!, stretch: stretches[next]! }, labelsOf, effects, nowMs);
  };
  for (const { seq, entries, whole, copy } of records) {
    leaveBefore(seq);
    const isOwned = copy !== null && isOwn(state, copy);
    if (isOwned && verdicts.isStored(copy)) {
      remember(state, whole, nowMs);
      stored.add(copy);
      continue;
    }
    const owner = isOwned ? verdicts.ownerOf(copy) : copy?.owner;
    if (copy && owner !== undefined) {
      if (!held.has(copy)) held.add(strayPart({ ...copy, owner }, entries, seq, nowMs));
      continue;
    }
    remember(state, whole, nowMs);
    const batch = takeRecord(state, entries, seq);
    if (copy && batch) owned.add(copy, seq);
    else if (copy) inMemory.push(copy);
    if (!batch) continue;
    batch.copy = copy;
    state.active ??= new Memtable(++state.memtables, state.activeFromSeq, nowMs);
    state.active.add(batch, nowMs);
    state.counters.recoveredRows += batch.entries.rows;
    state.counters.recoveredBytes += batch.runs.rawBytes;
    if (isFull(state)) seal(state, effects, seq);
  }
  leaveBefore(Number.POSITIVE_INFINITY);
  for (const copy of inMemory) owned.add(copy, state.settledSeq);
  if (!state.active && state.sealed.length === 0 && !isEmpty) {
    state.activeFromSeq = state.settledSeq + 1;
    forgetLog(state, effects);
  }
  effects.push({ kind: 'ready' }, { kind: 'timer.set', afterMs: state.settings.flushCheckPeriodMs });
}

/** A segment of the log becomes a table of its own, behind what is in memory of the log before it. */
function leave(
  state: IngesterState,
  { segment, stretch }: { readonly segment: FoundSegment; readonly stretch: number },
  labelsOf: LabelReader,
  effects: IngesterEffect[],
  nowMs: number,
): void {
  const { firstSeq, lastSeq, tenants } = segment.made;
  seal(state, effects, firstSeq - 1);
  const table = new LoggedTable({ id: ++state.memtables, fromSeq: state.activeFromSeq, stretch }, segment, labelsOf);
  state.sealed.push({ table, toSeq: lastSeq, todo: [], running: 0, isPlanned: false });
  state.activeFromSeq = lastSeq + 1;
  state.counters.recoveredRows += table.rows;
  state.counters.recoveredBytes += table.rawBytes;
  for (const { tenant, lengths, fingerprints } of tenants) {
    lengths.forEach(
      (length, i) => void state.recent.addKnown({ tenant, length, fingerprint: fingerprints[i]! }, nowMs),
    );
  }
}
