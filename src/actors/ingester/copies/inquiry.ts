/**
 * Finding out about parts that are held: an owner is asked once a while what it has stored; when it is down, or knows
 * nothing of a part, everyone is asked who may have it. Who leaves asks everyone at once, and goes when others have, or
 * it has stored, whatever it holds: it may be the only one left that can.
 */
import { address } from '../../../wire/address.js';
import type { BatchCopy, BatchId } from '../../../wire/batch-copy.js';
import { getOrCreate } from '../../../wire/get-or-create.js';
import type { Reply } from '../../../wire/message.js';
import type { BatchesStatus } from '../../../wire/messages/writing.js';
import { originRanges } from '../../../wire/origin-ranges.js';
import type { IngesterEffect } from '../events.js';
import type { IngesterState } from '../state.js';
import { dropHeld } from './copies.js';
import type { HeldPart } from './held-part.js';
import { PartRanges } from './part-ranges.js';
import { seek } from './settle.js';

export type Asked =
  | { readonly kind: 'restart' | 'inquiry'; readonly instance: string }
  /** A part that its owner did not know. */
  | { readonly kind: 'resend'; readonly part: HeldPart };

export interface Inquiry {
  readonly parts: readonly HeldPart[];
  readonly verdicts: Verdicts;
  /** Begun by an instance that leaves. */
  readonly isLast: boolean;
}

interface Verdict {
  readonly stored: PartRanges;
  readonly owned: PartRanges;
  readonly held: PartRanges;
}

/** What other instances said of some parts. */
export class Verdicts {
  readonly #byInstance = new Map<string, Verdict>();

  add(instance: string, { stored, owned, held }: BatchesStatus): void {
    const verdict = { stored: PartRanges.of(stored), owned: PartRanges.of(owned), held: PartRanges.of(held) };
    this.#byInstance.set(instance, verdict);
  }

