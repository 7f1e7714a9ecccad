import { describe, expect, test } from 'vitest';
import { type LogRow, labelsSeen, logBatch, run, UNCANCELLED } from '../../../test/support/log-rows.js';
import { compileFunction } from './compile.js';

const logfmt = { kind: 'parse-logfmt', strict: false, keepEmpty: false } as const;

/** `a` is a stream label, `m` metadata, `p` parsed. */
function row(value: string): LogRow {
  return { labels: { a: value }, metadata: { m: value }, line: `p=${value}` };
}

describe('drop', () => {
  test('takes a name away wherever it comes from', () => {
    const drop = { kind: 'drop', picks: [{ name: 'a' }, { name: 'm' }, { name: 'none' }] } as const;
    expect(labelsSeen(run([row('1'), row('2')], logfmt, drop))).toEqual([{ p: '1' }, { p: '2' }]);
  });

  test.each([
    ['=', '1', [{}, { x: '12' }, { x: '2' }]],
    ['!=', '1', [{ x: '1' }, {}, {}]],
    ['=~', '1.*', [{}, {}, { x: '2' }]],
    ['=~', '1', [{}, { x: '12' }, { x: '2' }]],
    ['!~', '1.*', [{ x: '1' }, { x: '12' }, {}]],
  ] as const)('with %s %j takes the name from the rows whose value passes', (op, value, expected) => {
    for (const of of ['labels', 'metadata'] as const) {
      const rows = ['1', '12', '2'].map((x) => ({ [of]: { x } }));
      expect(labelsSeen(run(rows, { kind: 'drop', picks: [{ name: 'x', op, value }] }))).toEqual(expected);
    }
  });

  test('with a matcher leaves rows alone that lack the name', () => {
    const rows = [{ labels: { a: '1' } }, { labels: { b: '2' } }];
    const drop = { kind: 'drop', picks: [{ name: 'a', op: '!=', value: 'z' }] } as const;
    expect(labelsSeen(run(rows, drop))).toEqual([{}, { b: '2' }]);
  });

  test('clears error and details each by its own name', () => {
    const marked = () => {
      const batch = logBatch([{ labels: { a: '1' } }]);
      batch.setError(0, 'JSONParserErr', 'why', false);
      return batch;
    };
    const dropped = (...names: string[]) => {
      const batch = marked();
      compileFunction({ kind: 'drop', picks: names.map((name) => ({ name })) }, UNCANCELLED)(batch);
      return labelsSeen(batch)[0];
    };
    expect(dropped('__error__')).toEqual({ a: '1', __error_details__: 'why' });
    expect(dropped('__error_details__')).toEqual({ a: '1', __error__: 'JSONParserErr' });
    expect(dropped('__error__', '__error_details__')).toEqual({ a: '1' });
  });

  test('drops an error that a matcher names, and no other', () => {
    const batch = logBatch([{}, {}]);
    batch.setError(0, 'JSONParserErr', '', false);
    batch.setError(1, 'LogfmtParserErr', '', false);
    const picks = [{ name: '__error__', op: '=', value: 'JSONParserErr' }] as const;
    compileFunction({ kind: 'drop', picks }, UNCANCELLED)(batch);
    expect(labelsSeen(batch)).toEqual([{}, { __error__: 'LogfmtParserErr' }]);
  });
});

describe('keep', () => {
  test('takes every other name away, whatever its source', () => {
    expect(labelsSeen(run([row('1')], logfmt, { kind: 'keep', picks: [{ name: 'p' }] }))).toEqual([{ p: '1' }]);
    expect(labelsSeen(run([row('1')], logfmt, { kind: 'keep', picks: [{ name: 'a' }] }))).toEqual([{ a: '1' }]);
    expect(labelsSeen(run([row('1')], logfmt, { kind: 'keep', picks: [{ name: 'none' }] }))).toEqual([{}]);
  });

  test('with a matcher keeps the name only where its value passes', () => {
    const keep = { kind: 'keep', picks: [{ name: 'a', op: '=~', value: '1|2' }, { name: 'm' }] } as const;
    expect(labelsSeen(run([row('1'), row('3')], keep))).toEqual([{ a: '1', m: '1' }, { m: '3' }]);
  });

  test('keeps a name when any of its matchers passes', () => {
    const picks = [
      { name: 'a', op: '=', value: '1' },
      { name: 'a', op: '=', value: '2' },
    ] as const;
    expect(labelsSeen(run([row('1'), row('2'), row('3')], { kind: 'keep', picks }))).toEqual([
      { a: '1' },
      { a: '2' },
      {},
    ]);
  });

  test('never takes errors away', () => {
    const batch = logBatch([row('1')]);
    batch.setError(0, 'JSONParserErr', 'why', false);
    compileFunction({ kind: 'keep', picks: [{ name: 'a' }] }, UNCANCELLED)(batch);
    expect(labelsSeen(batch)).toEqual([{ a: '1', __error__: 'JSONParserErr', __error_details__: 'why' }]);
  });
});
