import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesOf, type Row, rowText } from '../../../test/support/entries.js';
import { takeRows } from './duplicates.js';
import { type ActiveStream, forgetRows, newStream, type StoredBatch, storedBatch } from './stream.js';
import { Undo } from './undo.js';

const KEY = '{a="b"}';

function batchOf(rows: readonly Row[], memtable = 1): StoredBatch {
  const entries = entriesOf({ [KEY]: rows });
  return { ...storedBatch(entries, [], 1), memtable, index: 0 };
}

/** Rows found to be duplicates. */
function take(stream: ActiveStream, rows: readonly Row[], memtable = 1): number[] {
  const duplicates: number[] = [];
  takeRows(stream, batchOf(rows, memtable), 0, duplicates);
  return duplicates;
}

function noted(stream: ActiveStream): Undo {
  const undo = new Undo();
  undo.note(stream);
  return undo;
}

const stream = () => newStream('tenant', KEY, [['a', 'b']]);

describe('duplicates', () => {
  it('are found within one batch and across batches, at the newest time and before it', () => {
    const s = stream();
    expect(
      take(s, [
        [1, 'a'],
        [2, 'b'],
        [2, 'b'],
        [1, 'a'],
        [1, 'c'],
      ]),
    ).toEqual([2, 3]);
    expect(
      take(s, [
        [2, 'b'],
        [1, 'c'],
        [3, 'b'],
        [3, 'b'],
      ]),
    ).toEqual([0, 1, 3]);
  });

  it('need an equal line and equal metadata, keys and values', () => {
    const s = stream();
    const rows: Row[] = [
      [1, 'a', { k: 'v' }],
      [1, 'a', { k: 'w' }],
      [1, 'a', { l: 'v' }],
      [1, 'a', { k: 'v', l: '' }],
      [1, 'a'],
      [1, 'ab'],
    ];
    expect(take(s, rows)).toEqual([]);
    expect(take(s, [[0, 'x'], ...rows])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('are found among many rows of one time', () => {
    const s = stream();
    const rows = Array.from({ length: 500 }, (_, i): Row => [7, `line ${i}`]);
    expect(take(s, rows)).toEqual([]);
    expect(
      take(s, [
        [7, 'line 0'],
        [7, 'other'],
        [7, 'line 499'],
        [7, 'other'],
      ]),
    ).toEqual([0, 2, 3]);
  });

  it('are found among many rows of one time and one shape, in a batch and over several', () => {
    const s = stream();
    const rows = (from: number, count: number): Row[] =>
      Array.from({ length: count }, (_, i): Row => [7, `line ${1000 + from + i}`, { k: String(1000 + from + i) }]);
    expect(take(s, rows(0, 10))).toEqual([]);
    expect(take(s, rows(10, 200))).toEqual([]);
    expect(take(s, [[8, 'newer'], ...rows(205, 10)])).toEqual([1, 2, 3, 4, 5]);
    expect(take(s, [...rows(0, 2), [6, 'older'], ...rows(300, 1), ...rows(300, 1)])).toEqual([0, 1, 4]);
  });

  it('compare times to the nanosecond, however far apart the others are', () => {
    const s = stream();
    const now = 1_793_491_206_250_000_968n;
    expect(
      take(s, [
        [0, 'a'],
        [now, 'a'],
        [now + 1n, 'a'],
        [now - 1n, 'a'],
        [-5, 'a'],
        [now + 1n, 'a'],
        [-5, 'a'],
      ]),
    ).toEqual([5, 6]);
  });

  it('no longer count rows that were taken back or flushed', () => {
    const s = stream();
    take(
      s,
      [
        [1, 'a'],
        [2, 'b'],
      ],
      1,
    );
    const before = noted(s);
    expect(
      take(
        s,
        [
          [1, 'a'],
          [3, 'c'],
        ],
        2,
      ),
    ).toEqual([0]);
    before.takeBack();
    expect(
      take(
        s,
        [
          [3, 'c'],
          [2, 'b'],
        ],
        2,
      ),
    ).toEqual([1]);
    forgetRows(s, 1, { pieces: 1, rows: 2 });
    expect(
      take(
        s,
        [
          [2, 'b'],
          [1, 'a'],
          [3, 'c'],
        ],
        2,
      ),
    ).toEqual([0, 2]);
  });

  it('are right when rows are forgotten between staging and taking back', () => {
    const s = stream();
    take(
      s,
      [
        [1, 'a'],
        [5, 'b'],
      ],
      1,
    );
    const before = noted(s);
    take(
      s,
      [
        [5, 'c'],
        [4, 'd'],
      ],
      -1,
    );
    forgetRows(s, 1, { pieces: 1, rows: 2 });
    before.takeBack();
    expect(s.pieces).toHaveLength(0);
    expect(
      take(
        s,
        [
          [5, 'b'],
          [5, 'b'],
          [4, 'd'],
        ],
        2,
      ),
    ).toEqual([1]);
  });

  it('agree with a plain set of texts, whatever comes and goes', () => {
    const row: fc.Arbitrary<Row> = fc.tuple(
      fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 300 })),
      fc.constantFrom('a', 'b', 'a longer line', 'a longer lime'),
      fc.constantFrom<Record<string, string>>({}, { k: 'v' }),
    );
    const push = fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 60 }),
      fate: fc.constantFrom('keep', 'restore', 'forget the one before', 'forget the oldest'),
    });
    fc.assert(
      fc.property(fc.array(push, { maxLength: 12 }), (pushes) => {
        const s = stream();
        let model: { text: string; memtable: number }[] = [];
        const forget = (memtable: number) => {
          const left = model.filter((one) => one.memtable !== memtable);
          forgetRows(s, memtable, { pieces: 1, rows: model.length - left.length });
          model = left;
        };
        pushes.forEach(({ rows, fate }, memtable) => {
          const { entries } = batchOf(rows);
          const before = noted(s);
          const seen = new Set(model.map(({ text }) => text));
          const expected = rows.flatMap((_, i) => (seen.size === seen.add(rowText(entries, i)).size ? [i] : []));
          expect(take(s, rows, memtable)).toEqual(expected);
          if (fate === 'restore' || expected.length > 0) before.takeBack();
          if (fate === 'restore') return;
          // What is left of the push is taken again, as an ingester does.
          const left = rows.filter((_, i) => !expected.includes(i));
          if (left.length > 0 && expected.length > 0) expect(take(s, left, memtable)).toEqual([]);
          rows.forEach((_, i) => {
            if (!expected.includes(i)) model.push({ text: rowText(entries, i), memtable });
          });
          if (fate === 'forget the one before' && memtable > 0) forget(memtable - 1);
          if (fate === 'forget the oldest' && model[0]) forget(model[0].memtable);
        });
      }),
    );
  });
});
