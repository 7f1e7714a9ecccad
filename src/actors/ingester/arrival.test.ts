import { describe, expect, it } from 'vitest';
import { entriesOf, type Row } from '../../../test/support/entries.js';
import { A, Harness } from '../../../test/support/ingester-steps.js';
import type { ArrivedRecord } from './log.js';

const record = (seq: number, rows: readonly Row[]): ArrivedRecord => ({ seq, buffer: entriesOf({ [A]: rows }).buffer });

describe('records that arrive in the log', () => {
  it('are visible at once, without being written anywhere', () => {
    const h = new Harness();
    h.event({ kind: 'arrived', records: [record(1, [[1, 'x']]), record(2, [[2, 'y']])] });
    expect([h.rows(), h.groups]).toEqual([['1 x {}', '2 y {}'], []]);
    expect(h.live().throughSeq).toBe(2);
  });

  it('are taken once, however often they come', () => {
    const h = new Harness();
    h.event({ kind: 'arrived', records: [record(1, [[1, 'x']]), record(2, [[2, 'y']])] });
    h.event({ kind: 'arrived', records: [record(2, [[2, 'other']]), record(3, [[1, 'x']])] });
    expect(h.rows()).toEqual(['1 x {}', '2 y {}']);
    expect(h.live().throughSeq).toBe(3);
  });

  it('are beyond limits: they were acknowledged', () => {
    const h = new Harness({ memoryBytesMax: 1 }, { max_global_streams_per_user: 1, per_stream_rate_limit: 1 });
    const buffer = entriesOf({ [A]: [[1, 'x'.repeat(100)]], '{app="b"}': [[1, 'y']], '{app="c"}': [[1, 'z']] }).buffer;
    h.event({ kind: 'arrived', records: [{ seq: 1, buffer }] });
    expect(h.rows()).toHaveLength(3);
  });

  it('that make no sense are counted and passed over', () => {
    const h = new Harness();
    h.event({ kind: 'arrived', records: [{ seq: 1, buffer: new SharedArrayBuffer(9) }, record(2, [[2, 'y']])] });
    expect(h.rows()).toEqual(['2 y {}']);
    expect(h.metric('wal_unreadable_records_total')).toBe(1);
  });

  it('are flushed like others, from the first number that is not in objects, and forgotten when stored', () => {
    const h = new Harness({}, {}, { batches: [], coverage: new Map(), lastSeq: 40, truncatedSeq: 40, unreadable: 0 });
    h.event({ kind: 'arrived', records: [record(45, [[1, 'x']]), record(47, [[2, 'y']])] });
    h.ask({ kind: 'flush' });
    expect(h.stored().input.source).toMatchObject({ fromSeq: 41, toSeq: 47 });
    expect(h.truncated).toEqual([47]);
    expect(h.rows()).toEqual([]);
  });

  it('fill a memtable like others', () => {
    const h = new Harness({ flushBytes: 5000 });
    h.event({ kind: 'arrived', records: [record(1, [[1, 'x'.repeat(4999)]])] });
    expect(h.stores).toEqual([]);
    h.event({ kind: 'arrived', records: [record(2, [[2, 'y'.repeat(10)]])] });
    expect(h.stores).toHaveLength(1);
  });
});
