/** Cases that random queries found, each at odds with the oracle before it was understood. */
import { expect, it } from 'vitest';
import type { QueryRequest } from '../../src/wire/query.js';
import type { TestRow } from '../support/build-input.js';
import { requestOf, SECOND, T0 } from '../support/query-system.js';
import { checkDataSet, newCounts } from './check.js';

interface Found {
  readonly query: string;
  readonly rows: readonly Partial<TestRow>[];
  readonly asked?: Partial<QueryRequest>;
}

/** Different places for the same entries. */
const ARRANGEMENTS = 20;

const FOUND: Readonly<Record<string, Found>> = {
  'a template that reads no line needs it where it fails': {
    query: 'bytes_over_time({app="a"} | line_format "{{ substr 9 12 .level }}" [1m])',
    rows: [{ line: 'left as it is' }],
  },
  'a broken line between the windows of two steps fails nothing': {
    query: 'count_over_time({app="a"} | json [10s])',
    rows: [{ line: 'plain', time: T0 + 25n * SECOND }, { line: '{}' }],
  },
  'a comparison has the left value also where the right side keeps its labels': {
    query: 'sum(count_over_time({app="a"}[1m])) < on (app) group_right () sum(bytes_over_time({app="a"}[1m]))',
    rows: [{ line: 'some bytes' }],
  },
  'a size is rounded to even digits': {
    query: '{app="a"} | logfmt | size > 12.5KB',
    rows: [{ line: 'size=12.4kB' }, { line: 'size=12.6kB' }],
  },
  'a condition that always holds hides no error before it': {
    query: '{app="a"} | logfmt | dur > 1s or dur=~".*"',
    rows: [{ line: 'dur=x' }],
  },
  'a dot of label_replace is no newline': {
    query: 'label_replace(count_over_time({app="a"} | json [1m]), "first", "$1", "msg", "(.).*")',
    rows: [{ line: '{"msg":"a\\nb"}' }, { line: '{"msg":"c"}' }],
  },
  'a listed value that is missing altogether is an error': {
    query: '{app="a"} | json n, dur',
    rows: [{ line: '{"n":' }, { line: '{"other":' }],
  },
  'a listed value that is not there is empty under its own name': {
    query: '{app="a"} | keep env | json app="nil" | json',
    rows: [{ line: '{"app":"b"}' }],
  },
  "metadata that a format replaced is in no parser's way": {
    query: '{app="a"} | label_format level="x" | logfmt',
    rows: [{ line: 'level=warn', metadata: [['level', 'info']] }],
  },
  'entries of equal times come in the reverse of their order also from many pages': {
    query: '{app="a"}',
    rows: ['first', 'second', 'third', 'fourth'].map((line) => ({ line })),
  },
  'a number and an infinity have no variance': {
    query: 'stdvar(sum_over_time({app="a"} | logfmt | unwrap n [1m]))',
    rows: [{ line: 'n=+Inf x=1' }, { line: 'n=1 x=2' }],
  },
  'an error that a scan left on a row counts where a condition is tried before the rest': {
    query: '{app="a"} | dur > 10ms | logfmt | ip = ip("10.0.0.1")',
    rows: [{ line: 'level=info', metadata: [['dur', 'long']] }],
  },
  'a parser beyond a filter knows what was dropped before it': {
    query: '{app="a"} | keep env | logfmt | n > 1 | logfmt --keep-empty',
    rows: [{ line: 'app=b n=2' }, { line: 'app=c n=3', time: T0 + 40n * SECOND }],
    asked: { intervalNs: 30e9, limit: 2 },
  },
};

it.each(Object.entries(FOUND))('%s', async (_, { query, rows, asked }) => {
  const entries = rows.map((row) => ({ labels: { app: 'a' }, time: T0, line: '', ...row }));
  const span = { start: T0 - 60n * SECOND, end: T0 + 120n * SECOND, stepNs: 60e9 };
  const requests = [requestOf(query, { ...span, ...asked }), requestOf(query, { ...span, categorizeLabels: true })];
  const counts = newCounts();
  for (let seed = 0; seed < ARRANGEMENTS; seed++) await checkDataSet(entries, seed, requests, counts);
  expect(counts.agreed).toBe(counts.queries);
});
