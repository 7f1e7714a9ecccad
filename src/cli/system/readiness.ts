import { type Fault, fault } from '../../wire/fault.js';
import type { Component } from '../roles.js';
import type { Peers } from './peers.js';

/** What keeps a process from doing its work; undefined when nothing does. */
export function readinessOf(
  components: ReadonlySet<Component>,
  peers: Peers,
  replicationFactor: number,
  nats: { readonly connected: boolean } | undefined,
): Fault | undefined {
  if (nats && !nats.connected) return fault('unavailable', 'NATS cannot be reached');
  const quorum = Math.floor(replicationFactor / 2) + 1;
  const ingesters = peers.active('ingester');
  if (components.has('distributor') && ingesters < quorum) {
    return fault('unavailable', `waiting for ingesters: ${ingesters} are active, and a push needs ${quorum}`);
  }
  if (!components.has('querier')) return undefined;
  const missing = (['scheduler', 'worker'] as const).find((role) => peers.active(role) === 0);
  return missing && fault('unavailable', `waiting for a ${missing}: none has been heard of`);
}
