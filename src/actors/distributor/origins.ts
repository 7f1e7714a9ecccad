import type { BatchId } from '../../wire/batch-copy.js';

/** Counters kept; one for each owner and tenant in use. */
const MAX_COUNTERS = 100_000;

interface Counter {
  readonly origin: string;
  seq: number;
}

/** Numbers the parts of a distributor. `counters`: the one used last at the end. */
export interface Origins {
  readonly counters: Map<string, Counter>;
  /** Counters forgotten so far: part of the names of those that are new since, so that no name comes twice. */
  forgotten: number;
}

export function newOrigins(): Origins {
  return { counters: new Map(), forgotten: 0 };
}

/** The next name of a part for this owner and tenant. `self`: the distributor and its life, used by no other. */
export function nextBatch(origins: Origins, self: string, owner: string, tenant: string): BatchId {
  const { counters } = origins;
  const key = `${owner}/${tenant}`;
  const counter = counters.get(key) ?? { origin: `${self}.${origins.forgotten}/${key}`, seq: 0 };
  counters.delete(key);
  counters.set(key, counter);
  const [oldest] = counters.keys();
  if (counters.size > MAX_COUNTERS && oldest !== undefined) {
    counters.delete(oldest);
    origins.forgotten++;
  }
  return { origin: counter.origin, seq: ++counter.seq };
}
