import { describe, expect, it } from 'vitest';
import type { InstanceState, MemberRecord, MemberStatus } from '../../wire/membership.js';
import { Peers } from './peers.js';

function member(
  name: string,
  roles: string[],
  state: InstanceState = 'ACTIVE',
  status: MemberStatus = 'alive',
): MemberRecord {
  return { name, incarnation: 1, status, details: { roles, zone: '', address: '', state, registeredMs: 0 } };
}

const ingesters = ['a', 'b', 'c', 'd'].map((name) => member(name, ['ingester']));

describe('peers', () => {
  it('give a token as many owners as there are copies, and forget those who go', () => {
    const peers = new Peers(3);
    expect(peers.owners(7)).toEqual([]);
    peers.update(ingesters);
    const [first, ...others] = peers.owners(7);
    expect(others).toHaveLength(2);
    peers.update(ingesters.map((one) => (one.name === first ? member(one.name, ['ingester'], 'LEAVING') : one)));
    expect(peers.owners(7).slice(0, 2)).toEqual(others);
  });

  it('are asked for memory as long as they can answer', () => {
    const peers = new Peers(3);
    const states = (['JOINING', 'ACTIVE', 'LEAVING', 'READONLY'] as const).map((state) =>
      member(state, ['ingester'], state),
    );
    peers.update([
      ...states,
      member('dead', ['ingester'], 'ACTIVE', 'dead'),
      member('left', ['ingester'], 'LEAVING', 'left'),
    ]);
    expect(peers.holders).toEqual(['ingester/ACTIVE', 'ingester/JOINING', 'ingester/LEAVING', 'ingester/READONLY']);
    expect([peers.lostHolders, peers.leftHolders]).toEqual([['ingester/dead'], ['ingester/left']]);
  });

  it('are given work while they work, a suspect included, and not before', () => {
    const peers = new Peers(1);
    peers.update([
      member('a', ['querier', 'worker'], 'ACTIVE', 'suspect'),
      member('b', ['querier'], 'JOINING'),
      member('c', ['querier'], 'ACTIVE', 'dead'),
      member('d', ['worker']),
    ]);
    expect(peers.addresses('querier')).toEqual(['querier/a']);
    expect(peers.active('worker')).toBe(2);
    peers.update([member('d', ['querier'])]);
    expect(peers.addresses('querier')).toEqual(['querier/d']);
  });

  it('that are about to stop are given work only where there is nobody else, and are reached all the same', () => {
    const peers = new Peers(1);
    peers.update([
      member('a', ['scheduler'], 'LEAVING'),
      member('b', ['scheduler']),
      member('c', ['scheduler'], 'JOINING'),
    ]);
    expect(peers.addresses('scheduler')).toEqual(['scheduler/b']);
    expect(peers.reachable('scheduler')).toEqual(['scheduler/a', 'scheduler/b', 'scheduler/c']);
    peers.update([member('a', ['scheduler'], 'LEAVING')]);
    expect(peers.addresses('scheduler')).toEqual(['scheduler/a']);
  });

  it('agree on who keeps something for a key', () => {
    const [one, other] = [new Peers(1), new Peers(1)];
    expect(one.keeper('ingester', 'x')).toBeUndefined();
    one.update(ingesters);
    other.update([...ingesters].reverse());
    const keepers = ['t1', 't2', 't3', 't4', 't5', 't6'].map((tenant) => one.keeper('ingester', tenant));
    expect(keepers).toEqual(['t1', 't2', 't3', 't4', 't5', 't6'].map((tenant) => other.keeper('ingester', tenant)));
    expect(new Set(keepers).size).toBeGreaterThan(1);
  });
});

describe('peers with a log in partitions', () => {
  it('place streams on partitions and ask all of these for memory, whoever is there', () => {
    const peers = new Peers(1, 2);
    const all = ['ingester/partition-0', 'ingester/partition-1'];
    expect(all).toContain(`ingester/${peers.owners(7)[0]}`);
    const before = peers.owners(7);
    peers.update([...ingesters, member('dead', ['ingester'], 'ACTIVE', 'dead')]);
    expect([peers.owners(7), peers.holders, peers.lostHolders]).toEqual([before, all, []]);
  });

  it('share streams as they share partitions', () => {
    const peers = new Peers(1, 8);
    peers.update(ingesters);
    expect(peers.shares()).toEqual(new Map(ingesters.map(({ name }) => [name, 0.25])));
  });
});
