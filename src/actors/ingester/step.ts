import { compileMatchers } from '../../execution/matchers.js';
import type { StreamMatcher } from '../../storage/metastore/types.js';
import { unreachable } from '../../wire/exhaustive.js';
import { asFault, fault } from '../../wire/fault.js';
import type { Reply } from '../../wire/message.js';
import type { TailSubscribe } from '../../wire/messages/following.js';
import type { LiveMemtable, LiveResolveMessage, LiveSnapshot } from '../../wire/messages/live.js';
import type { AppendMessage, AppendOwn } from '../../wire/messages/writing.js';
import { takeArrived } from './arrival.js';
import { hearOfBatches, releaseStored } from './copies/copies.js';
import { beginInquiry, hearInquiry, settleBeforeLeaving } from './copies/inquiry.js';
import { found, hearResend, own } from './copies/settle.js';
import type { IngesterEffect, IngesterEvent, IngesterMessage, ReplyTo } from './events.js';
import { answerFlushAsks, flushAll, isDue, isFull, jobFailed, jobStored, seal, startJobs } from './flushing.js';
import { beginGroup, publishGroup, refuseGroup } from './grouping.js';
import type { Readable } from './live.js';
import { forgetLog, forgetReleased } from './log-mark.js';
import { letGo, readLive, tableRead, tableUnread } from './logged/reading.js';
import { batchMemory } from './memtable.js';
import { type IngesterState, memoryInUse } from './state.js';
import { endDoubt, hearReplica, takeOver } from './takeover.js';

/** Changes the state by one event and returns what the world is asked to do, in order. `nowMs` never goes back. */
export function step(state: IngesterState, event: IngesterEvent, nowMs: number): IngesterEffect[] {
  const effects: IngesterEffect[] = [];
  apply(state, event, effects, nowMs);
  advance(state, effects, nowMs);
  return effects;
}

function apply(state: IngesterState, event: IngesterEvent, effects: IngesterEffect[], nowMs: number): void {
  switch (event.kind) {
    case 'recovered':
      takeOver(state, event.recovered, effects, nowMs);
      break;
    case 'received':
      receive(state, event.message, event.reply, effects, nowMs);
      break;
    case 'arrived':
      takeArrived(state, event.records, effects, nowMs);
      break;
    case 'wal.appended':
      publishGroup(state, effects, nowMs);
      break;
    case 'wal.failed':
      refuseGroup(state, event.fault, effects);
      break;
    case 'flush.stored':
      jobStored(state, event.job, event.bytes, effects);
      break;
    case 'flush.failed':
      jobFailed(state, event.job, event.fault, effects, nowMs);
      break;
    case 'answered':
      answered(state, event.token, event.reply, effects, nowMs);
      break;
    case 'copies.found':
      found(state, event.token, event.windows, effects, nowMs);
      break;
    case 'log.read':
      tableRead(state, event.table, event.records, effects);
      break;
    case 'log.unread':
      tableUnread(state, event.table, event.fault, effects, nowMs);
      break;
    case 'timer.fired':
      check(state, effects, nowMs);
      break;
    case 'drain':
      beginDraining(state);
      break;
    default:
      unreachable(event);
  }
}

/** Does whatever has become possible. */
function advance(state: IngesterState, effects: IngesterEffect[], nowMs: number): void {
  if (isFull(state)) seal(state, effects);
  beginGroup(state, effects, nowMs);
  const isDraining = state.phase === 'draining' && !state.group && state.waiting.length === 0;
  if (isDraining) {
    seal(state, effects);
    settleBeforeLeaving(state, effects, nowMs);
  }
  startJobs(state, effects, nowMs);
  answerFlushAsks(state, effects);
  releaseStored(state, effects);
  forgetReleased(state, effects);
  letGo(state, effects);
  if (!isDraining || state.sealed.length > 0 || !state.copies.upkeep.isSettled) return;
  state.phase = 'drained';
  effects.push({ kind: 'wal.rotate' });
  forgetLog(state, effects);
  effects.push({ kind: 'drained' });
}

function beginDraining(state: IngesterState): void {
  if (state.phase !== 'running') return;
  state.phase = 'draining';
  state.copies.upkeep.nextMs = Number.NEGATIVE_INFINITY;
}

function answered(state: IngesterState, token: number, reply: Reply, effects: IngesterEffect[], nowMs: number): void {
  const { asked } = state.copies.upkeep;
  const question = asked.get(token);
  asked.delete(token);
  switch (question?.kind) {
    case undefined:
      break;
    case 'restart':
      hearReplica(state, question.instance, reply, effects, nowMs);
      break;
    case 'inquiry':
      hearInquiry(state, question.instance, reply, effects, nowMs);
      break;
    case 'resend':
      hearResend(question.part, reply, nowMs);
      break;
    default:
      unreachable(question);
  }
}

/** An append or a flush is answered later; everything else at once. */
function receive(
  state: IngesterState,
  message: IngesterMessage,
  to: ReplyTo,
  effects: IngesterEffect[],
  nowMs: number,
): void {
  const reply = handle(state, message, to, effects, nowMs);
  if (reply) effects.push({ kind: 'reply', to, reply });
}

