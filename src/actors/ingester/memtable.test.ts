import { describe, expect, it } from 'vitest';
import { entriesOf, type Row } from '../../../test/support/entries.js';
import { Memtable, type MemtableTenant, maxTimeOf, minTimeOf } from './memtable.js';
import { StreamRegistry } from './registry.js';
import { takeRecord } from './staging.js';

function tableOf(...pushes: readonly Record<string, readonly Row[]>[]): MemtableTenant {
  const into = { registry: new StreamRegistry(), counters: { duplicateRows: 0, unreadableRecords: 0 } };
  const table = new Memtable(1, 1, 0);
  pushes.forEach((streams, i) => {
    table.add(takeRecord(into, entriesOf(streams, 'tenant'), 1 + i)!, 0);
  });
  return table.tenants.get('tenant')!;
}

const times = (tenant: MemtableTenant): [bigint, bigint][] =>
  tenant.streams.map((stream) => [minTimeOf(stream), maxTimeOf(stream)]);

describe('a memtable', () => {
  const NOW = 1_793_491_206_250_000_968n;

  it('knows the least and the greatest time of each stream to the nanosecond, in whatever order rows come', () => {
    const rows: Row[] = [0n, NOW, NOW + 1n, NOW - 1n, -5n].map((time) => [time, 'a']);
    expect(times(tableOf({ '{a="b"}': rows }))).toEqual([[-5n, NOW + 1n]]);
    expect(
      times(
        tableOf(
          { '{a="b"}': [[100, 'a']], '{a="c"}': [[7, 'a']] },
          {
            '{a="b"}': [
              [50, 'a'],
              [70, 'a'],
              [40, 'a'],
            ],
          },
          { '{a="b"}': [[99, 'b']] },
        ),
      ),
    ).toEqual([
      [40n, 100n],
      [7n, 7n],
    ]);
  });

  it('lists the rows of every push for each stream, however many there are', () => {
    const pushes = Array.from({ length: 300 }, (_, i): Record<string, Row[]> => {
      const own: Row[] = [[i, 'x']];
      return i % 2 === 0 ? { '{a="b"}': own } : { '{a="c"}': [[i, 'y']], '{a="b"}': own };
    });
    const { runs, streams } = tableOf(...pushes);
    expect(runs).toHaveLength(4 * 450);
    expect(streams.map(({ rows }) => rows)).toEqual([300, 150]);
    const ofFirst = streams[0]!.runs.map((run) => [...runs.subarray(4 * run, 4 * run + 4)]);
    expect(ofFirst).toEqual(pushes.map((_, i) => [i, i % 2, 1 + (i % 2), 0]));
  });
});
