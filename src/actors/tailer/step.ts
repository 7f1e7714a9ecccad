import { unreachable } from '../../wire/exhaustive.js';
import { type Fault, fault } from '../../wire/fault.js';
import type { Reply } from '../../wire/message.js';
import type { TailData } from '../../wire/messages/following.js';
import type { StreamResult } from '../../wire/query.js';
import { faultReply } from '../runtime/router.js';
import { byTime } from './entries.js';
import type { Chunk, TailEffect, TailEntry, TailEvent, TailState } from './state.js';

const MAX_DURATION_MESSAGE = 'reached tail max duration limit';

const NOTHING: Reply = { kind: 'tail.frame', frame: { streams: [], dropped: [] } };

/** Changes a tail by one event and returns what the world is asked to do, in order. `nowMs` never goes back. */
export function step(state: TailState, event: TailEvent, nowMs: number): TailEffect[] {
  const effects: TailEffect[] = [];
  if (state.isEnded) {
    if (event.kind === 'next') effects.push({ kind: 'reply', to: event.reply, reply: faultReply(endOf(state)) });
    return effects;
  }
  apply(state, event, effects, nowMs);
  advance(state, effects, nowMs);
  return effects;
}

/** When a `timer` event is due, should nothing else happen before. */
export function wakeMs(state: TailState): number {
  if (state.isEnded) return Number.POSITIVE_INFINITY;
  const { settings, heardMs, asked, endsMs, renewMs, watchMs } = state;
  const answer = heardMs + (asked ? settings.pollMs : settings.leaseMs);
  return Math.min(endsMs, renewMs, watchMs, answer, mayEvaluate(state) ? state.evaluateMs : endsMs, dueMs(state));
}

function apply(state: TailState, event: TailEvent, effects: TailEffect[], nowMs: number): void {
  switch (event.kind) {
    case 'history':
      state.history = event.history;
      show(state, event.streams);
      break;
    case 'data':
      arrive(state, event.message, nowMs);
      break;
    case 'subscribed':
      state.isMissing = true;
      break;
    case 'missed':
      state.isReadingMissed = false;
      show(state, event.streams);
      break;
    case 'evaluated':
      state.evaluating = false;
      hold(state, state.rows?.fresh(event.streams) ?? event.streams, event.chunk, effects);
      break;
    case 'failed':
      finish(state, event.fault, effects);
      break;
    case 'next':
      if (state.asked) effects.push({ kind: 'reply', to: state.asked, reply: NOTHING });
      state.asked = event.reply;
      state.heardMs = nowMs;
      break;
    case 'closed':
      finish(state, null, effects);
      break;
    case 'timer':
      break;
    default:
      unreachable(event);
  }
}

/** Does whatever has become possible. */
function advance(state: TailState, effects: TailEffect[], nowMs: number): void {
  if (state.isEnded) return;
  if (nowMs >= state.endsMs) return finish(state, fault('timeout', MAX_DURATION_MESSAGE), effects);
  if (!state.asked && nowMs >= state.heardMs + state.settings.leaseMs) return finish(state, null, effects);
  if (nowMs >= state.renewMs) {
    state.renewMs = nowMs + state.settings.renewMs;
    effects.push({ kind: 'renew' });
  }
  if (nowMs >= state.watchMs) {
    state.watchMs = nowMs + state.settings.watchMs;
    effects.push({ kind: 'watch' });
  }
  readMissed(state, effects);
  release(state, nowMs);
  answer(state, effects, nowMs);
  startEvaluation(state, effects, nowMs);
}

/** Rows that wait for nothing. */
function show(state: TailState, streams: readonly StreamResult[]): void {
  for (const stream of state.rows?.fresh(streams) ?? streams) state.ready.push({ stream, chunk: null });
}

/** Once what was asked for first is here, since all that came before that is in it. */
function readMissed(state: TailState, effects: TailEffect[]): void {
  if (!state.isMissing || state.isReadingMissed || !state.rows || !state.history) return;
  state.isMissing = false;
  state.isReadingMissed = true;
  effects.push({ kind: 'read.missed', after: state.rows.forgottenTime });
}

