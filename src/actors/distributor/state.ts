import type { Fault } from '../../wire/fault.js';
import { newOrigins, type Origins } from './origins.js';
import type { PushPart } from './part.js';
import type { TokenBucket } from './rate-limit.js';

/** A push that has been sent to ingesters and not been answered. */
export interface PushInFlight {
  readonly bytes: number;
  /** What the client is told once everything else is durable. */
  readonly rejected: Fault | null;
  readonly parts: readonly PushPart[];
  /** Parts that are not durable yet. */
  pending: number;
}

export interface DistributorState {
  readonly inFlight: Map<string, PushInFlight>;
  inFlightBytes: number;
  /** By tenant, the one used last at the end. */
  readonly buckets: Map<string, TokenBucket>;
  readonly origins: Origins;
}

export function newDistributorState(): DistributorState {
  return { inFlight: new Map(), inFlightBytes: 0, buckets: new Map(), origins: newOrigins() };
}
