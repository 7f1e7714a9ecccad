import type { BatchCopy } from '../../../wire/batch-copy.js';
import type { EntriesBatch } from '../../../wire/entries.js';
import { batchMemory } from '../memtable.js';

/** A part kept for its owner. */
export interface HeldPart {
  /** Of its record in the log. */
  readonly seq: number;
  readonly copy: BatchCopy;
  readonly tenant: string;
  readonly buffer: SharedArrayBuffer;
  /** All its times are within, both ends included, and not by more than some seconds. */
  readonly minTime: bigint;
  readonly maxTime: bigint;
  /** As far as is known here; at first `copy.owner`. */
  owner: string;
  /** When it came, or was last said to be owned. */
  seenMs: number;
  /** Its owner, asked last, neither owned it nor had stored it. */
  astray: boolean;
}

export function heldPart(
  copy: BatchCopy,
  { tenant, buffer, times }: EntriesBatch,
  seq: number,
  nowMs: number,
): HeldPart {
  const words = new Int32Array(times.buffer, times.byteOffset, 2 * times.length);
  // High words only, 4.3 s each: exact times would cost more than they are worth.
  let min = words[1] ?? 0;
  let max = min;
  for (let i = 3; i < words.length; i += 2) {
    const word = words[i]!;
    if (word < min) min = word;
    else if (word > max) max = word;
  }
  const minTime = BigInt(min) << 32n;
  const maxTime = (BigInt(max + 1) << 32n) - 1n;
  return { seq, copy, tenant, buffer, minTime, maxTime, owner: copy.owner, seenMs: nowMs, astray: false };
}

/** Of a log: everyone is asked about it at the next opportunity, and its owner gets it again unless it is known. */
export function strayPart(copy: BatchCopy, entries: EntriesBatch, seq: number, nowMs: number): HeldPart {
  return { ...heldPart(copy, entries, seq, nowMs), astray: true };
}

export function heldMemory({ buffer }: HeldPart): number {
  return batchMemory(buffer.byteLength);
}
