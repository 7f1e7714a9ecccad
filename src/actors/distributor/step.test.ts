import { beforeEach, describe, expect, it } from 'vitest';
import { rowsOf, snappyPush } from '../../../test/support/push.js';
import { fault } from '../../wire/fault.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import { type DecodedPush, decodePush, PushMemory } from './decode-push.js';
import type { DistributorEffect, DistributorEvent, DistributorRing } from './events.js';
import { DEFAULT_DISTRIBUTOR_SETTINGS } from './settings.js';
import { type DistributorState, newDistributorState } from './state.js';
import { type DistributorContext, step } from './step.js';

const NOW = 1_793_491_200_000_000_000n;
const memory = new PushMemory(1 << 24);

/** A push with a stream for each name, and a line of so many bytes in each. */
function decoded(names: readonly string[], lineBytes = 5, limits = DEFAULT_LIMITS): DecodedPush {
  const streams = names.map((name) => ({
    labels: `{s="${name}"}`,
    entries: name === 'old' ? [{ time: 0n, line: 'x' }] : [{ time: NOW, line: 'x'.repeat(lineBytes) }],
  }));
  const body = names.includes('broken') ? Buffer.from('not snappy') : snappyPush(streams);
  const request = { tenant: 'acme', contentType: 'application/x-protobuf', body, format: 'loki' as const };
  return decodePush(request, limits, NOW, memory);
}

let state: DistributorState;
beforeEach(() => {
  state = newDistributorState();
});

const single: DistributorRing = { owners: () => ['i0'], distributors: 1 };
const context = (ring = single, settings = {}): DistributorContext => ({
  ring,
  self: 'd/1',
  settings: { ...DEFAULT_DISTRIBUTOR_SETTINGS, ...settings },
});

function push(
  name: string,
  push: DecodedPush,
  where = context(),
  nowMs = 0,
  limits = DEFAULT_LIMITS,
): DistributorEffect[] {
  return step(state, { kind: 'push', push: name, tenant: 'acme', limits, decoded: push }, nowMs, where);
}

const send = (event: DistributorEvent, where = context()): DistributorEffect[] => step(state, event, 0, where);
const ok = (name: string, from = 'i0', part = 0): DistributorEvent => ({ kind: 'append.ok', push: name, part, from });
const broken = fault('unavailable', 'log is full');
const failed = (name: string, from = 'i0', part = 0): DistributorEvent => ({
  kind: 'append.fault',
  push: name,
  part,
  from,
  fault: broken,
});
const ofKind = <K extends DistributorEffect['kind']>(effects: DistributorEffect[], kind: K) =>
  effects.filter((effect): effect is Extract<DistributorEffect, { kind: K }> => effect.kind === kind);
const replies = (effects: DistributorEffect[]) =>
  ofKind(effects, 'reply').map((effect) => effect.fault?.message ?? 'done');

