import type { PatternsRequest } from '../query.js';

/** distributor -> patterns, a tell after the batch is durable. Twice counts its lines twice; lost does not count them. */
export interface PatternsLearnMessage {
  readonly kind: 'patterns.learn';
  /** An encoded entries batch (wire/entries.ts). */
  readonly batch: SharedArrayBuffer;
}

/** api -> patterns, an ask; answered `patterns` or `fault`. Reading only: safe twice. */
export interface PatternsMessage {
  readonly kind: 'patterns';
  readonly request: PatternsRequest;
}
