import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../../test/support/entries.js';
import { A, B, Harness, messageOf, NOTHING } from '../../../test/support/ingester-steps.js';

describe('taking over a log', () => {
  const batches = [
    {
      seq: 5,
      entries: entriesOf({
        [A]: [
          [1, 'one'],
          [1_500_000, 'late'],
        ],
      }),
    },
    {
      seq: 6,
      entries: entriesOf({
        [A]: [
          [2, 'two'],
          [1, 'one'],
        ],
      }),
    },
  ];

  it('refuses everything until it is read', () => {
    const h = new Harness({}, {}, null);
    expect(messageOf(h.append({ [A]: [[1, 'x']] }).reply)).toMatch(/^unavailable: .*starting/);
    expect(messageOf(h.ask({ kind: 'flush' }).reply)).toMatch(/^unavailable/);
    h.event({ kind: 'recovered', recovered: NOTHING });
    expect(h.write({ [A]: [[1, 'x']] })).toEqual({ kind: 'ok' });
  });

  it('shows what it held, flushes it in its time and continues the numbers', () => {
    const h = new Harness(
      {},
      { max_global_streams_per_user: 1, per_stream_rate_limit: 1, per_stream_rate_limit_burst: 4 },
      { ...NOTHING, batches, lastSeq: 9, truncatedSeq: 4 },
    );
    expect(h.rows()).toEqual(['1 one {}', '1500000 late {}', '2 two {}']);
    expect(h.write({ [A]: [[2, 'two']] })).toEqual({ kind: 'ok' });
    h.append({ [A]: [[3, '3']] });
    expect(h.groups[0]!.records[0]!.seq).toBe(10);
    h.synced();
    h.after(60_000);
    expect(h.stored().input.source).toMatchObject({ fromSeq: 5, toSeq: 10 });
    expect(h.truncated).toEqual([10]);
  });

  it('leaves out what objects hold already, by time window', () => {
    const coverage = new Map([['tenant', [{ window: 0n, ranges: [[1, 5]] as const }]]]);
    const recovered = { ...NOTHING, batches, coverage, lastSeq: 6, truncatedSeq: 4 };
    const h = new Harness({ objectWindowMs: 1 }, {}, recovered);
    expect(h.rows()).toEqual(['1500000 late {}', '2 two {}', '1 one {}']);
    h.ask({ kind: 'flush' });
    h.stored();
    expect(h.stored().input.source).toMatchObject({ fromSeq: 5, toSeq: 6 });
    expect([h.stores, h.truncated]).toEqual([[], [6]]);
  });

  it('flushes a log that is larger than a memtable in parts, and forgets each with its object', () => {
    const h = new Harness({ flushBytes: 5 }, {}, { ...NOTHING, batches, lastSeq: 9, truncatedSeq: 4 });
    expect(h.rows()).toEqual(['1 one {}', '1500000 late {}', '2 two {}']);
    expect(h.stored().input.source).toMatchObject({ fromSeq: 5, toSeq: 5 });
    expect([h.rows(), h.truncated]).toEqual([['2 two {}'], [5]]);
    expect(h.stored().input.source).toMatchObject({ fromSeq: 6, toSeq: 6 });
    expect([h.rows(), h.truncated]).toEqual([[], [5, 9]]);
  });

  it('forgets the log at once when objects hold all of it, and knows a retry of it', () => {
    const coverage = new Map([['tenant', [{ window: 0n, ranges: [[5, 6]] as const }]]]);
    const h = new Harness({}, {}, { ...NOTHING, batches, coverage, lastSeq: 6, truncatedSeq: 4 });
    expect([h.rows(), h.truncated]).toEqual([[], [6]]);
    expect(h.ask({ kind: 'append', batch: batches[0]!.entries.buffer }).reply).toEqual({ kind: 'ok' });
    expect(h.groups).toEqual([]);
    expect(h.write({ [A]: [[9, 'nine']] })).toEqual({ kind: 'ok' });
    expect(h.live().memtables).toMatchObject([{ fromSeq: 7, toSeq: 7 }]);
  });

  it('counts a record that names no stream and goes on', () => {
    const odd = { seq: 7, entries: entriesOf({ [B]: [[1, 'x']], nonsense: [[1, 'x']] }) };
    const h = new Harness({}, {}, { ...NOTHING, batches: [...batches, odd], lastSeq: 7, unreadable: 2 });
    expect(h.rows()).toHaveLength(3);
    expect(h.metric('wal_unreadable_records_total')).toBe(3);
    expect(h.metric('memory_streams')).toBe(1);
  });
});
