import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type LogRow,
  labelsSeen,
  linesOf,
  logBatch,
  readLabels,
  run,
  UNCANCELLED,
} from '../../../test/support/log-rows.js';
import { compileFunction } from './compile.js';

const json = { kind: 'parse-json' } as const;
const logfmt = { kind: 'parse-logfmt', strict: false, keepEmpty: false } as const;
const strictLogfmt = { kind: 'parse-logfmt', strict: true, keepEmpty: false } as const;

describe('a name in several sources', () => {
  // A40: stream labels rank over metadata over what is parsed; the loser moves, and of two losers the parsed one is seen.
  const sources = [
    [false, false, false, {}],
    [true, false, false, { n: 'label' }],
    [false, true, false, { n: 'metadata' }],
    [false, false, true, { n: 'parsed' }],
    [true, true, false, { n: 'label', n_extracted: 'metadata' }],
    [true, false, true, { n: 'label', n_extracted: 'parsed' }],
    [false, true, true, { n: 'metadata', n_extracted: 'parsed' }],
    [true, true, true, { n: 'label', n_extracted: 'parsed' }],
  ] as const;

  function rowOf([label, metadata, parsed]: readonly [boolean, boolean, boolean, unknown]): LogRow {
    return {
      labels: label ? { n: 'label' } : {},
      metadata: metadata ? { n: 'metadata' } : {},
      line: parsed ? '{"n":"parsed"}' : '{"other":1}',
    };
  }

  test.each(sources)('in label: %s, metadata: %s, line: %s is seen as %j', (...source) => {
    const { other, ...seen } = labelsSeen(run([rowOf(source)], json))[0]!;
    expect(other).toBe(source[2] ? undefined : '1');
    expect(seen).toEqual(source[3]);
  });

  test('is judged row by row when all combinations are in one batch', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...sources), { minLength: 1, maxLength: 20 }), (chosen) => {
        const seen = labelsSeen(run(chosen.map(rowOf), json)).map(({ other, ...rest }) => rest);
        expect(seen).toEqual(chosen.map(([, , , expected]) => expected));
      }),
    );
  });

  test('keeps its categories apart', () => {
    expect(readLabels(run([rowOf([true, true, true, null])], json))).toEqual([
      { label: { n: 'label' }, metadata: {}, parsed: { n_extracted: 'parsed' } },
    ]);
  });
});

describe('the first value found', () => {
  test('wins within a line', () => {
    expect(labelsSeen(run([{ line: 'a=1 b=2 a=3' }], logfmt))).toEqual([{ a: '1', b: '2' }]);
  });

  test('wins over a second parser, row by row', () => {
    const line = '{"a":"json","b":"x"} a=logfmt c=y';
    const pattern = { kind: 'parse-pattern', pattern: '<_>"b":"<a>"<_>' } as const;
    const seen = labelsSeen(run([{ line: 'c=1' }, { line }], { kind: 'parse-regexp', pattern: 'c=(?P<c>.)' }, pattern));
    expect(seen).toEqual([{ c: '1' }, { a: 'x', c: 'y' }]);
    const twice = run([{ line: 'a=1' }, { line: 'b=1' }], logfmt, { kind: 'parse-pattern', pattern: '<a>=<b>' });
    expect(labelsSeen(twice)).toEqual([
      { a: '1', b: '1' },
      { a: 'b', b: '1' },
    ]);
  });

  test('may be one that label_format has set before the parser ran', () => {
    const format = { kind: 'label-format', formats: [{ kind: 'template', name: 'a', template: 'set' }] } as const;
    expect(labelsSeen(run([{ line: 'a=1 b=2' }], format, logfmt))).toEqual([{ a: 'set', b: '2' }]);
  });

  test('is kept under the moved name too', () => {
    const rows = [{ labels: { a: 'label' }, line: 'a=1 a=2' }];
    expect(labelsSeen(run(rows, logfmt, logfmt))).toEqual([{ a: 'label', a_extracted: '1' }]);
  });
});

describe('names that somebody reads', () => {
  test('are all that is extracted', () => {
    const rows = [{ line: 'a=1 b=2 c=3' }, { line: 'c=4' }];
    expect(labelsSeen(run(rows, { ...logfmt, keys: ['b', 'c'] }))).toEqual([{ b: '2', c: '3' }, { c: '4' }]);
  });

  test('may be moved ones', () => {
    const rows = [{ labels: { a: 'label' }, line: 'a=1 b=2' }];
    expect(labelsSeen(run(rows, { ...logfmt, keys: ['a', 'a_extracted'] }))).toEqual([
      { a: 'label', a_extracted: '1' },
    ]);
  });
});

