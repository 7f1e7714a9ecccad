import { describe, expect, it } from 'vitest';
import type { LiveMemtable, LiveStream } from '../../wire/messages/live.js';
import type { LiveMemory } from './live-memory.js';
import { countedMemory } from './stream-parts.js';

const stream = (key: string, rows: number): LiveStream => ({
  ...{ id: 0, labels: [], key, minTime: 0n, maxTime: 1n, rows, bytes: 10 * rows },
});
const table = (streams: readonly LiveStream[]): LiveMemtable => ({
  ...{ snapshot: 's', fromSeq: 0, toSeq: 0, streams, rows: 0, bytes: 0 },
});
const held = (streams: readonly LiveStream[], owner = 'o'): LiveMemtable => ({ ...table(streams), held: owner });
const from = (ingester: string, memtables: readonly LiveMemtable[]): LiveMemory['live'][number] => ({
  ...{ address: ingester, snapshot: { ingester, memtables } },
});
const counted = (live: LiveMemory['live']): Record<string, number> => {
  const rows: Record<string, number> = {};
  for (const { streams } of countedMemory(live))
    for (const { key, rows: own } of streams) rows[key] = (rows[key] ?? 0) + own;
  return rows;
};

describe('counts of memory', () => {
  it('are those of all ingesters together', () => {
    expect(
      counted([from('a', [table([stream('x', 1)])]), from('b', [table([stream('x', 2), stream('y', 3)])])]),
    ).toEqual({
      ...{ x: 3, y: 3 },
    });
  });

  it('have what several hold of a lost owner once', () => {
    const copies = [held([stream('x', 5), stream('y', 1)])];
    expect(counted([from('a', copies), from('b', copies)])).toEqual({ x: 5, y: 1 });
  });

  it('have what is held of several lost owners', () => {
    const both = [held([stream('x', 5)], 'o'), held([stream('x', 2)], 'p')];
    expect(counted([from('a', both), from('b', [held([stream('x', 4)], 'p')])])).toEqual({ x: 9 });
  });

  it('have of each stream the copies of the one that holds most, besides what ingesters own', () => {
    const a = from('a', [table([stream('x', 10)]), held([stream('x', 4), stream('y', 1)])]);
    const b = from('b', [held([stream('x', 3), stream('y', 7)])]);
    expect(counted([a, b])).toEqual({ x: 14, y: 7 });
  });
});
