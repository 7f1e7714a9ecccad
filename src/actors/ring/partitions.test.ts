import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RingInstance } from './instances.js';
import { PartitionRing, partitionNames, partitionOwners } from './partitions.js';

const instance = (name: string, state: RingInstance['state'] = 'ACTIVE'): RingInstance => ({
  ...{ name, state, zone: '', address: '', registeredMs: 0 },
});
const ingesters = (count: number): RingInstance[] => Array.from({ length: count }, (_, i) => instance(`ingester-${i}`));

describe('the partition of a stream', () => {
  it('is the same everywhere, and all get some', () => {
    const [a, b] = [new PartitionRing(16), new PartitionRing(16)];
    const tokens = Array.from({ length: 2000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0);
    for (const token of tokens) expect(a.owners(token)).toEqual(b.owners(token));
    expect(new Set(tokens.flatMap((token) => a.owners(token)))).toEqual(new Set(a.names));
  });

  it('changes for few streams with the number of partitions', () => {
    const [before, after] = [new PartitionRing(16), new PartitionRing(17)];
    const tokens = Array.from({ length: 2000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0);
    const moved = tokens.filter((token) => before.owners(token)[0] !== after.owners(token)[0]);
    expect(moved.length).toBeLessThan(tokens.length / 8);
    for (const token of moved) expect(after.owners(token)).toEqual(['partition-16']);
  });
});

describe('partitions', () => {
  it('are read by one active ingester each, in even shares', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 12 }), (partitions, count) => {
        const names = partitionNames(partitions);
        const owners = partitionOwners(names, [...ingesters(count), instance('gone', 'LEAVING')]);
        const counts = new Map(ingesters(count).map(({ name }) => [name, 0]));
        for (const owner of owners.values()) counts.set(owner, counts.get(owner)! + 1);
        expect([...owners.keys()]).toEqual(names);
        expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  it('have no owner while no ingester is active', () => {
    expect(partitionOwners(partitionNames(3), [instance('a', 'JOINING'), instance('b', 'UNHEALTHY')])).toEqual(
      new Map(),
    );
  });

  it('mostly stay where they are when an ingester goes', () => {
    const names = partitionNames(60);
    const before = partitionOwners(names, ingesters(6));
    const after = partitionOwners(names, ingesters(5));
    const moved = names.filter((name) => before.get(name) !== 'ingester-5' && before.get(name) !== after.get(name));
    expect(moved.length).toBeLessThan(15);
  });
});
