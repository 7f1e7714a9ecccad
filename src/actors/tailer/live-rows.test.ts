import { describe, expect, it } from 'vitest';
import { entriesOf, type Row } from '../../../test/support/entries.js';
import { parseLogQuery } from '../../planning/logql/parser.js';
import { type Labels, labelsOf } from '../../wire/labels.js';
import type { TailData } from '../../wire/messages/following.js';
import { entriesOfTables } from './entries.js';
import { evaluate, type History, liveRows } from './live-rows.js';

const A = labelsOf({ app: 'a' });
const NOTHING_PAST: History = { range: { start: 0n, end: 0n }, throughSeq: new Map() };

/** A message about the first stream of a batch each. */
function message(batches: readonly (readonly [seq: number, rows: readonly Row[]])[], labels: Labels = A): TailData {
  return {
    ...{ kind: 'tail.data', ingester: '0', labels: [labels], bytes: 1, number: 0, dropped: [] },
    batches: batches.map(([seq, rows]) => {
      return { seq, batch: entriesOf({ x: rows }).buffer, runs: Int32Array.of(0, rows.length, 0) };
    }),
  };
}

async function lines(query: string, messages: readonly TailData[], history = NOTHING_PAST): Promise<string[]> {
  const context = { signal: new AbortController().signal, now: 0n, memoryBytesMax: 1 << 20 };
  const tables = await evaluate(parseLogQuery(query), liveRows(messages, history), context);
  return entriesOfTables(tables, 'merged').map(({ labels, entries: [entry] }) => {
    return `${entry!.time} ${entry!.line} ${JSON.stringify(Object.fromEntries(labels))}`;
  });
}

describe('a query over what has just come', () => {
  it('filters, parses and formats, oldest first across messages', async () => {
    const messages = [
      message([
        [
          1,
          [
            [30, 'n=3', { trace: 't' }],
            [10, 'n=1'],
          ],
        ],
      ]),
      message(
        [
          [2, [[20, 'n=2']]],
          [3, [[40, 'n=x']]],
        ],
        labelsOf({ app: 'b' }),
      ),
    ];
    expect(await lines('{app=~".+"} | logfmt | n > 1 | __error__="" | line_format "<{{.n}}>"', messages)).toEqual([
      '20 <2> {"app":"b","n":"2"}',
      '30 <3> {"app":"a","n":"3","trace":"t"}',
    ]);
  });

  it('keeps rows of one time in the order in which they came', async () => {
    expect(
      await lines('{app="a"}', [
        message([
          [
            1,
            [
              [5, 'x'],
              [5, 'y'],
            ],
          ],
        ]),
        message([[2, [[5, 'z']]]]),
      ]),
    ).toEqual(['x', 'y', 'z'].map((line) => `5 ${line} {"app":"a"}`));
  });

  it('of nothing is nothing', async () => {
    expect(await lines('{app="a"}', [])).toEqual([]);
    expect(await lines('{app="a"}', [message([])])).toEqual([]);
  });

  it('keeps times that are centuries apart to the nanosecond', async () => {
    const times = [-(2n ** 63n), -1n, 0n, 1_795_244_152_428_000_001n, 2n ** 63n - 2n];
    const rows = times.toReversed().map((time): Row => [time, 'x']);
    expect(await lines('{app="a"}', [message([[1, rows]])])).toEqual(times.map((time) => `${time} x {"app":"a"}`));
  });

  it('leaves out what the past had: rows in its range up to its number, of that ingester', async () => {
    const history = { range: { start: 10n, end: 20n }, throughSeq: new Map([['0', 2]]) };
    const rows = (name: string): Row[] => [
      [9, name],
      [10, name],
      [19, name],
      [20, name],
    ];
    const messages = [
      message([
        [1, rows('a')],
        [2, rows('b')],
        [3, rows('c')],
      ]),
    ];
    const found = await lines('{app="a"}', messages, history);
    expect(found.map((text) => text.slice(0, 4).trim()).sort()).toEqual([
      ...['10 c', '19 c', '20 a', '20 b', '20 c', '9 a', '9 b', '9 c'],
    ]);
    const others = messages.map((one) => ({ ...one, ingester: '1' }));
    expect(await lines('{app="a"}', others, history)).toHaveLength(12);
  });
});
