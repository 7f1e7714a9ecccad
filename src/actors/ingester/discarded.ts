import type { EntriesBatch } from '../../wire/entries.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { RejectReason } from './admission.js';
import { runBytes } from './runs.js';

export interface DiscardedCount {
  readonly reason: RejectReason;
  readonly tenant: string;
  samples: number;
  bytes: number;
}

/** Entries that were refused, for `loki_discarded_samples_total` and `loki_discarded_bytes_total`. */
export class DiscardedCounts {
  readonly #counts = new Map<string, DiscardedCount>();

  add(reason: RejectReason, entries: EntriesBatch, from: number, to: number): void {
    const { tenant } = entries;
    const key = `${reason}/${tenant}`;
    const count = getOrCreate(this.#counts, key, () => ({ reason, tenant, samples: 0, bytes: 0 }));
    count.samples += to - from;
    count.bytes += runBytes(entries, from, to);
  }

  all(): readonly DiscardedCount[] {
    return [...this.#counts.values()];
  }
}
