import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { rowsOf, snappyPush } from '../../../test/support/push.js';
import { type Fault, fault } from '../../wire/fault.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import { type DecodedPush, decodePush, PushMemory } from './decode-push.js';
import type { DistributorEffect, DistributorEvent, DistributorRing } from './events.js';
import { DEFAULT_DISTRIBUTOR_SETTINGS } from './settings.js';
import { type DistributorState, newDistributorState } from './state.js';
import { type DistributorContext, step } from './step.js';

const NOW = 1_793_491_200_000_000_000n;
const memory = new PushMemory(1 << 24);

/** A push with a stream for each name. */
function decoded(names: readonly string[], tenant = 'acme'): DecodedPush {
  const body = snappyPush(names.map((name) => ({ labels: `{s="${name}"}`, entries: [{ time: NOW, line: name }] })));
  const request = { tenant, contentType: 'application/x-protobuf', body, format: 'loki' as const };
  return decodePush(request, DEFAULT_LIMITS, NOW, memory);
}

let state: DistributorState;
beforeEach(() => {
  state = newDistributorState();
});

const ABC: DistributorRing = { owners: () => ['a', 'b', 'c'], distributors: 1 };
/** Three of five by the token; the other two in any order. */
const OF_FIVE: DistributorRing = {
  owners: (token) => {
    const others = [1, 2].map((i) => `i${(token + i) % 5}`);
    return [`i${token % 5}`, ...(token & 64 ? others : others.reverse())];
  },
  distributors: 1,
};

const context = (ring = ABC, settings = {}): DistributorContext => ({
  ...{ ring, self: 'd0/7', settings: { ...DEFAULT_DISTRIBUTOR_SETTINGS, replicationFactor: 3, ...settings } },
});

function push(name: string, names: readonly string[] = ['x'], where = context(), tenant = 'acme'): DistributorEffect[] {
  const event = { kind: 'push', push: name, tenant, limits: DEFAULT_LIMITS, decoded: decoded(names, tenant) } as const;
  return step(state, event, 0, where);
}

const send = (event: DistributorEvent): DistributorEffect[] => step(state, event, 0, context());
const ok = (from: string, part = 0): DistributorEffect[] => send({ kind: 'append.ok', push: 'p', part, from });
const no = (from: string, why: Fault = GONE, part = 0): DistributorEffect[] =>
  send({ kind: 'append.fault', push: 'p', part, from, fault: why });
const owns = (from: string, why: Fault | null = null): DistributorEffect[] =>
  send({ kind: 'own.answered', push: 'p', part: 0, from, fault: why });
const late = (): DistributorEffect[] => send({ kind: 'timeout', push: 'p', timer: 'owner' });

const GONE = fault('unavailable', 'nobody answers');
const FULL = fault('storage-full', 'the disk is full');
const OVER = fault('limited', 'too many streams');

const ofKind = <K extends DistributorEffect['kind']>(effects: DistributorEffect[], kind: K) =>
  effects.filter((effect): effect is Extract<DistributorEffect, { kind: K }> => effect.kind === kind);
const replies = (effects: DistributorEffect[]): string[] =>
  ofKind(effects, 'reply').map((effect) => effect.fault?.message ?? 'done');
const asked = (effects: DistributorEffect[]): string[] => ofKind(effects, 'own').map(({ to }) => to);

describe('a replicated part', () => {
  it('goes to all replicas with its name, its owner and their order', () => {
    const appends = ofKind(push('p'), 'append');
    expect(appends.map(({ to }) => to)).toEqual(['a', 'b', 'c']);
    expect(new Set(appends.map(({ batch }) => batch)).size).toBe(1);
    const copy = { origin: 'd0/7.0/a/acme', seq: 1, owner: 'a', replicas: ['a', 'b', 'c'] };
    for (const append of appends) expect(append.copy).toEqual(copy);
  });

  it('has the streams of one owner and the same replicas, however these are ordered', () => {
    const names = Array.from({ length: 40 }, (_, i) => `s${i}`);
    const appends = ofKind(push('p', names, context(OF_FIVE)), 'append');
    expect(new Set(appends.map(({ part }) => part)).size).toBe(5);
    expect(appends).toHaveLength(15);
    const rows = appends.filter(({ to, copy }) => to === copy?.owner).flatMap(({ batch }) => rowsOf(batch));
    expect(rows.map(({ line }) => line).sort()).toEqual([...names].sort());
    const named = ofKind(push('q', names, context(OF_FIVE)), 'append');
    expect(named.every(({ copy }) => copy?.replicas[0] === copy?.owner)).toBe(true);
  });

  it('is numbered without holes for each owner and tenant', () => {
    const numbers = (name: string, tenant: string): unknown =>
      ofKind(push(name, ['x'], context(), tenant), 'append').map(({ copy }) => [copy?.origin, copy?.seq])[0];
    expect(numbers('p', 't')).toEqual(['d0/7.0/a/t', 1]);
    expect(numbers('q', 't')).toEqual(['d0/7.0/a/t', 2]);
    expect(numbers('r', 'u')).toEqual(['d0/7.0/a/u', 1]);
    expect(numbers('s', 't')).toEqual(['d0/7.0/a/t', 3]);
  });

  it('uses up no number when it is not sent', () => {
    push('p', ['x'], context({ owners: () => ['a'], distributors: 1 }));
    expect(ofKind(push('q'), 'append')[0]?.copy?.seq).toBe(1);
  });
});

