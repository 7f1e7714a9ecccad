import { describe, expect, it } from 'vitest';
import { A, Harness, messageOf, type Store } from '../../../test/support/ingester-steps.js';

describe('flushing', () => {
  const KEPT = { chunkIdlePeriodMs: 60_000, maxChunkAgeMs: 100_000 };

  it('happens at a size, when nothing came for a while, at an age, and when asked', () => {
    const full = new Harness({ flushBytes: 5000 });
    full.write({ [A]: [[1, 'x'.repeat(4999)]] });
    expect(full.stores).toEqual([]);
    full.write({ [A]: [[2, '0']] });
    expect(full.stores).toHaveLength(1);

    const idle = new Harness(KEPT);
    idle.write({ [A]: [[1, 'x']] });
    idle.after(59_000);
    expect(idle.stores).toEqual([]);
    idle.after(1000);
    expect(idle.stores).toHaveLength(1);

    const old = new Harness(KEPT);
    for (let i = 0; i < 9; i++) {
      old.write({ [A]: [[i, 'x']] });
      old.after(11_000);
    }
    expect(old.stores).toEqual([]);
    old.after(1000);
    expect(old.stores).toHaveLength(1);

    const asked = new Harness();
    asked.write({ [A]: [[1, 'x']] });
    asked.ask({ kind: 'flush' });
    expect(asked.stores).toHaveLength(1);
  });

  it('is waited for by appends when there is much in memory, and only as long as it goes well', () => {
    const h = new Harness({ backlogBytesMax: 8000, flushBytes: 5000 });
    h.write({ [A]: [[1, 'x'.repeat(5000)]] });
    expect(h.stores).toHaveLength(1);
    h.write({ [A]: [[2, 'x']] });
    const [waiting, other] = [h.append({ [A]: [[3, 'y']] }), h.append({ [A]: [[4, 'z']] })];
    expect([h.groups, waiting.reply]).toEqual([[], null]);
    h.after(2000);
    expect(h.metric('backlogged_seconds_total')).toBe(0); // it says so when it is over
    h.stored();
    expect(h.metric('backlogged_seconds_total')).toBe(2);
    expect(h.groups[0]!.records).toHaveLength(2);
    h.synced();
    expect([waiting.reply, other.reply]).toEqual([{ kind: 'ok' }, { kind: 'ok' }]);

    h.write({ [A]: [[5, 'x'.repeat(5000)]] });
    h.write({ [A]: [[6, 'x']] });
    const late = h.append({ [A]: [[7, 'y']] });
    expect(h.groups).toEqual([]);
    h.failed();
    h.synced();
    expect(late.reply).toEqual({ kind: 'ok' });
  });

  it('begins a new segment, and forgets the log when the objects are stored', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'x']] });
    h.write({ [A]: [[2, 'x']] });
    const asked = h.ask({ kind: 'flush' });
    expect([h.rotations, h.truncated, asked.reply]).toEqual([1, [], null]);
    expect(h.rows()).toHaveLength(2);
    const { input } = h.stored();
    expect(input.source).toEqual({ writer: 'ingester-0', fromSeq: 1, toSeq: 2 });
    expect([h.truncated, asked.reply, h.rows()]).toEqual([[2], { kind: 'ok' }, []]);
    expect(h.ask({ kind: 'flush' }).reply).toEqual({ kind: 'ok' });
    expect(h.metric('memory_bytes')).toBe(0);
    expect(h.metric('streams_removed_total')).toBe(1);
  });

  it('makes one object per tenant and window, and drops the memtable after the last of them', () => {
    const h = new Harness({ objectWindowMs: 1 });
    h.write({
      [A]: [
        [0, 'a'],
        [2_500_000, 'c'],
        [1_500_000, 'b'],
      ],
    });
    h.write({ [A]: [[1, 'x']] }, 'other');
    h.ask({ kind: 'flush' });
    const windows: string[] = [];
    for (let i = 0; i < 4; i++) {
      expect(h.truncated).toEqual([]);
      const { tenant, window } = h.stored().input;
      windows.push(`${tenant} ${window.start}`);
    }
    expect(windows).toEqual(['tenant 0', 'tenant 1000000', 'tenant 2000000', 'other 0']);
    expect(h.truncated).toEqual([2]);
  });

  it('that fails keeps the data, says so, and is tried again later and later', () => {
    const h = new Harness({ flushBackoffMinMs: 2000, flushBackoffMaxMs: 5000 });
    h.write({ [A]: [[1, 'x']] });
    const asked = h.ask({ kind: 'flush' });
    const waits = [2000, 4000, 5000, 5000];
    for (const wait of waits) {
      h.failed();
      h.after(wait - 1000);
      expect(h.stores).toEqual([]);
      h.after(1000);
      expect(h.stores).toHaveLength(1);
    }
    expect(messageOf(asked.reply)).toMatch(/^unavailable: flush failed.*no bucket/);
    expect([h.rows(), h.truncated]).toEqual([['1 x {}'], []]);
    expect(h.write({ [A]: [[2, 'y']] })).toEqual({ kind: 'ok' });
    h.stored();
    expect([h.rows(), h.truncated]).toEqual([['2 y {}'], [1]]);
  });

  it('forgets the log only up to the oldest memtable that is left', () => {
    const h = new Harness({ flushBytes: 1, flushConcurrency: 2 });
    h.write({ [A]: [[1, 'x']] });
    h.write({ [A]: [[2, 'y']] });
    h.write({ [A]: [[3, 'z']] });
    const [first, second] = h.stores.splice(0) as [Store, Store];
    expect(h.stores).toEqual([]);
    h.event({ kind: 'flush.stored', job: second.job, bytes: 1 });
    expect(h.truncated).toEqual([0]);
    expect(h.rows()).toEqual(['1 x {}', '3 z {}']);
    h.event({ kind: 'flush.stored', job: first.job, bytes: 1 });
    expect(h.truncated).toEqual([0, 2]);
    h.stored();
    expect(h.truncated).toEqual([0, 2, 3]);
  });

  it('covers the numbers of a refused group, which may be in the log', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'x']] });
    h.append({ [A]: [[2, 'y']] });
    h.refused();
    h.ask({ kind: 'flush' });
    expect(h.stored().input.source).toMatchObject({ fromSeq: 1, toSeq: 2 });
    h.write({ [A]: [[3, 'z']] });
    h.ask({ kind: 'flush' });
    expect(h.stored().input.source).toMatchObject({ fromSeq: 3, toSeq: 3 });
  });

  it('leaves a group in flight to the next memtable', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'x']] });
    h.append({ [A]: [[2, 'y']] });
    const asked = h.ask({ kind: 'flush' });
    expect(h.stored().input.source).toMatchObject({ fromSeq: 1, toSeq: 1 });
    expect([asked.reply, h.truncated]).toEqual([{ kind: 'ok' }, [1]]);
    h.refused();
    h.write({
      [A]: [
        [1, 'x'],
        [2, 'y'],
      ],
    });
    expect(h.rows()).toEqual(['1 x {}', '2 y {}']);
  });
});