function handle(
  state: IngesterState,
  message: IngesterMessage,
  to: ReplyTo,
  effects: IngesterEffect[],
  nowMs: number,
): Reply | null {
  if (state.phase === 'starting') return refusal('the ingester is starting: its log is being read');
  switch (message.kind) {
    case 'append':
      return append(state, message, to, effects, nowMs);
    case 'append.own':
      return appendOwn(state, message, to, nowMs);
    case 'batches.release':
    case 'batches.owned':
    case 'batches.ask':
      return hearOfBatches(state, message, nowMs);
    case 'flush':
      flushAll(state, to, effects);
      return null;
    case 'live.resolve':
      return resolve(state, message, nowMs);
    case 'live.read':
      return readLive(state, message, to, effects);
    case 'live.release':
      state.snapshots.release(message.query);
      return { kind: 'ok' };
    case 'tail.subscribe':
      return subscribe(state, message, nowMs);
    case 'tail.credit':
      state.tails.credit(message.subscriber, message.bytes, effects);
      return { kind: 'ok' };
    case 'tail.unsubscribe':
      state.tails.unsubscribe(message.subscriber);
      return { kind: 'ok' };
    default:
      return unreachable(message);
  }
}

function append(
  state: IngesterState,
  { batch: buffer, copy, again }: AppendMessage,
  to: ReplyTo,
  effects: IngesterEffect[],
  nowMs: number,
): Reply | null {
  state.counters.appends++;
  const isHeld = copy !== undefined && copy.owner !== state.settings.instance;
  const refused = refuseAppend(state, batchMemory(buffer.byteLength), isHeld);
  if (refused) {
    state.counters.appendsRefused++;
    if (state.sealed.length === 0) seal(state, effects);
    return refused;
  }
  const waiting = { buffer, reply: to, receivedMs: nowMs };
  state.waiting.push(copy ? { ...waiting, copy, ...(again && { letIn: 'again' }) } : waiting);
  state.waitingBytes += batchMemory(buffer.byteLength);
  return null;
}

/** Whoever holds a part may be made its owner. */
function appendOwn(state: IngesterState, id: AppendOwn, to: ReplyTo, nowMs: number): Reply | null {
  const { owned, held, stored } = state.copies;
  if (owned.has(id) || stored.has(id)) return { kind: 'ok' };
  const part = held.get(id);
  if (!part) return { kind: 'fault', fault: fault('not-found', `part ${id.seq} of ${id.origin} is not held`) };
  if (state.phase !== 'running') return refusal('the ingester is shutting down');
  own(state, { buffer: part.buffer, copy: part.copy, letIn: 'promoted', reply: to, receivedMs: nowMs });
  return null;
}

/** Of the memory: with three copies two of three parts are held. */
const HELD_SHARE_MAX = 2 / 3;

/**
 * What is held leaves room for what is owned, whatever comes: a flush frees the latter, while the former goes only when its
 * owner takes it, so that instances full of each other's parts would wait for each other for ever.
 */
function refuseAppend(state: IngesterState, bytes: number, isHeld: boolean): Reply | null {
  if (state.phase !== 'running') return refusal('the ingester is shutting down');
  const { memoryBytesMax } = state.settings;
  const heldMax = memoryBytesMax * HELD_SHARE_MAX;
  const held = state.copies.held.memoryBytes;
  const inUse = memoryInUse(state) - held + Math.min(held, heldMax);
  const isTooMuchHeld = isHeld && held + state.waitingBytes + bytes > heldMax;
  if (!isTooMuchHeld && inUse + bytes <= memoryBytesMax) return null;
  return refusal('the ingester holds as much as it may until a flush has finished: try again');
}

/** Oldest first. An entry is in exactly one of them, or in an object that covers its memtable. */
function resolve(state: IngesterState, message: LiveResolveMessage, nowMs: number): Reply {
  let matchers: readonly StreamMatcher[];
  try {
    matchers = compileMatchers(message.matchers);
  } catch (error) {
    return { kind: 'fault', fault: fault('bad-request', asFault(error).message) };
  }
  const request = { tenant: message.tenant, range: message.range, matchers };
  const untilMs = nowMs + state.settings.liveRetentionMs;
  const memtables: LiveMemtable[] = [];
  const readable: readonly Readable[] = state.active
    ? [...state.sealed, { table: state.active, toSeq: state.settledSeq }]
    : state.sealed;
  for (const memtable of readable) {
    const found = state.snapshots.take(message.query, memtable, request, untilMs);
    if (found) memtables.push(found);
  }
  const { held } = state.copies;
  for (const { replicas, ...table } of held.tables(message.tenant, message.heldOf ?? [], nowMs)) {
    const found = state.snapshots.take(message.query, table, request, untilMs);
    if (found) memtables.push({ ...found, held: replicas });
  }
  const { instance: ingester } = state.settings;
  const holdsOf = held.owners(message.tenant, message.range);
  const snapshot: LiveSnapshot = {
    ...{ ingester, memtables, throughSeq: state.settledSeq },
    ...(holdsOf.length > 0 && { holdsOf }),
    ...(state.doubtfulUntilMs !== null && { doubtful: true, ...(state.isDamaged && { damaged: true }) }),
  };
  return { kind: 'live', snapshot };
}

function subscribe(state: IngesterState, message: TailSubscribe, nowMs: number): Reply {
  try {
    state.tails.subscribe(message, nowMs);
    return { kind: 'ok' };
  } catch (error) {
    return { kind: 'fault', fault: fault('bad-request', asFault(error).message) };
  }
}

function check(state: IngesterState, effects: IngesterEffect[], nowMs: number): void {
  state.snapshots.expire(nowMs);
  state.tails.expire(nowMs);
  if (isDue(state, nowMs)) seal(state, effects);
  beginInquiry(state, effects, nowMs);
  endDoubt(state, effects, nowMs);
  if (state.phase !== 'drained') effects.push(checkLater(state));
}

function checkLater(state: IngesterState): IngesterEffect {
  return { kind: 'timer.set', afterMs: state.settings.flushCheckPeriodMs };
}

function refusal(why: string): Reply {
  return { kind: 'fault', fault: fault('unavailable', why) };
}