describe('a push is answered', () => {
  beforeEach(() => void push('p'));

  it('when its owner and one more have it', () => {
    expect(replies(ok('a'))).toEqual([]);
    expect(replies(ok('b'))).toEqual(['done']);
  });

  it('not before its owner has it, however many others have', () => {
    expect(replies([...ok('b'), ...ok('c')])).toEqual([]);
    expect(replies(ok('a'))).toEqual(['done']);
  });

  it('not because one says twice that it has it', () => {
    expect(replies([...ok('a'), ...ok('a')])).toEqual([]);
  });

  it('not because of somebody who was not asked', () => {
    expect(replies([...ok('a'), ...ok('z')])).toEqual([]);
  });

  it('told as durable once, and nothing is kept of it', () => {
    const effects = [...ok('a'), ...ok('b'), ...ok('c')];
    expect(ofKind(effects, 'durable')).toHaveLength(1);
    expect(ofKind(effects, 'timer.clear')).toEqual([{ kind: 'timer.clear', push: 'p' }]);
    expect(state.inFlight.size + state.inFlightBytes).toBe(0);
  });

  it('with what its owner says about the entries, whoever else has them', () => {
    expect(replies([...ok('b'), ...ok('c')])).toEqual([]);
    expect(ofKind(no('a', OVER), 'reply')).toEqual([{ kind: 'reply', push: 'p', fault: OVER }]);
  });

  it('with why too few have it', () => {
    expect(replies(no('b', GONE))).toEqual([]);
    const [reply] = ofKind(no('c', FULL), 'reply');
    expect(reply?.fault).toMatchObject({ code: 'unavailable', retryable: true });
    expect(reply?.fault?.message).toBe(
      'entries are with 0 ingesters of at least 2; send them again (b: nobody answers; c: the disk is full)',
    );
  });

  it('with 507 when disks are full everywhere', () => {
    no('a', FULL);
    expect(ofKind(no('c', FULL), 'reply')[0]?.fault?.code).toBe('storage-full');
  });
});

describe('an owner', () => {
  beforeEach(() => void push('p'));

  it('that fails is replaced by the next that has the part, and only then is the push answered', () => {
    expect(asked(no('a'))).toEqual([]);
    const effects = ok('b');
    expect(ofKind(effects, 'own')).toMatchObject([{ to: 'b', part: 0, id: { origin: 'd0/7.0/a/acme', seq: 1 } }]);
    expect(replies([...effects, ...ok('c')])).toEqual([]);
    expect(replies(owns('b'))).toEqual(['done']);
  });

  it('that is late is replaced too', () => {
    expect(asked([...ok('b'), ...ok('c')])).toEqual([]);
    expect(asked(late())).toEqual(['b']);
    expect(replies(owns('b'))).toEqual(['done']);
  });

  it('that is late is replaced by the first that comes to have it', () => {
    expect(asked(late())).toEqual([]);
    expect(asked(ok('c'))).toEqual(['c']);
    expect(asked(ok('b'))).toEqual([]);
  });

  it('that answers late ends the push all the same', () => {
    ok('b');
    expect(asked(late())).toEqual(['b']);
    expect(replies(ok('a'))).toEqual(['done']);
    expect(owns('b')).toEqual([]);
  });

  it('that has it is not replaced when time goes by', () => {
    ok('a');
    expect(late()).toEqual([]);
    expect(replies(ok('b'))).toEqual(['done']);
  });

  it('promoted early still waits for the majority', () => {
    no('a');
    ok('c');
    expect(replies(owns('c'))).toEqual([]);
    expect(replies(ok('b'))).toEqual(['done']);
  });

  it('is looked for on, when the one asked fails', () => {
    no('a');
    ok('b');
    expect(asked(ok('c'))).toEqual([]);
    expect(asked(owns('b', GONE))).toEqual(['c']);
    expect(replies(owns('c'))).toEqual(['done']);
  });

  it('that nobody becomes is a reason to send again', () => {
    no('a');
    ok('b');
    ok('c');
    owns('b', GONE);
    const [reply] = ofKind(owns('c', fault('timeout', 'late')), 'reply');
    expect(reply?.fault).toMatchObject({ code: 'unavailable', retryable: true });
    expect(reply?.fault?.message).toContain('send them again');
    expect(state.inFlight.size).toBe(0);
  });

  it('promoted refuses what is over its limits, as any owner does', () => {
    no('a');
    ok('b');
    expect(replies(owns('b', OVER))).toEqual(['too many streams']);
  });

  it('asked that has lost the part counts no longer among those who have it', () => {
    no('a');
    ok('b');
    const effects = owns('b', fault('not-found', 'not held'));
    expect(asked(effects)).toEqual([]);
    expect(replies(effects)).toEqual([expect.stringContaining('with 0 ingesters of at least 2')]);
  });
});

