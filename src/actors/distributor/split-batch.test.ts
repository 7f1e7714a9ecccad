import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf, type SampleStream, snappyPush } from '../../../test/support/push.js';
import type { EntriesBatch } from '../../wire/entries.js';
import { openEntries } from '../../wire/entries.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import { decodePush, PushMemory } from './decode-push.js';
import { pickStreams } from './split-batch.js';

const memory = new PushMemory(1 << 20);

function batchOf(streams: readonly SampleStream[]): EntriesBatch {
  const request = {
    tenant: 'acme',
    contentType: 'application/x-protobuf',
    body: snappyPush(streams),
    format: 'loki' as const,
  };
  return decodePush(request, { ...DEFAULT_LIMITS, reject_old_samples: false }, 10n ** 18n, memory).batch!;
}

const STREAMS: SampleStream[] = [
  { labels: '{s="0"}', entries: [{ time: 1n, line: 'info one', metadata: [['a', '1']] }] },
  {
    labels: '{s="1"}',
    entries: [
      {
        time: 2n,
        line: 'two',
        metadata: [
          ['b', '2'],
          ['c', 'three'],
        ],
      },
      { time: 3n, line: '', metadata: [] },
    ],
  },
  { labels: '{s="2"}', entries: [{ time: 4n, line: 'four', metadata: [['c', '4']] }] },
];

describe('picking streams', () => {
  it('takes their rows and the keys they use', () => {
    const batch = batchOf(STREAMS);
    const rows = rowsOf(batch);
    const picked = pickStreams(batch, [2, 0]);
    expect(picked.tenant).toBe('acme');
    expect(rowsOf(picked)).toEqual([rows[3], rows[0]]);
    expect([...picked.keys].sort()).toEqual(['a', 'c', 'detected_level']);
    expect(openEntries(picked.buffer)).toEqual(picked);
  });

  it('of all gives the same batch again', () => {
    const batch = batchOf(STREAMS);
    expect(rowsOf(pickStreams(batch, [0, 1, 2]))).toEqual(rowsOf(batch));
  });

  it('into any groups loses nothing and changes nothing', () => {
    const entry = fc.record({
      time: fc.bigInt({ min: 0n, max: 10n ** 18n }),
      line: fc.string(),
      metadata: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.string({ minLength: 1 })), {
        selector: ([name]) => name,
      }),
    });
    const stream = fc.record({ entries: fc.array(entry, { minLength: 1, maxLength: 4 }), group: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(stream, { minLength: 1, maxLength: 6 }), (streams) => {
        const batch = batchOf(streams.map(({ entries }, s) => ({ labels: `{s="${s}"}`, entries })));
        const groups = [0, 1, 2].map((group) => streams.flatMap((one, s) => (one.group === group ? [s] : [])));
        const rows = rowsOf(batch);
        for (const group of groups) {
          const names = group.map((s) => batch.streams[s]);
          expect(rowsOf(pickStreams(batch, group))).toEqual(rows.filter((row) => names.includes(row.stream)));
        }
      }),
      { numRuns: 100 },
    );
  });
});
