import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemberRecord } from '../../wire/membership.js';
import { type RingInstance, ringInstances } from './instances.js';
import { ReplicaRing } from './replicas.js';

function instances(count: number, zones = 1): RingInstance[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ name: `ingester-${i}`, zone: `zone-${i % zones}`, state: 'ACTIVE' as const, address: '', registeredMs: 0 },
  }));
}

const TOKENS = Array.from({ length: 500 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0);

describe('replica sets', () => {
  it('are as many distinct active instances as asked for, or as there are', () => {
    const state = fc.constantFrom<RingInstance['state']>(
      'ACTIVE',
      'ACTIVE',
      'JOINING',
      'LEAVING',
      'READONLY',
      'UNHEALTHY',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(state, fc.nat(3)), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 4 }),
        (drawn, factor) => {
          const all = drawn.map(([state, zone], i) => ({
            name: `i${i}`,
            zone: `z${zone}`,
            state,
            registeredMs: 0,
            address: '',
          }));
          const active = all.filter((instance) => instance.state === 'ACTIVE').map(({ name }) => name);
          const ring = new ReplicaRing(all, factor);
          for (const token of TOKENS.slice(0, 20)) {
            const owners = ring.owners(token);
            expect(new Set(owners).size).toBe(Math.min(factor, active.length));
            for (const owner of owners) expect(active).toContain(owner);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are spread over zones as evenly as zones allow', () => {
    const zoneOf = (name: string, zones: number): number => Number(name.split('-')[1]) % zones;
    for (const zones of [2, 3, 5]) {
      const ring = new ReplicaRing(instances(15, zones), 3);
      for (const token of TOKENS) {
        const used = new Set(ring.owners(token).map((name) => zoneOf(name, zones)));
        expect(used.size).toBe(Math.min(zones, 3));
      }
    }
  });

  it('an instance that goes is replaced where it was, and nowhere else', () => {
    const before = new ReplicaRing(instances(10), 3);
    const after = new ReplicaRing(
      instances(10).map((instance) => (instance.name === 'ingester-4' ? { ...instance, state: 'LEAVING' } : instance)),
      3,
    );
    for (const token of TOKENS) {
      const kept = before.owners(token).filter((name) => name !== 'ingester-4');
      expect(after.owners(token).slice(0, kept.length)).toEqual(kept);
    }
  });

  it('of a hundred instances none has much more than its share', { timeout: 60_000 }, () => {
    const ring = new ReplicaRing(instances(100), 1);
    const counts = new Map<string, number>();
    const keys = 1_000_000;
    for (let i = 0; i < keys; i++) {
      const [owner] = ring.owners(Math.imul(i, 0x9e3779b1) >>> 0);
      counts.set(owner!, (counts.get(owner!) ?? 0) + 1);
    }
    expect(Math.max(...counts.values()) / (keys / 100)).toBeLessThanOrEqual(1.05);
  });
});

describe('instances of the ring', () => {
  it('are the members with the role; the dead are unhealthy and those who left are gone', () => {
    const member = (name: string, status: MemberRecord['status'], roles = ['ingester']): MemberRecord => ({
      ...{ name, incarnation: 1, status, details: { roles, zone: 'a', address: '', state: 'ACTIVE', registeredMs: 7 } },
    });
    const members = [
      member('d', 'dead'),
      member('a', 'alive'),
      member('q', 'alive', ['querier']),
      member('l', 'left'),
      member('s', 'suspect'),
    ];
    expect(ringInstances(members, 'ingester').map(({ name, state }) => `${name} ${state}`)).toEqual([
      'a ACTIVE',
      'd UNHEALTHY',
      's ACTIVE',
    ]);
  });
});
