import { describe, expect, it } from 'vitest';
import { A, B, EVERYTHING, Harness, messageOf, readRows } from '../../../test/support/ingester-steps.js';

describe('reading memory', () => {
  it('names matching streams that overlap the range, with their totals', () => {
    const h = new Harness();
    h.write({
      [A]: [
        [10, 'one', { k: 'v' }],
        [20, 'two'],
      ],
      [B]: [[15, 'three']],
    });
    const memtables = h.live('tenant', [{ name: 'app', op: '=~', value: 'a|x' }]).memtables;
    expect(memtables).toMatchObject([{ fromSeq: 1, toSeq: 1, rows: 2, bytes: 6 }]);
    expect(memtables[0]!.streams).toEqual([
      { id: 0, key: A, labels: [['app', 'a']], minTime: 10n, maxTime: 20n, rows: 2, bytes: 6 },
    ]);
    const during = (start: bigint, end: bigint): number => {
      const { reply } = h.ask({
        kind: 'live.resolve',
        tenant: 'tenant',
        range: { start, end },
        matchers: [],
        query: 'q',
      });
      return reply?.kind === 'live' ? reply.snapshot.memtables.flatMap(({ streams }) => streams).length : -1;
    };
    expect([during(0n, 10n), during(0n, 11n), during(15n, 16n), during(20n, 30n), during(21n, 30n)]).toEqual([
      0, 1, 2, 1, 0,
    ]);
    expect(h.live('stranger').memtables).toEqual([]);
  });

  it('gives the runs of the asked streams only, numbered as asked', () => {
    const h = new Harness();
    h.write({
      [A]: [[1, 'a1']],
      [B]: [
        [1, 'b1'],
        [2, 'b2'],
      ],
      '{app="c"}': [[1, 'c1']],
    });
    h.write({ '{app="c"}': [[2, 'c2']] });
    const { snapshot } = h.live().memtables[0]!;
    const reply = h.read(snapshot, [2, 0]);
    expect(readRows(reply)).toEqual(['1 c1 {}', '1 a1 {}', '2 c2 {}']);
    if (reply?.kind !== 'live.batches') throw new Error('no batches');
    expect(reply.labels).toEqual([[['app', 'c']], [['app', 'a']]]);
    expect(reply.batches.map(({ runs }) => [...runs])).toEqual([
      [3, 4, 0, 0, 1, 1],
      [0, 1, 0],
    ]);
    expect(readRows(h.read(snapshot, []))).toEqual([]);
    expect(readRows(h.read(snapshot, [99]))).toEqual([]);
  });

  it('gives nothing to a query that named it before a restart (simulation seed 12631: another tenant got the rows)', () => {
    const before = new Harness();
    before.write({ [A]: [[1, 'mine']] });
    const { snapshot } = before.live('tenant').memtables[0]!;
    const after = new Harness();
    after.write({ [A]: [[1, 'yours']] });
    expect(after.live('tenant').memtables).toHaveLength(1);
    expect(after.read(snapshot, [0])).toMatchObject({ kind: 'fault', fault: { code: 'unavailable' } });
  });

  it('keeps what a query named as it was, also after it was flushed, until the query ends', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'one']] });
    const { snapshot, streams } = h.live().memtables[0]!;
    const ids = streams.map(({ id }) => id);
    h.write({ [A]: [[2, 'two']] });
    expect(readRows(h.read(snapshot, ids))).toEqual(['1 one {}']);
    h.ask({ kind: 'flush' });
    h.stored();
    expect(h.live('tenant', [], 'later').memtables).toEqual([]);
    expect(readRows(h.read(snapshot, ids))).toEqual(['1 one {}']);
    expect(h.metric('memory_bytes')).toBeGreaterThan(0);
    h.ask({ kind: 'live.release', query: 'q' });
    expect(messageOf(h.read(snapshot, ids))).toMatch(/^unavailable/);
    expect(h.metric('memory_bytes')).toBe(0);
  });

  it('forgets a query that never ended', () => {
    const h = new Harness({ liveRetentionMs: 5000 });
    h.write({ [A]: [[1, 'one']] });
    const { snapshot } = h.live().memtables[0]!;
    h.after(4000);
    expect(h.read(snapshot, [0])?.kind).toBe('live.batches');
    h.after(1000);
    expect(messageOf(h.read(snapshot, [0]))).toMatch(/^unavailable/);
    expect(h.metric('live_queries')).toBe(0);
  });

  it('answers a pattern that does not compile with a bad request', () => {
    const h = new Harness();
    const matchers = [{ name: 'a', op: '=~' as const, value: '(' }];
    const { reply } = h.ask({ kind: 'live.resolve', tenant: 't', range: EVERYTHING, matchers, query: 'q' });
    expect(messageOf(reply)).toMatch(/^bad-request: .*missing closing \)/);
  });
});
