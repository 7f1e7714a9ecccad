import { describe, expect, it } from 'vitest';
import type { Row } from '../../../test/support/entries.js';
import { A, B, Harness, messageOf } from '../../../test/support/ingester-steps.js';

describe('limits', () => {
  it('refuse new streams beyond the maximum and take the rest of the append', () => {
    const h = new Harness({}, { max_global_streams_per_user: 1 });
    const reply = h.write({ [A]: [[1, 'one']], [B]: [[1, 'two']], '{app="c"}': [[1, 'three']] });
    expect(messageOf(reply)).toBe(
      [B, '{app="c"}']
        .map(
          (stream) =>
            `maximum active stream limit exceeded when trying to create stream ${stream}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'tenant'`,
        )
        .join('\n')
        .replace(/^/, 'limited: '),
    );
    expect(h.rows()).toEqual(['1 one {}']);
    expect(h.write({ [A]: [[2, 'more']] })).toEqual({ kind: 'ok' });
    expect(messageOf(h.write({ [A]: [[3, 'x']] }, 'another'))).toBe('ok');
    h.ask({ kind: 'flush' });
    h.stored();
    h.stored();
    expect(h.write({ [B]: [[1, 'two']] })).toEqual({ kind: 'ok' });
  });

  it('refuse a stream above its rate until its bucket has filled again', () => {
    const h = new Harness(
      { maxReturnedStreamErrors: 2 },
      { per_stream_rate_limit: 1024, per_stream_rate_limit_burst: 2048 },
    );
    expect(h.write({ [A]: [[1, 'x'.repeat(2000)]] })).toEqual({ kind: 'ok' });
    const time = 1_772_376_166_119_119_010n;
    const rows: Row[] = [
      [time, 'y'.repeat(1024)],
      [time + 5n, 'z'],
      [time + 6n, 'z'],
    ];
    const why = (size: string): string =>
      `Per stream rate limit exceeded (limit: 1KB/sec) while attempting to ingest for stream '${A}' totaling ${size}, consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased`;
    expect(messageOf(h.write({ [A]: rows, [B]: [[1, 'fine']] }))).toBe(
      `limited: entry with timestamp 2026-03-01 14:42:46.11911901 +0000 UTC ignored, reason: '${why('1KB')}',\n` +
        `entry with timestamp 2026-03-01 14:42:46.119119015 +0000 UTC ignored, reason: '${why('1B')}',\n` +
        `user 'tenant', total ignored: 3 out of 3 for stream: ${A}`,
    );
    expect(h.rows()).toEqual([`1 ${'x'.repeat(2000)} {}`, '1 fine {}']);
    h.after(1000);
    expect(h.write({ [A]: rows })).toEqual({ kind: 'ok' });
  });

  it('refuse appends above the memory bound until a flush has finished', () => {
    const h = new Harness({ memoryBytesMax: 8000 });
    expect(h.write({ [A]: [[1, 'x'.repeat(5000)]] })).toEqual({ kind: 'ok' });
    expect(messageOf(h.append({ [A]: [[2, 'y'.repeat(2000)]] }).reply)).toMatch(/^unavailable: .*try again/);
    h.stored();
    expect(h.write({ [A]: [[2, 'y'.repeat(2000)]] })).toEqual({ kind: 'ok' });
    expect(h.metric('appends_refused_total')).toBe(1);
  });

  it('count memory that only queries still hold', () => {
    const h = new Harness({ memoryBytesMax: 8000 });
    h.write({ [A]: [[1, 'x'.repeat(5000)]] });
    h.live();
    h.ask({ kind: 'flush' });
    h.stored();
    expect(messageOf(h.append({ [A]: [[2, 'y'.repeat(2000)]] }).reply)).toMatch(/^unavailable/);
    h.ask({ kind: 'live.release', query: 'q' });
    expect(h.write({ [A]: [[2, 'y'.repeat(2000)]] })).toEqual({ kind: 'ok' });
  });
});
