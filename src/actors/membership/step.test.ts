import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimMembership } from '../../../test/support/sim-membership.js';
import { type MemberRecord, type MemberStatus, supersedes } from '../../wire/membership.js';
import { DEFAULT_MEMBERSHIP_SETTINGS, type MembershipSettings } from './settings.js';
import { type MembershipEvent, newMembership } from './state.js';
import { stepMembership } from './step.js';

const DETAILS = { roles: ['ingester'], zone: '', address: '', state: 'ACTIVE' as const, registeredMs: 0 };

function cluster(
  count: number,
  seed = 1,
  settings: Partial<MembershipSettings> = {},
): { sim: SimMembership; names: string[] } {
  const sim = new SimMembership(seed, settings);
  const names = Array.from({ length: count }, (_, i) => `n${i}`);
  for (const name of names) {
    sim.start(name, ['n0']);
    sim.run(10);
  }
  return { sim, names };
}

describe('membership', () => {
  it('a member that joins by one other is known to all', () => {
    const { sim } = cluster(12);
    expect(sim.until(() => sim.agreed(), 10_000)).toBeDefined();
  });

  it('a member that is killed is given up by all, and its name may come back', () => {
    const { sim, names } = cluster(8);
    sim.run(10_000);
    sim.stop('n3');
    expect(sim.until(() => sim.agreed(), 60_000)).toBeDefined();
    expect(names.filter((name) => name !== 'n3').map((of) => sim.status(of, 'n3'))).toEqual(Array(7).fill('dead'));
    sim.start('n3', ['n0']);
    expect(sim.until(() => sim.agreed(), 10_000)).toBeDefined();
  });

  it('a member that leaves is gone at once, and nobody suspects it', () => {
    const { sim } = cluster(8);
    sim.run(10_000);
    sim.step('n3', { kind: 'leave' });
    sim.stop('n3');
    expect(sim.until(() => sim.agreed(), 3_000)).toBeDefined();
    expect(sim.status('n5', 'n3')).toBe('left');
  });

  describe('a member that was given up and is forgotten', () => {
    const given = (): { sim: SimMembership; others: string[] } => {
      const { sim, names } = cluster(8);
      sim.run(10_000);
      sim.stop('n3');
      expect(sim.until(() => sim.status('n0', 'n3') === 'dead', 60_000)).toBeDefined();
      return { sim, others: names.filter((name) => name !== 'n3') };
    };
    const isForgotten = (sim: SimMembership, others: readonly string[]): boolean =>
      others.every((of) => [undefined, 'left'].includes(sim.status(of, 'n3')));

    it('is forgotten by all, and late news of its death changes nothing', () => {
      const { sim, others } = given();
      const { record } = sim.members.get('n0')!.members.get('n3')!;
      sim.step('n0', { kind: 'forget', name: 'n3' });
      expect(sim.until(() => isForgotten(sim, others), 3_000)).toBeDefined();
      const late = { kind: 'message', from: 'n1', message: { kind: 'gossip.news', updates: [record] } } as const;
      for (const name of others) sim.step(name, late);
      expect(isForgotten(sim, others)).toBe(true);
      sim.run(2 * DEFAULT_MEMBERSHIP_SETTINGS.tombstoneMs);
      expect(others.map((of) => sim.status(of, 'n3'))).toEqual(Array(7).fill(undefined));
    });

    it('joins again when it comes back', () => {
      const { sim, others } = given();
      sim.step('n0', { kind: 'forget', name: 'n3' });
      sim.run(1_000);
      sim.start('n3', ['n0']);
      expect(sim.until(() => sim.agreed(), 10_000)).toBeDefined();
      expect(others.map((of) => sim.status(of, 'n3'))).toEqual(Array(7).fill('alive'));
    });

    it('is back by itself when it was only cut off', () => {
      const { sim } = cluster(8);
      sim.run(10_000);
      sim.passes = (from, to) => from !== 'n3' && to !== 'n3';
      expect(sim.until(() => sim.status('n0', 'n3') === 'dead', 60_000)).toBeDefined();
      sim.step('n0', { kind: 'forget', name: 'n3' });
      sim.run(5_000);
      sim.passes = () => true;
      expect(sim.until(() => sim.agreed(), 60_000)).toBeDefined();
    });

    it('is one that nobody can reach: others stay', () => {
      const { sim, names } = cluster(6);
      sim.run(10_000);
      for (const name of names) sim.step('n0', { kind: 'forget', name });
      sim.run(5_000);
      for (const of of names) expect(names.map((name) => sim.status(of, name))).toEqual(Array(6).fill('alive'));
    });
  });

  describe('more dead members than can be done without', () => {
    const WHILE_REMEMBERED = 2 * DEFAULT_MEMBERSHIP_SETTINGS.tombstoneMs;
    const lost = (): SimMembership => {
      const { sim } = cluster(8, 1, { lostHoldersMax: 1 });
      sim.run(10_000);
      sim.stop('n3');
      sim.stop('n5');
      sim.run(WHILE_REMEMBERED);
      return sim;
    };
    const known = (sim: SimMembership, name: string): unknown[] => [
      ...new Set([...sim.members.keys()].map((of) => sim.status(of, name))),
    ];

    it('are not forgotten, and newcomers are told of them', () => {
      const sim = lost();
      expect([known(sim, 'n3'), known(sim, 'n5')]).toEqual([['dead'], ['dead']]);
      sim.start('n8', ['n0']);
      sim.run(WHILE_REMEMBERED);
      expect([known(sim, 'n3'), known(sim, 'n5')]).toEqual([['dead'], ['dead']]);
    });

    it('are forgotten when enough of them are back', () => {
      const sim = lost();
      sim.start('n5', ['n0']);
      sim.run(WHILE_REMEMBERED);
      expect([known(sim, 'n3'), known(sim, 'n5')]).toEqual([[undefined], ['alive']]);
    });

    it('are forgotten by hand, for good', () => {
      const sim = lost();
      sim.step('n0', { kind: 'forget', name: 'n3' });
      sim.step('n0', { kind: 'forget', name: 'n5' });
      sim.run(1_000);
      sim.start('n8', ['n0']);
      sim.run(WHILE_REMEMBERED);
      expect([known(sim, 'n3'), known(sim, 'n5')]).toEqual([[undefined], [undefined]]);
    });

    it('one that can be done without is forgotten, and no newcomer hears of it', () => {
      const { sim } = cluster(8, 1, { lostHoldersMax: 1 });
      sim.run(10_000);
      sim.stop('n3');
      expect(sim.until(() => sim.status('n0', 'n3') === 'dead', 60_000)).toBeDefined();
      sim.start('n8', ['n0']);
      sim.run(5_000);
      expect(sim.status('n8', 'n3')).toBeUndefined();
      sim.run(WHILE_REMEMBERED);
      expect(known(sim, 'n3')).toEqual([undefined]);
    });
  });

  it('a member reached only through others is not suspected', () => {
    const { sim, names } = cluster(6);
    sim.run(10_000);
    sim.passes = (from, to) => !(from === 'n1' && to === 'n2') && !(from === 'n2' && to === 'n1');
    for (let second = 0; second < 60; second++) {
      sim.run(1_000);
      expect(names.map((of) => sim.status(of, 'n2'))).toEqual(Array(6).fill('alive'));
    }
  });

  it('a suspect that still answers refutes with a higher incarnation', () => {
    const { sim } = cluster(6);
    sim.run(10_000);
    const before = sim.members.get('n0')!.members.get('n2')!.record.incarnation;
    sim.passes = (from, to) => from !== 'n2' && to !== 'n2';
    expect(sim.until(() => sim.status('n0', 'n2') === 'suspect', 20_000)).toBeDefined();
    sim.passes = () => true;
    expect(sim.until(() => sim.agreed(), 10_000)).toBeDefined();
    expect(sim.members.get('n0')!.members.get('n2')!.record.incarnation).toBeGreaterThan(before);
  });

  it('a suspect that others probe in vain as well is given up after a few of them, not after the longest time', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { sim } = cluster(100, seed);
      sim.until(() => sim.agreed(), 30_000);
      sim.stop('n7');
      const names = [...sim.members.keys()];
      const buried = (): boolean =>
        names.filter((name) => sim.status(name, 'n7') === 'dead').length > 0.95 * names.length;
      expect(sim.until(buried, 20_000)).toBeDefined();
    }
  });

  it('halves that were cut apart find together again', () => {
    const { sim } = cluster(10);
    sim.run(10_000);
    const side = (name: string): boolean => Number(name.slice(1)) < 5;
    sim.passes = (from, to) => side(from) === side(to);
    sim.run(200_000); // long enough to forget each other
    expect(sim.status('n0', 'n9')).toBeUndefined();
    sim.passes = () => true;
    expect(sim.until(() => sim.agreed(), 60_000)).toBeDefined();
  });

  it('one message in five may be lost without anyone being given up', () => {
    const { sim } = cluster(20, 7);
    sim.run(5_000);
    sim.loss = 0.2;
    for (let second = 0; second < 120; second++) {
      sim.run(1_000);
      for (const { members } of sim.members.values()) {
        expect([...members.values()].filter(({ record }) => record.status === 'dead')).toEqual([]);
      }
    }
  });

  it('what a member says of itself reaches all', () => {
    const { sim, names } = cluster(9);
    sim.run(10_000);
    const details = { roles: ['ingester'], zone: 'b', address: '', state: 'LEAVING' as const, registeredMs: 1 };
    sim.step('n4', { kind: 'update', details });
    const told = (): boolean =>
      names.every((of) => sim.members.get(of)!.members.get('n4')!.record.details.zone === 'b');
    expect(sim.until(told, 10_000)).toBeDefined();
  });

  it('who has sent something has been heard, who was only told of has not', () => {
    const state = newMembership('a', DETAILS, 1, DEFAULT_MEMBERSHIP_SETTINGS, () => 0.5, 0);
    const alive = (name: string, incarnation = 1): MemberRecord => ({
      ...{ name, incarnation, status: 'alive', details: DETAILS },
    });
    const hear = (from: string, updates: readonly MemberRecord[], now: number): void => {
      const event: MembershipEvent = { kind: 'message', from, message: { kind: 'gossip.news', updates } };
      stepMembership(state, event, now);
    };
    hear('b', [alive('b'), alive('c')], 70);
    hear('d', [alive('b', 2)], 90);
    expect(state.members.get('b')).toMatchObject({ heardAt: 70, since: 90 });
    expect(state.members.get('c')!.heardAt).toBeUndefined();
  });

  it('three hundred members agree within seconds, with few messages each', () => {
    const sim = new SimMembership(3);
    for (let i = 0; i < 300; i++) sim.start(`n${i}`, [`n${Math.floor(i / 2)}`]);
    expect(sim.until(() => sim.agreed(), 30_000, 500)).toBeDefined();
    sim.run(30_000);
    const before = { messages: sim.messages, now: sim.now };
    sim.stop('n50');
    expect(sim.until(() => sim.agreed(), 120_000, 500)).toBeDefined();
    const perMemberSecond = (sim.messages - before.messages) / 300 / ((sim.now - before.now) / 1000);
    expect(perMemberSecond).toBeLessThan(12);
  });

  it('merging records is commutative, associative and idempotent', () => {
    const status = fc.constantFrom<MemberStatus>('alive', 'suspect', 'dead', 'left');
    const details = { roles: [], zone: '', address: '', state: 'ACTIVE' as const, registeredMs: 0 };
    const record = fc
      .record({ incarnation: fc.nat(3), status })
      .map((drawn): MemberRecord => ({ name: 'x', details, ...drawn }));
    const merge = (a: MemberRecord, b: MemberRecord): MemberRecord => (supersedes(b, a) ? b : a);
    fc.assert(
      fc.property(record, record, record, (a, b, c) => {
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, a)).toEqual(a);
      }),
    );
  });
});
