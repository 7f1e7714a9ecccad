/** Following a query: what crosses between the HTTP layer and a tailer. */
import type { Labels } from './labels.js';
import type { StreamResult } from './query.js';
import type { Nanos } from './time.js';

export interface TailRequest {
  readonly tenant: string;
  /** A log query. */
  readonly query: string;
  /** Entries from here on come first, the newest `limit` of them. */
  readonly start: Nanos;
  readonly limit: number;
  /** How long an entry is held back so that older ones that come later may precede it. */
  readonly delayMs: number;
  readonly categorizeLabels: boolean;
  /** X-Query-Tags. */
  readonly tags: string;
}

/** What a reader gets at once. */
export interface TailFrame {
  /** One entry each, oldest first; at most 100. */
  readonly streams: readonly StreamResult[];
  readonly dropped: readonly DroppedEntry[];
}

/** An entry of a matching stream that came while its reader could not keep up. */
export interface DroppedEntry {
  readonly time: Nanos;
  readonly labels: Labels;
}