describe('a parser that waits for some names', () => {
  const broken = '{"a":1,"b":2,';

  test('reads no further once the row has them, and so sees no error behind', () => {
    expect(labelsSeen(run([{ line: broken }], { ...json, until: ['a', 'b'] }))).toEqual([{ a: '1', b: '2' }]);
    expect(labelsSeen(run([{ line: broken }], { ...json, until: ['a'] }))).toEqual([{ a: '1' }]);
  });

  test('reads a line to its end that lacks one of them', () => {
    const [seen] = labelsSeen(run([{ line: broken }], { ...json, until: ['a', 'z'] }));
    expect(seen).toMatchObject({ a: '1', b: '2', __error__: 'JSONParserErr' });
  });

  test('does nothing when it waits for nothing', () => {
    expect(labelsSeen(run([{ line: 'a=1' }], { ...logfmt, until: [] }))).toEqual([{}]);
  });

  test('skips rows where a parser before has found them all', () => {
    const regexp = { kind: 'parse-regexp', pattern: '"a":(?P<a>1)' } as const;
    const rows = [{ line: broken }, { line: '{"a":5,"b":6}' }];
    expect(labelsSeen(run(rows, regexp, { ...json, until: ['a'] }))).toEqual([{ a: '1' }, { a: '5' }]);
  });

  test('does not count a name that is only a label or metadata of the row', () => {
    const rows = [{ labels: { a: 'label' }, line: 'a=1 b=2' }];
    expect(labelsSeen(run(rows, { ...logfmt, until: ['a', 'b'] }))).toEqual([{ a: 'label', a_extracted: '1', b: '2' }]);
  });
});

describe('a line that cannot be parsed', () => {
  test('is kept with the labels found so far and the error', () => {
    const rows = [{ line: 'a=1 b="x c=2' }, { line: 'a=1' }, { line: '{"a":2,' }];
    const seen = labelsSeen(run(rows.slice(0, 2), strictLogfmt));
    expect(seen[0]).toMatchObject({ a: '1', __error__: 'LogfmtParserErr' });
    expect(seen[1]).toEqual({ a: '1' });
    expect(labelsSeen(run(rows.slice(2), json))[0]).toMatchObject({ a: '2', __error__: 'JSONParserErr' });
  });

  test('has the error of the last parser that failed on it', () => {
    const [seen] = labelsSeen(run([{ line: 'x "' }], strictLogfmt, json));
    expect(seen!.__error__).toBe('JSONParserErr');
  });
});

describe('unpack', () => {
  test('replaces lines that have an entry, keeps others, and moves clashing labels', () => {
    const rows = [
      { labels: { app: 'label' }, line: '{"app":"packed","x":"1","_entry":"inner é"}' },
      { line: '{"x":"1"}' },
      { line: 'text' },
      { line: '' },
    ];
    const batch = run(rows, { kind: 'unpack' });
    expect(linesOf(batch)).toEqual(['inner é', '{"x":"1"}', 'text', '']);
    const seen = labelsSeen(batch);
    expect(seen[0]).toEqual({ app: 'label', app_extracted: 'packed', x: '1' });
    expect(seen[1]).toEqual({});
    expect(seen[2]).toMatchObject({ __error__: 'JSONParserErr' });
    expect(seen[3]).toEqual({});
  });
});

test('rows that a filter has dropped are not parsed, and the others keep their values', () => {
  const batch = logBatch([{ line: 'a=1' }, { line: 'a="' }, { line: 'a=3' }]);
  batch.select(Int32Array.of(0, 2), 2);
  compileFunction(strictLogfmt, UNCANCELLED)(batch);
  expect(labelsSeen(batch)).toEqual([{ a: '1' }, { a: '3' }]);
  expect(batch.hasErrors).toBe(false);
});

test('one parser serves many batches, whose columns do not mix', () => {
  const step = compileFunction(logfmt, UNCANCELLED);
  const batches = [['a=1'], ['a=2', 'a=1', 'b=7'], ['b=8']].map((lines) => logBatch(lines.map((line) => ({ line }))));
  for (const batch of batches) step(batch);
  expect(batches.map(labelsSeen)).toEqual([[{ a: '1' }], [{ a: '2' }, { a: '1' }, { b: '7' }], [{ b: '8' }]]);
});

describe('a parser whose errors nobody sees', () => {
  const quiet = { ...json, keys: ['level'], until: ['level'], errorsUnseen: true } as const;

  test('leaves rows alone on which all it is asked for is taken', () => {
    const rows: LogRow[] = [
      { metadata: { level: 'info' }, line: '{"level":"x"' },
      { labels: { level: 'warn' }, line: '{"level":"x"' },
      { line: '{"level":"x"' },
    ];
    expect(labelsSeen(run(rows, quiet))).toEqual([
      { level: 'info' },
      { level: 'warn' },
      { level: 'x' }, // and what comes after it is nobody's business
    ]);
  });

  test('reads them where the moved name is wanted too', () => {
    const both = { ...quiet, keys: ['level', 'level_extracted'], until: ['level_extracted'] } as const;
    const rows: LogRow[] = [{ metadata: { level: 'info' }, line: '{"level":"x"}' }];
    expect(labelsSeen(run(rows, both))).toEqual([{ level: 'info', level_extracted: 'x' }]);
  });
});
