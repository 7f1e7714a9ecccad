import { describe, expect, it } from 'vitest';
import type { MemberRecord } from '../../wire/membership.js';
import { Peers } from './peers.js';
import { gossipers, refusedToForget, ringMembers, type Watched } from './rings.js';

const NOW_MS = 1_700_000_000_000;

function member(name: string, more: Partial<MemberRecord> = {}, roles = ['ingester']): MemberRecord {
  const details = { roles, zone: 'z', address: `${name}:3100`, state: 'ACTIVE', registeredMs: 5 } as const;
  return { name, incarnation: 3, status: 'alive', details, ...more };
}

function watched(members: readonly MemberRecord[], silenceMs: Watched['silenceMs']): Watched {
  const peers = new Peers(3);
  peers.update(members);
  return { peers, silenceMs };
}

const silence = new Map([
  ['a', 0],
  ['b', 1_500.4],
]);
const cluster = watched(
  [member('b'), member('a'), member('c', { status: 'dead' }), member('q', {}, ['querier', 'scheduler'])],
  (name) => silence.get(name),
);

describe('the ring of ingesters', () => {
  it('has all of them, with what they own and when they were heard', () => {
    const ring = ringMembers('ingester', cluster, NOW_MS)!;
    const about = { address: 'a:3100', zone: 'z', registeredMs: 5 };
    expect(ring[0]).toEqual({ ...about, id: 'a', state: 'ACTIVE', heardMs: NOW_MS, share: expect.any(Number) });
    expect(ring.map(({ id, state, heardMs }) => [id, state, heardMs])).toEqual([
      ['a', 'ACTIVE', NOW_MS],
      ['b', 'ACTIVE', NOW_MS - 1_500],
      ['c', 'UNHEALTHY', undefined],
    ]);
    expect(ring[0]!.share! + ring[1]!.share!).toBeCloseTo(1);
    expect(ring[2]!.share).toBe(0);
  });

  it('of a process that is alone has this one', () => {
    const [alone] = ringMembers('ingester', watched([member('me')], undefined), NOW_MS)!;
    expect(alone).toMatchObject({ id: 'me', heardMs: NOW_MS, share: 1 });
  });
});

describe('other rings', () => {
  it('own nothing, and do not exist where Skald has no such role', () => {
    expect(ringMembers('scheduler', cluster, NOW_MS)).toMatchObject([{ id: 'q' }]);
    expect(ringMembers('scheduler', cluster, NOW_MS)![0]).not.toHaveProperty('share');
    expect(ringMembers('distributor', cluster, NOW_MS)).toEqual([]);
    expect(ringMembers('pattern', cluster, NOW_MS)).toBeUndefined();
    expect(ringMembers('ruler', cluster, NOW_MS)).toBeUndefined();
    expect(ringMembers('ingester', undefined, NOW_MS)).toEqual([]);
  });
});

describe('the members', () => {
  it('are all that gossip knows, by name', () => {
    const members = gossipers(cluster, NOW_MS)!;
    expect(members.map(({ name, status }) => `${name} ${status}`)).toEqual(['a alive', 'b alive', 'c dead', 'q alive']);
    expect(members[3]).toEqual({
      ...{ name: 'q', incarnation: 3, status: 'alive', roles: ['querier', 'scheduler'], zone: 'z' },
      ...{ address: 'q:3100', state: 'ACTIVE', registeredMs: 5, heardMs: undefined },
    });
  });

  it('are not there where there is no gossip', () => {
    expect(gossipers(watched([member('me')], undefined), NOW_MS)).toBeUndefined();
    expect(gossipers(undefined, NOW_MS)).toBeUndefined();
  });
});

it('only who is unhealthy may be forgotten', () => {
  const ring = ringMembers('ingester', cluster, NOW_MS);
  expect(refusedToForget('c', ring)).toBeUndefined();
  expect(refusedToForget('a', ring)).toMatchObject({
    code: 'bad-request',
    message: "instance 'a' is ACTIVE: only UNHEALTHY ones can be forgotten; stop it first",
  });
  expect(refusedToForget('q', ring)).toMatchObject({ code: 'not-found' });
  expect(refusedToForget('c', undefined)).toMatchObject({ code: 'not-found' });
});
