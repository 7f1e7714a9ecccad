import { address } from '../../../wire/address.js';
import type { BatchCopy, BatchId, OriginRanges } from '../../../wire/batch-copy.js';
import { getOrCreate } from '../../../wire/get-or-create.js';
import type { Reply } from '../../../wire/message.js';
import type { BatchesMessage, BatchesStatus } from '../../../wire/messages/writing.js';
import { joinOrigins, originRanges } from '../../../wire/origin-ranges.js';
import type { IngesterEffect } from '../events.js';
import { storedThrough } from '../log-mark.js';
import type { IngesterSettings } from '../settings.js';
import type { IngesterState } from '../state.js';
import { HeldParts } from './held-parts.js';
import { OwnedParts } from './owned-parts.js';
import { PartRanges } from './part-ranges.js';
import { Upkeep } from './upkeep-state.js';

/** What an ingester knows of replicated parts: each is owned, or held, or stored, or unknown. */
export interface Copies {
  readonly owned: OwnedParts;
  readonly held: HeldParts;
  /** In objects for certain. What is forgotten of it is found in the table of contents. */
  readonly stored: PartRanges;
  readonly upkeep: Upkeep;
}

export function newCopies({ instance, storedRangesMax }: IngesterSettings): Copies {
  return {
    owned: new OwnedParts(),
    held: new HeldParts(instance),
    stored: new PartRanges(storedRangesMax),
    upkeep: new Upkeep(),
  };
}

export function hearOfBatches(state: IngesterState, message: BatchesMessage, nowMs: number): Reply {
  const { held, stored } = state.copies;
  switch (message.kind) {
    case 'batches.release':
      for (const { copy } of held.named(message.batches)) dropHeld(state, copy);
      stored.addAll(message.batches);
      return { kind: 'ok' };
    case 'batches.owned':
      for (const part of held.named(message.batches)) {
        Object.assign(part, { owner: message.owner, seenMs: nowMs, astray: false });
      }
      return { kind: 'ok' };
    case 'batches.ask':
      return { kind: 'batches.status', status: statusOf(state.copies, message.batches) };
  }
}

/** An object has it: it is needed no longer, here and in the log. */
export function dropHeld({ copies, counters }: IngesterState, id: BatchId): void {
  if (copies.held.remove(id)) counters.heldEnded++;
}

/** Remembers what has become stored and tells those who hold it. */
export function releaseStored(state: IngesterState, effects: IngesterEffect[]): void {
  const { owned, stored } = state.copies;
  if (owned.size === 0) return;
  const released = owned.takeStored(storedThrough(state));
  if (released.length === 0) return;
  state.counters.partsStored += released.length;
  for (const part of released) stored.add(part);
  tellReplicas(state, released, effects, (batches) => ({ kind: 'batches.release', batches }));
}

/** Tells the other replicas of each part, one message for each of them. */
export function tellReplicas(
  { settings }: IngesterState,
  parts: readonly BatchCopy[],
  effects: IngesterEffect[],
  say: (batches: readonly OriginRanges[]) => BatchesMessage,
): void {
  for (const [replica, theirs] of byReplica(parts, settings.instance)) {
    effects.push({ kind: 'tell', to: address('ingester', replica), message: say(originRanges(theirs)) });
  }
}

export function byReplica(parts: readonly BatchCopy[], self: string): Map<string, BatchCopy[]> {
  const replicas = new Map<string, BatchCopy[]>();
  for (const part of parts) {
    for (const replica of part.replicas) {
      if (replica !== self) getOrCreate(replicas, replica, () => []).push(part);
    }
  }
  return replicas;
}

/** That an object has a part says more than that somebody is about to store it. */
function statusOf({ owned, held, stored }: Copies, batches: readonly OriginRanges[]): BatchesStatus {
  const unstored = (set: typeof owned | typeof held) =>
    originRanges(batches.flatMap((ranges) => set.within(ranges)).filter((id) => !stored.has(id)));
  const inObjects = batches.map(({ origin, ranges }) => ({ origin, ranges: stored.within({ origin, ranges }) }));
  return {
    stored: joinOrigins([inObjects.filter(({ ranges }) => ranges.length > 0)]),
    owned: unstored(owned),
    held: unstored(held),
  };
}