function arrive(state: TailState, message: TailData, nowMs: number): void {
  const { ingester, number } = message;
  // Also when it has started anew: then it counts from 0.
  if (number !== (state.numbers.get(ingester) ?? 0)) state.isMissing = true;
  state.numbers.set(ingester, number + 1);
  for (const one of message.dropped) if (state.dropped.length < state.settings.droppedMax) state.dropped.push(one);
  if (message.batches.length > 0) state.waiting.push({ message, atMs: nowMs });
}

function mayEvaluate({ history, evaluating, waiting, ready, settings }: TailState): boolean {
  return history !== null && !evaluating && waiting.length > 0 && ready.length < settings.readyEntriesMax;
}

/** As many as may be looked at in one go, at least one. */
function startEvaluation(state: TailState, effects: TailEffect[], nowMs: number): void {
  const { history, waiting, settings } = state;
  if (!history || !mayEvaluate(state) || nowMs < state.evaluateMs) return;
  let bytes = 0;
  let count = 0;
  while (count < waiting.length && (count === 0 || bytes < settings.evaluatedBytesMax)) {
    bytes += waiting[count++]!.message.bytes;
  }
  const taken = waiting.splice(0, count);
  state.evaluating = true;
  state.evaluateMs = nowMs + settings.gatherMs;
  const messages = taken.map(({ message }) => message);
  const chunk = { credits: messages, arrivedMs: taken.at(-1)!.atMs, left: 0 };
  effects.push({ kind: 'evaluate', messages, history, chunk });
}

function hold(state: TailState, streams: readonly StreamResult[], chunk: Chunk, effects: TailEffect[]): void {
  chunk.left = streams.length;
  if (streams.length === 0) return giveBack(chunk, effects);
  state.holding.push(chunk);
  for (const stream of streams) state.held.push({ stream, chunk });
  state.held.sort((a, b) => byTime(a.stream, b.stream));
}

/** An entry that has been held long enough goes, and all that are older with it: they would be late otherwise. */
function release(state: TailState, nowMs: number): void {
  const { held, holding } = state;
  if (nowMs < dueMs(state)) return;
  while (holding.length > 0 && nowMs >= dueMs(state)) holding.shift();
  const isDue = ({ chunk }: TailEntry): boolean => chunk === null || chunk.arrivedMs + state.delayMs <= nowMs;
  let count = held.length;
  while (count > 0 && !isDue(held[count - 1]!)) count--;
  for (const entry of held.splice(0, count)) state.ready.push(entry);
}

function dueMs({ holding, delayMs }: TailState): number {
  return holding.length === 0 ? Number.POSITIVE_INFINITY : holding[0]!.arrivedMs + delayMs;
}

function answer(state: TailState, effects: TailEffect[], nowMs: number): void {
  const { asked, ready, settings } = state;
  const isEmpty = ready.length === 0 && state.dropped.length === 0;
  if (!asked || (isEmpty && nowMs < state.heardMs + settings.pollMs)) return;
  const entries = ready.splice(0, settings.frameEntriesMax);
  const frame = { streams: entries.map(({ stream }) => stream), dropped: state.dropped };
  state.dropped = [];
  state.asked = null;
  state.heardMs = nowMs;
  effects.push({ kind: 'reply', to: asked, reply: { kind: 'tail.frame', frame } });
  for (const { chunk } of entries) if (chunk && --chunk.left === 0) giveBack(chunk, effects);
}

function giveBack({ credits }: Chunk, effects: TailEffect[]): void {
  for (const { ingester, bytes } of credits) effects.push({ kind: 'credit', ingester, bytes });
}

function finish(state: TailState, why: Fault | null, effects: TailEffect[]): void {
  state.isEnded = true;
  state.end = why;
  if (state.asked) effects.push({ kind: 'reply', to: state.asked, reply: faultReply(endOf(state)) });
  Object.assign(state, { asked: null, waiting: [], held: [], holding: [], ready: [], dropped: [] });
  effects.push({ kind: 'ended' });
}

function endOf({ end }: TailState): Fault {
  return end ?? fault('not-found', 'the tail has ended');
}