describe('a push', () => {
  it('goes whole to the owner of all its streams and is answered when that has it', () => {
    const request = decoded(['a', 'b']);
    const effects = push('p', request);
    expect(ofKind(effects, 'append')).toEqual([
      { kind: 'append', push: 'p', part: 0, to: 'i0', batch: request.batch, copy: null },
    ]);
    expect(ofKind(effects, 'timer.set')).toEqual([{ kind: 'timer.set', push: 'p', timer: 'push', afterMs: 10_000 }]);
    expect(replies(effects)).toEqual([]);
    expect(send(ok('p'))).toEqual([
      { kind: 'durable', batch: request.batch },
      { kind: 'timer.clear', push: 'p' },
      { kind: 'reply', push: 'p', fault: null },
    ]);
    expect(state.inFlight.size).toBe(0);
    expect(state.inFlightBytes).toBe(0);
  });

  it('is counted once', () => {
    const [count] = ofKind(push('p', decoded(['a', 'old'])), 'count');
    expect(count).toEqual({
      kind: 'count',
      tenant: 'acme',
      counts: {
        lines: 2,
        bytes: 6,
        discarded: [{ reason: 'greater_than_max_sample_age', lines: 1, bytes: 1 }],
        truncatedLines: 0,
        truncatedBytes: 0,
      },
    });
  });

  it('of which a part is invalid is answered with that once the rest is durable', () => {
    expect(replies(push('p', decoded(['a', 'old'])))).toEqual([]);
    expect(replies(send(ok('p')))).toEqual([expect.stringContaining('timestamp too old')]);
  });

  it('of which nothing is left is answered at once', () => {
    expect(replies(push('p', decoded(['old'])))).toEqual([expect.stringContaining('timestamp too old')]);
    expect(replies(push('q', decoded(['broken'])))).toEqual(['snappy: corrupt input']);
    expect(state.inFlight.size).toBe(0);
  });

  it('that comes twice is sent once', () => {
    push('p', decoded(['a']));
    expect(push('p', decoded(['a']))).toEqual([]);
  });

  it('is answered with the fault of its only owner', () => {
    push('p', decoded(['a']));
    expect(send(failed('p'))).toEqual([
      { kind: 'timer.clear', push: 'p' },
      { kind: 'reply', push: 'p', fault: broken },
    ]);
    expect(state.inFlightBytes).toBe(0);
  });

  it('that takes too long is answered with a timeout, and what comes later is ignored', () => {
    push('p', decoded(['a']));
    const [reply] = ofKind(send({ kind: 'timeout', push: 'p', timer: 'push' }), 'reply');
    expect(reply?.fault).toMatchObject({ code: 'timeout', retryable: true });
    expect(reply?.fault?.message).toBe('push was not durable within 10000 ms, waiting for i0; send it again');
    expect(send(ok('p'))).toEqual([]);
    expect(send(failed('p'))).toEqual([]);
    expect(send({ kind: 'timeout', push: 'p', timer: 'push' })).toEqual([]);
  });
});

describe('owners', () => {
  const byName: DistributorRing = { owners: (token) => (token % 2 ? ['odd'] : ['even']), distributors: 1 };
  const names = Array.from({ length: 8 }, (_, i) => `s${i}`);

  it('each get the batch of their streams', () => {
    const request = decoded(names);
    const appends = ofKind(push('p', request, context(byName)), 'append');
    expect(appends.map(({ to }) => to).sort()).toEqual(['even', 'odd']);
    const rows = rowsOf(request.batch!);
    for (const { to, batch } of appends) {
      const mine = request.batch!.streams.filter((_, s) => (request.tokens[s]! % 2 ? 'odd' : 'even') === to);
      expect(rowsOf(batch)).toEqual(rows.filter(({ stream }) => mine.includes(stream)));
    }
  });

  it('must all have theirs before the push is answered', () => {
    const appends = ofKind(push('p', decoded(names), context(byName)), 'append');
    expect(replies(send(ok('p', appends[0]!.to, appends[0]!.part)))).toEqual([]);
    expect(replies(send(ok('p', appends[0]!.to, appends[0]!.part)))).toEqual([]);
    expect(replies(send(ok('p', appends[1]!.to, appends[1]!.part)))).toEqual(['done']);
  });

  it('that fail for one part fail the push', () => {
    const appends = ofKind(push('p', decoded(names), context(byName)), 'append');
    expect(replies(send(failed('p', appends[1]!.to, appends[1]!.part)))).toEqual(['log is full']);
  });

  it('that are too few are a reason to try later', () => {
    const none: DistributorRing = { owners: () => [], distributors: 1 };
    const [reply] = ofKind(push('p', decoded(['a']), context(none)), 'reply');
    expect(reply?.fault).toMatchObject({
      code: 'unavailable',
      message: 'at least 1 live replicas required, could only find 0',
    });
    const one = context(single, { replicationFactor: 3 });
    expect(replies(push('q', decoded(['a']), one))).toEqual(['at least 2 live replicas required, could only find 1']);
    expect(state.inFlight.size).toBe(0);
  });
});

