/**
 * What becomes of held parts that nobody is known to own: what objects have is dropped, the rest is sent to its owner again,
 * or, where that is down, taken over.
 */
import type { WindowCopies } from '../../../storage/metastore/types.js';
import { address } from '../../../wire/address.js';
import { type EntriesBatch, openEntries } from '../../../wire/entries.js';
import { getOrCreate } from '../../../wire/get-or-create.js';
import type { Reply } from '../../../wire/message.js';
import type { IngesterEffect } from '../events.js';
import { batchMemory } from '../memtable.js';
import type { IngesterState, WaitingAppend } from '../state.js';
import { dropHeld } from './copies.js';
import { type HeldPart, heldMemory } from './held-part.js';
import { provenWindows, withoutWindows } from './proof.js';

/** Bytes dealt with at once: what is taken over waits before new appends. */
const BYTES_MAX = 64 << 20;

/** Looks the parts up in the table of contents; `found` goes on. What is too much for one time comes the next time. */
export function seek(state: IngesterState, parts: readonly HeldPart[], effects: IngesterEffect[], nowMs: number): void {
  const { upkeep } = state.copies;
  const byTenant = new Map<string, HeldPart[]>();
  let bytes = 0;
  for (const part of parts) {
    if (bytes >= BYTES_MAX) {
      upkeep.nextMs = nowMs;
      break;
    }
    bytes += heldMemory(part);
    getOrCreate(byTenant, part.tenant, () => []).push(part);
  }
  for (const [tenant, theirs] of byTenant) {
    const token = upkeep.token();
    upkeep.sought.set(token, theirs);
    const start = theirs.reduce((min, { minTime }) => (minTime < min ? minTime : min), theirs[0]!.minTime);
    const end = theirs.reduce((max, { maxTime }) => (maxTime > max ? maxTime : max), theirs[0]!.maxTime) + 1n;
    effects.push({ kind: 'copies.find', token, tenant, range: { start, end } });
  }
}

/** Null when the table of contents could not be read: then nothing is done until the next time. */
export function found(
  state: IngesterState,
  token: number,
  windows: readonly WindowCopies[] | null,
  effects: IngesterEffect[],
  nowMs: number,
): void {
  const { upkeep, held, stored } = state.copies;
  const parts = upkeep.sought.get(token) ?? [];
  upkeep.sought.delete(token);
  if (windows === null || state.phase === 'drained') return;
  for (const part of parts) {
    if (held.get(part.copy) !== part) continue;
    const left = withoutWindows(
      openEntries(part.buffer),
      provenWindows(part.copy, windows),
      state.settings.objectWindowMs,
    );
    if (!left) {
      stored.add(part.copy);
      dropHeld(state, part.copy);
    } else if (state.isUp(part.owner)) resend(state, part, left, effects);
    else adopt(state, part, left, nowMs);
  }
}

/** Its owner did not know it: the part may have been lost on its way, or with a disk. */
function resend(
  { copies: { upkeep }, counters, settings }: IngesterState,
  part: HeldPart,
  { buffer: batch }: EntriesBatch,
  effects: IngesterEffect[],
): void {
  const token = upkeep.token();
  upkeep.asked.set(token, { kind: 'resend', part });
  counters.partsResent++;
  const message = { kind: 'append', batch, copy: { ...part.copy, owner: part.owner }, again: true } as const;
  effects.push({ kind: 'ask', token, to: address('ingester', part.owner), message, timeoutMs: settings.peerTimeoutMs });
}

/** The owner has it now, or it comes again the next time. */
export function hearResend(part: HeldPart, reply: Reply, nowMs: number): void {
  if (reply.kind === 'ok') Object.assign(part, { seenMs: nowMs, astray: false });
}

/** The owner is down: its part is appended once more, as one of this instance. */
function adopt(state: IngesterState, { copy }: HeldPart, { buffer }: EntriesBatch, nowMs: number): void {
  own(state, { buffer, copy, letIn: 'again', reply: () => undefined, receivedMs: nowMs });
}

/** To the log with a part that is held: with the next group it is owned. */
export function own(state: IngesterState, append: WaitingAppend & Required<Pick<WaitingAppend, 'copy'>>): void {
  state.waiting.push({ ...append, copy: { ...append.copy, owner: state.settings.instance } });
  state.waitingBytes += batchMemory(append.buffer.byteLength);
}