  isStored(id: BatchId): boolean {
    return [...this.#byInstance.values()].some(({ stored }) => stored.has(id));
  }

  ownerOf(id: BatchId): string | undefined {
    return [...this.#byInstance].find(([, { owned }]) => owned.has(id))?.[0];
  }

  /** Undefined when the instance did not answer. */
  isHeldBy(instance: string, id: BatchId): boolean | undefined {
    return this.#byInstance.get(instance)?.held.has(id);
  }
}

/** Asks about all parts for which it is time, unless earlier questions are still open. */
export function beginInquiry(state: IngesterState, effects: IngesterEffect[], nowMs: number): void {
  const { upkeep, held } = state.copies;
  if (state.phase !== 'running' || held.size === 0 || upkeep.isBusy || nowMs < upkeep.nextMs) return;
  inquire(state, effects, nowMs);
}

/** Once nothing is left to ask about, `isSettled` is true. */
export function settleBeforeLeaving(state: IngesterState, effects: IngesterEffect[], nowMs: number): void {
  const { upkeep } = state.copies;
  if (upkeep.isSettled || upkeep.isBusy || nowMs < upkeep.nextMs) return;
  inquire(state, effects, nowMs);
}

function inquire(state: IngesterState, effects: IngesterEffect[], nowMs: number): void {
  const { upkeep, held } = state.copies;
  const { heldAskPeriodMs, heldAskPartsMax, flushCheckPeriodMs } = state.settings;
  upkeep.nextMs = nowMs + (isLeaving(state) ? flushCheckPeriodMs : heldAskPeriodMs);
  const asks = new Map<string, BatchCopy[]>();
  const parts: HeldPart[] = [];
  const downMs = new Map<string, number>();
  for (const part of held.all()) {
    const ownerDownMs = getOrCreate(downMs, part.owner, (owner) => downFor(state, owner, nowMs));
    if (!isDue(state, part, ownerDownMs, nowMs)) continue;
    if (parts.length === heldAskPartsMax) break;
    parts.push(part);
    const isOwnerAsked = ownerDownMs === 0 && !part.astray && !isLeaving(state);
    const asked = isOwnerAsked ? [part.owner] : othersUp(state, part);
    for (const instance of asked) getOrCreate(asks, instance, () => []).push(part.copy);
  }
  for (const owner of upkeep.downSinceMs.keys()) if (!downMs.has(owner)) upkeep.downSinceMs.delete(owner);
  if (parts.length === 0) {
    upkeep.isSettled = isLeaving(state);
    return;
  }
  upkeep.inquiry = { parts, verdicts: new Verdicts(), isLast: isLeaving(state) };
  for (const [instance, ids] of asks) askAbout(state, 'inquiry', instance, ids, effects);
  if (asks.size === 0) conclude(state, effects, nowMs);
}

export function askAbout(
  { copies: { upkeep }, settings }: IngesterState,
  kind: 'restart' | 'inquiry',
  instance: string,
  ids: readonly BatchId[],
  effects: IngesterEffect[],
): void {
  const token = upkeep.token();
  upkeep.asked.set(token, { kind, instance });
  const message = { kind: 'batches.ask', batches: originRanges(ids) } as const;
  const to = address('ingester', instance);
  effects.push({ kind: 'ask', token, to, message, timeoutMs: settings.peerTimeoutMs });
}

/** The answer to one question of an inquiry, or that there was none. */
export function hearInquiry(
  state: IngesterState,
  instance: string,
  reply: Reply,
  effects: IngesterEffect[],
  nowMs: number,
): void {
  const { upkeep } = state.copies;
  if (reply.kind === 'batches.status') upkeep.inquiry!.verdicts.add(instance, reply.status);
  if (upkeep.asked.size === 0) conclude(state, effects, nowMs);
}

function isDue(state: IngesterState, part: HeldPart, ownerDownMs: number, nowMs: number): boolean {
  const { takeOverAfterMs, heldAskAfterMs } = state.settings;
  if (isLeaving(state)) return !state.copies.upkeep.leftToOthers.has(part);
  if (ownerDownMs > 0) return ownerDownMs > takeOverAfterMs;
  return part.astray || nowMs - part.seenMs >= heldAskAfterMs;
}

function isLeaving({ phase }: IngesterState): boolean {
  return phase === 'draining';
}

/** 0 when it is up; more than 0 otherwise. */
function downFor({ copies: { upkeep }, isUp }: IngesterState, instance: string, nowMs: number): number {
  if (isUp(instance)) {
    upkeep.downSinceMs.delete(instance);
    return 0;
  }
  return nowMs - getOrCreate(upkeep.downSinceMs, instance, () => nowMs) + 1;
}

function othersUp({ settings, isUp }: IngesterState, { copy, owner }: HeldPart): string[] {
  const known = new Set([...copy.replicas, owner]);
  return [...known].filter((instance) => instance !== settings.instance && isUp(instance));
}

/** All answers there will be have come. */
function conclude(state: IngesterState, effects: IngesterEffect[], nowMs: number): void {
  const { upkeep, held, stored } = state.copies;
  const inquiry = upkeep.inquiry!;
  const { parts, verdicts, isLast } = inquiry;
  upkeep.inquiry = null;
  const orphans: HeldPart[] = [];
  for (const part of parts) {
    const { copy } = part;
    if (held.get(copy) !== part) continue;
    const owner = verdicts.ownerOf(copy);
    if (verdicts.isStored(copy)) {
      stored.add(copy);
      dropHeld(state, copy);
    } else if (owner !== undefined) {
      Object.assign(part, { owner, seenMs: nowMs, astray: false });
      if (isLast) upkeep.leftToOthers.add(part);
    } else if (isOrphan(state, part, inquiry)) orphans.push(part);
    else if (isLast) upkeep.leftToOthers.add(part);
  }
  if (isLast && orphans.length === 0) upkeep.nextMs = nowMs;
  seek(state, orphans, effects, nowMs);
}

/** Whether this instance is to see to a part that nobody is known to own. Learns first that it is astray. */
function isOrphan({ isUp, settings }: IngesterState, part: HeldPart, { verdicts, isLast }: Inquiry): boolean {
  const { copy, owner, astray } = part;
  if (isUp(owner)) {
    const isUnknownThere = verdicts.isHeldBy(owner, copy) !== undefined;
    part.astray = astray || isUnknownThere;
    return isLast || (astray && isUnknownThere);
  }
  const ahead = copy.replicas.slice(0, Math.max(0, copy.replicas.indexOf(settings.instance)));
  const isHeld = (replica: string): boolean => verdicts.isHeldBy(replica, copy) ?? !isLast;
  return ahead.every((replica) => !isUp(replica) || !isHeld(replica));
}
