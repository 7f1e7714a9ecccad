import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alive, labelsSeen, logBatch, readLabels, stringColumn, valuesOf } from '../../../test/support/log-rows.js';
import { columnOf } from '../../planning/physical/expression.js';
import { coalesce, PerValue } from './column.js';
import { LabelReader } from './label-reader.js';
import { labelsAt, PairLists, pairsOf } from './pair-lists.js';
import { labelsKey } from './sample-batch.js';

const maybe = fc.option(fc.constantFrom('', 'x', 'y', '雪'), { nil: undefined });
const rowsOfCategories = fc.array(fc.record({ label: maybe, metadata: maybe, parsed: maybe }), {
  minLength: 1,
  maxLength: 12,
});

/** Omits what is undefined, and empty stream labels, which no stream has. */
function fields(value: string | undefined, emptyToo = true): Record<string, string> {
  return value === undefined || (value === '' && !emptyToo) ? {} : { n: value };
}

describe('a name', () => {
  test('means, row by row, what was parsed, else metadata, else the stream label', () => {
    fc.assert(
      fc.property(rowsOfCategories, (rows) => {
        const batch = logBatch(
          rows.map(({ label, metadata }) => ({ labels: fields(label, false), metadata: fields(metadata) })),
        );
        batch.set('parsed', 'n', stringColumn(rows.map(({ parsed }) => parsed)));
        const expected = rows.map(({ label, metadata, parsed }) => {
          if (parsed !== undefined) return parsed;
          return label === undefined || label === '' ? metadata : label; // metadata of a labelled row has moved away
        });
        expect(valuesOf(batch, batch.resolve(columnOf('n')))).toEqual(expected);
        const read = labelsSeen(batch);
        expect(read.map(({ n }) => n)).toEqual(expected);
      }),
    );
  });

  test('asked for in one category is not looked for in another', () => {
    const batch = logBatch([{ labels: { n: 'label' } }, { metadata: { n: 'metadata' } }]);
    const ask = (type: 'label' | 'metadata' | 'parsed') =>
      valuesOf(batch, batch.resolve({ kind: 'column', type, name: 'n' }));
    expect(ask('label')).toEqual(['label', undefined]);
    expect(ask('metadata')).toEqual([undefined, 'metadata']);
    expect(ask('parsed')).toEqual([undefined, undefined]);
  });

  test('that nobody has is no column', () => {
    expect(logBatch([{ labels: { a: 'b' } }]).resolve(columnOf('n'))).toBeUndefined();
  });
});

describe('metadata that clashes with a stream label', () => {
  test('is shown as <name>_extracted, only on rows whose stream has the label', () => {
    const batch = logBatch([
      { labels: { n: 'label' }, metadata: { n: 'm0' } },
      { labels: { other: 'x' }, metadata: { n: 'm1' } },
      { labels: { n: 'label' } },
    ]);
    expect(readLabels(batch)).toEqual([
      { label: { n: 'label' }, metadata: { n_extracted: 'm0' }, parsed: {} },
      { label: { other: 'x' }, metadata: { n: 'm1' }, parsed: {} },
      { label: { n: 'label' }, metadata: {}, parsed: {} },
    ]);
  });

  test('does not push away metadata that has the moved name itself', () => {
    const batch = logBatch([
      { labels: { n: 'label' }, metadata: { n: 'moved', n_extracted: 'own' } },
      { labels: { n: 'label' }, metadata: { n: 'moved' } },
    ]);
    expect(valuesOf(batch, batch.byName('n_extracted'))).toEqual(['own', 'moved']);
  });
});

describe('removing a name', () => {
  test('takes it from every category, so nothing hidden comes to light', () => {
    const batch = logBatch([{ labels: { n: 'label', a: 'b' } }, { metadata: { n: 'metadata' } }]);
    batch.set('parsed', 'n', stringColumn(['parsed', undefined]));
    batch.remove('n');
    expect(labelsSeen(batch)).toEqual([{ a: 'b' }, {}]);
    expect(batch.labelsUntouched).toBe(false);
  });

  test('takes it from the given rows only', () => {
    const batch = logBatch([{ labels: { n: 'x' } }, { labels: { n: 'x' } }, { metadata: { n: 'x' } }]);
    batch.remove('n', Int32Array.of(0, 2, 1), 2);
    expect(labelsSeen(batch)).toEqual([{}, { n: 'x' }, {}]);
  });

  test('does not touch the streams themselves', () => {
    const batch = logBatch([{ labels: { n: 'x' } }]);
    expect(batch.labelsUntouched).toBe(true);
    batch.remove('n', Int32Array.of(0));
    expect(batch.streams.labels(0)).toEqual([['n', 'x']]);
  });
});

