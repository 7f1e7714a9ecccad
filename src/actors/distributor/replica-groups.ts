import type { DistributorRing } from './events.js';

export interface ReplicaGroup {
  /** Owner first. */
  readonly replicas: readonly string[];
  /** Indexes of streams. */
  readonly streams: number[];
}

/**
 * Streams by owner and replicas. In which order the others would take over matters little, so streams that differ in
 * nothing else share a part, in the order of the first of them.
 */
export function groupByReplicas(tokens: readonly number[], ring: DistributorRing): ReplicaGroup[] {
  const groups = new Map<string, ReplicaGroup>();
  tokens.forEach((token, stream) => {
    const replicas = ring.owners(token);
    const name = groupName(replicas);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { replicas, streams: [stream] });
    else group.streams.push(stream);
  });
  return [...groups.values()];
}

function groupName(replicas: readonly string[]): string {
  if (replicas.length <= 2) return replicas.join('\n');
  const [owner, ...others] = replicas;
  return `${owner}\n${others.sort().join('\n')}`;
}