describe('the rate limit', () => {
  const slow = { ...DEFAULT_LIMITS, ingestion_rate_mb: 0.001, ingestion_burst_size_mb: 0.001 };

  it('takes a whole push or nothing of it', () => {
    const effects = push('p', decoded(['a', 'old'], 2000, slow), context(), 0, slow);
    expect(replies(effects)).toEqual([
      "ingestion rate limit exceeded for user acme (limit: 1048 bytes/sec) while attempting to ingest '1' lines totaling '2000' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased",
    ]);
    expect(ofKind(effects, 'reply')[0]?.fault).toMatchObject({ code: 'limited', retryable: true });
    expect(ofKind(effects, 'count')[0]?.counts.discarded).toEqual([
      { reason: 'greater_than_max_sample_age', lines: 1, bytes: 1 },
      { reason: 'rate_limited', lines: 1, bytes: 2000 },
    ]);
    expect(replies(push('q', decoded(['a'], 1000, slow), context(), 0, slow))).toEqual([]);
    expect(replies(push('r', decoded(['a'], 1000, slow), context(), 0, slow))).toHaveLength(1);
  });

  it('lets pushes through again as time goes by', () => {
    push('p', decoded(['a'], 1000, slow), context(), 0, slow);
    expect(replies(push('q', decoded(['a'], 1000, slow), context(), 800, slow))).toHaveLength(1);
    expect(replies(push('r', decoded(['a'], 1000, slow), context(), 1000, slow))).toEqual([]);
  });

  it('is divided among the distributors', () => {
    const four = context({ ...single, distributors: 4 });
    push('p', decoded(['a'], 1000, slow), four, 0, slow);
    expect(replies(push('q', decoded(['a'], 1000, slow), four, 3000, slow))).toEqual([
      expect.stringContaining('(limit: 262 bytes/sec)'),
    ]);
    expect(replies(push('r', decoded(['a'], 1000, slow), four, 4000, slow))).toEqual([]);
  });

  it('is all of it for each distributor where that is the strategy', () => {
    const local = { ...slow, ingestion_rate_strategy: 'local' } as const;
    const four = context({ ...single, distributors: 4 });
    push('p', decoded(['a'], 1000, local), four, 0, local);
    expect(replies(push('q', decoded(['a'], 1000, local), four, 1000, local))).toEqual([]);
  });

  it('is not divided by nobody: this distributor is alive', () => {
    const none = context({ ...single, distributors: 0 });
    push('p', decoded(['a'], 1000, slow), none, 0, slow);
    expect(replies(push('q', decoded(['a'], 1000, slow), none, 800, slow))).toEqual([
      expect.stringContaining('(limit: 1048 bytes/sec)'),
    ]);
  });

  it('is each tenant its own', () => {
    push('p', decoded(['a'], 1000, slow), context(), 0, slow);
    const event = {
      kind: 'push',
      push: 'q',
      tenant: 'other',
      limits: slow,
      decoded: decoded(['a'], 1000, slow),
    } as const;
    expect(replies(step(state, event, 0, context()))).toEqual([]);
  });

  it('does not remember tenants for ever', () => {
    const request = decoded(['a']);
    for (let i = 0; i < 12_000; i++) {
      const event = { kind: 'push', push: 'p', tenant: `t${i}`, limits: DEFAULT_LIMITS, decoded: request } as const;
      step(state, event, 0, context());
      send(ok('p'));
    }
    expect(state.buckets.size).toBe(10_000);
  });
});

describe('too many pushes', () => {
  it('are refused by number', () => {
    const two = context(single, { maxInFlightPushes: 2 });
    push('p', decoded(['a']), two);
    push('q', decoded(['a']), two);
    const [reply] = ofKind(push('r', decoded(['a']), two), 'reply');
    expect(reply?.fault).toMatchObject({ code: 'limited', retryable: true });
    send(ok('p'));
    expect(replies(push('r', decoded(['a']), two))).toEqual([]);
  });

  it('are refused by bytes, but never one alone', () => {
    const small = context(single, { maxInFlightBytes: 100 });
    expect(replies(push('p', decoded(['a'], 5000), small))).toEqual([]);
    expect(replies(push('q', decoded(['a']), small))).toEqual([
      expect.stringContaining('too many outstanding pushes: 1 with'),
    ]);
  });
});