describe('errors of rows', () => {
  test('stay with the first one unless it is to be overwritten, which leaves details that are not given anew', () => {
    const batch = logBatch([{}, {}, {}]);
    expect(batch.hasErrors).toBe(false);
    batch.setError(0, 'A', 'first', false);
    batch.setError(0, 'B', 'second', false);
    batch.setError(2, 'A', 'first', false);
    batch.setError(2, 'B', '', true);
    const seen = (kind: string) => ({ __error__: kind, __error_details__: 'first' });
    expect(labelsSeen(batch)).toEqual([seen('A'), {}, seen('B')]);
    expect(valuesOf(batch, batch.resolve(columnOf('__error__')))).toEqual(['A', undefined, 'B']);
  });

  test('are cleared kind and details apart', () => {
    const batch = logBatch([{}, {}]);
    for (const row of [0, 1]) batch.setError(row, 'A', 'why', false);
    batch.remove('__error__', Int32Array.of(0));
    batch.remove('__error_details__', Int32Array.of(1));
    expect(labelsSeen(batch)).toEqual([{ __error_details__: 'why' }, { __error__: 'A' }]);
  });
});

describe('reading whole label sets', () => {
  test('gives as keys and as pairs exactly what it gives as labels', () => {
    fc.assert(
      fc.property(rowsOfCategories, fc.constantFrom('n', 'n_extracted', 'z'), (rows, name) => {
        const batch = logBatch(
          rows.map(({ label, metadata }) => ({
            labels: { a: 'b', ...fields(label, false) },
            metadata: { ...fields(metadata), m: '"' },
          })),
        );
        batch.set('parsed', name, stringColumn(rows.map(({ parsed }) => parsed)));
        const reader = new LabelReader(batch);
        const metadata = new PairLists(alive(batch).length);
        const parsed = new PairLists(alive(batch).length);
        for (const row of alive(batch)) {
          expect(reader.labelKey(row)).toBe(labelsKey(reader.read(row).label));
          reader.writePairs(row, metadata, parsed);
        }
        for (const [category, lists] of [['metadata', metadata] as const, ['parsed', parsed] as const]) {
          const column = lists.finish();
          const written = alive(batch).map((_, i) => labelsAt(column, pairsOf(column), i));
          expect(written).toEqual(alive(batch).map((row) => reader.read(row)[category]));
        }
      }),
    );
  });
});

test('the lengths of lines are those of the text as it is now', () => {
  const batch = logBatch([{ line: 'ab' }, { line: '雪' }, {}]);
  expect([...batch.messageLengths()]).toEqual([2, 3, 0]);
  batch.message = { offsets: Int32Array.of(0, 1, 1, 1), bytes: Buffer.from('x') };
  expect([...batch.messageLengths()]).toEqual([1, 0, 0]);
});

test('columns laid over each other give each row its first value', () => {
  const columns = [stringColumn(['a', undefined, undefined]), stringColumn(['b', 'c', undefined])];
  const batch = logBatch([{}, {}, {}]);
  expect(valuesOf(batch, coalesce(3, columns))).toEqual(['a', 'c', undefined]);
  expect(coalesce(3, [])).toBeUndefined();
});

test('what is worked out per value is worked out once, for values that are asked for, also for those that come later', () => {
  const asked: string[] = [];
  const lengths = new PerValue((value) => asked.push(value) && value.length);
  const values = ['a', 'bb', 'nobody asks'];
  expect([1, 0, 1].map((id) => lengths.of(values).get(id))).toEqual([2, 1, 2]);
  values.push('ccc');
  expect([3, 0].map((id) => lengths.of(values).get(id))).toEqual([3, 1]);
  expect(asked).toEqual(['bb', 'a', 'ccc']);
});