describe('names of parts', () => {
  it('are never used again, also when their counters are forgotten', () => {
    const seen = new Set<string>();
    const where = context(ABC);
    const request = decoded(['x']);
    const round = (tenants: number): void => {
      for (let i = 0; i < tenants; i++) {
        const batch = { ...request.batch!, tenant: `t${i}` };
        const fields = { push: 'p', tenant: 'acme', limits: DEFAULT_LIMITS, decoded: { ...request, batch } };
        const event = { kind: 'push', ...fields } as const;
        const [append] = ofKind(step(state, event, 1000 * i, where), 'append');
        seen.add(`${append?.copy?.origin} ${append?.copy?.seq}`);
        send({ kind: 'timeout', push: 'p', timer: 'push' });
      }
    };
    round(100_050);
    round(100);
    expect(seen.size).toBe(100_150);
    expect(state.origins.counters.size).toBe(100_000);
  });
});

/** What the ingesters have done, next to what the distributor believes. */
interface World {
  readonly inbox: DistributorEvent[];
  /** By part: who has it, who owns it. */
  readonly has: Map<number, Set<string>>;
  readonly owns: Map<number, Set<string>>;
}

const FAULTS = [GONE, FULL, fault('timeout', 'late'), fault('internal', 'bug')];

describe('whatever happens', () => {
  it('every push is answered once, with done only if a majority of each part has it, an owner among them', () => {
    const draw = fc.infiniteStream(fc.nat());
    let done = 0;
    fc.assert(
      fc.property(draw, fc.integer({ min: 0, max: 60 }), (draws, trouble) => {
        const next = (below: number): number => (draws.next().value as number) % below;
        state = newDistributorState();
        const world: World = { inbox: [], has: new Map(), owns: new Map() };
        const answers: (Fault | null)[] = [];
        const perform = (effects: DistributorEffect[]): void => {
          for (const effect of effects) {
            if (effect.kind === 'append' || effect.kind === 'own') deliver(world, effect, next, trouble);
            if (effect.kind === 'timer.set') world.inbox.push({ kind: 'timeout', push: 'p', timer: effect.timer });
            if (effect.kind === 'reply') {
              answers.push(effect.fault);
              if (effect.fault === null) expectDurable(world);
            }
          }
        };
        perform(
          push(
            'p',
            Array.from({ length: 6 }, (_, i) => `s${i}`),
            context(OF_FIVE),
          ),
        );
        while (world.inbox.length > 0) {
          const at = next(world.inbox.length);
          const isEnd = world.inbox[at]?.kind === 'timeout' && world.inbox.length > 1;
          if (isEnd && next(8) > 0) continue; // mostly there is time enough
          // Whatever was said may be heard again.
          const [event] = next(4) === 0 ? [world.inbox[at]!] : world.inbox.splice(at, 1);
          perform(send(event!));
        }
        expect(answers).toHaveLength(1);
        expect(state.inFlight.size + state.inFlightBytes).toBe(0);
        if (answers[0] === null) done++;
        else if (trouble === 0) expect(answers[0]?.code).toBe('timeout');
      }),
      { numRuns: 500 },
    );
    expect(done).toBeGreaterThan(50);
  });
});

/** An ingester does what it is told, or not, and what it answers arrives, or not: then its ask ends with a timeout. */
function deliver(
  { inbox, has, owns }: World,
  effect: Extract<DistributorEffect, { kind: 'append' | 'own' }>,
  next: (below: number) => number,
  trouble: number,
): void {
  const { part, to } = effect;
  const fails = next(100) < trouble;
  if (!fails || next(2) === 0) {
    const of = (map: Map<number, Set<string>>): Set<string> => map.get(part) ?? map.set(part, new Set()).get(part)!;
    if (effect.kind === 'append') of(has).add(to);
    if (effect.kind === 'own' || effect.copy?.owner === to) of(owns).add(to);
  }
  const why = FAULTS[next(FAULTS.length)]!;
  if (effect.kind === 'own') inbox.push({ kind: 'own.answered', push: 'p', part, from: to, fault: fails ? why : null });
  else if (fails) inbox.push({ kind: 'append.fault', push: 'p', part, from: to, fault: why });
  else inbox.push({ kind: 'append.ok', push: 'p', part, from: to });
}

function expectDurable({ has, owns }: World): void {
  for (const [part, who] of has) {
    expect(who.size).toBeGreaterThanOrEqual(2);
    expect([...(owns.get(part) ?? [])].some((owner) => who.has(owner))).toBe(true);
  }
}
