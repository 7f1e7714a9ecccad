/** Samples from labels, windows, and what is computed over them (A69-A76). */
import { describe, expect, test } from 'vitest';
import { SECOND } from '../support/query-system.js';
import { surface } from '../support/surface.js';

/** Values one, two, ... seconds after T0. */
function values(...texts: string[]) {
  return surface(texts.map((text, i) => ({ line: `v=${text}`, at: BigInt(i + 1) * SECOND })));
}

/** What an operation over the last minute gives for these values, evaluated 60 s after T0. */
async function over(operation: string, ...texts: string[]): Promise<readonly string[]> {
  const [name, parameter = ''] = operation.split(':');
  return values(...texts).samples(`${name}(${parameter}{app="x"} | logfmt | unwrap v [1m])`, 60);
}

describe('A69: unwrap', () => {
  const rows = surface(['v=1 k=a', 'v= k=a', 'k=a', 'v=oops k=b', 'v=0x1p-1 k=c', 'v=+Inf k=d', 'v=1_000 k=e']);

  test('takes no sample from a line without the label', async () => {
    expect(await rows.samples('sum by (k) (sum_over_time({app="x"} | logfmt | k="a" | unwrap v [1h]))')).toEqual([
      '{k="a"} 1',
    ]);
  });

  test('reads numbers as Go does, and marks what is none', async () => {
    expect(await rows.samples('sum by (k) (sum_over_time({app="x"} | logfmt | unwrap v | __error__="" [1h]))')).toEqual(
      ['{k="a"} 1', '{k="c"} 0.5', '{k="d"} Infinity', '{k="e"} 1000'],
    );
    expect(await rows.fault('sum_over_time({app="x"} | logfmt | unwrap v [1h])')).toContain(
      `'SampleExtractionErr' for series: '{__error__="SampleExtractionErr", ` +
        `__error_details__="strconv.ParseFloat: parsing \\"oops\\": invalid syntax"`,
    );
  });

  test.each([
    ['duration', ['2s', '500ms', '1h30m', '-5s', '1.5h'], [2, 0.5, 5400, -5, 5400]],
    ['duration_seconds', ['1us', '1m'], [1e-6, 60]],
    ['bytes', ['1KB', '1KiB', '1.5kB', '2,048', '1.5B', '7'], [1000, 1024, 1500, 2048, 1, 7]],
  ])('converts with %s()', async (conversion, texts, expected) => {
    const found = await surface(texts.map((text, i) => `v=${text} i=${i}`)).samples(
      `last_over_time({app="x"} | logfmt | unwrap ${conversion}(v) [1h]) by (i)`,
    );
    expect(found).toEqual(expected.map((value, i) => `{i="${i}"} ${value}`));
  });

  test.each([
    ['duration', '1d', 'unknown unit'],
    ['duration', '90', 'missing unit'],
    ['bytes', '1XB', 'unhandled size name: xb'],
  ])('%s() does not read %s', async (conversion, text, why) => {
    const rows = surface([`v=${text}`]);
    expect(await rows.fault(`sum_over_time({app="x"} | logfmt | unwrap ${conversion}(v) [1h])`)).toContain(why);
    expect(
      await rows.samples(`sum_over_time({app="x"} | logfmt | unwrap ${conversion}(v) | __error__="" [1h])`),
    ).toEqual([]);
  });

  test('takes stream labels and metadata as well', async () => {
    const rows = surface([{ labels: { app: 'x', s: '2' }, metadata: { m: '3' }, line: 'x' }]);
    expect(await rows.samples('sum_over_time({app="x"} | unwrap s [1h])')).toEqual(['{m="3"} 2']);
    expect(await rows.samples('sum_over_time({app="x"} | unwrap m [1h])')).toEqual(['{s="2"} 3']);
  });
});

test('A70: the unwrapped label goes, unless the grouping names it', async () => {
  const rows = surface(['v=1 k=a', 'v=2 k=a']);
  expect(await rows.samples('sum_over_time({app="x"} | logfmt | unwrap v [1h])')).toEqual(['{k="a"} 3']);
  expect(await rows.samples('max_over_time({app="x"} | logfmt | unwrap v [1h]) by (v)')).toEqual([
    '{v="1"} 1',
    '{v="2"} 2',
  ]);
  expect(await rows.samples('max_over_time({app="x"} | logfmt | unwrap v [1h]) without (k)')).toEqual(['{} 2']);
  expect(await rows.samples('sum_over_time({app="x"} | logfmt | unwrap v | v > 1 [1h])')).toEqual(['{k="a"} 2']);
});

describe('A71: a window', () => {
  const rows = surface([0, 10, 20, 30].map((s) => ({ line: 'x', at: BigInt(s) * SECOND })));

  test('leaves its start out and takes its end in', async () => {
    expect(await rows.samples('count_over_time({app="x"}[20s])', 20)).toEqual(['{} 2']);
    expect(await rows.samples('count_over_time({app="x"}[10s])', 29)).toEqual(['{} 1']);
  });

  test('moves with the offset, to either side', async () => {
    expect(await rows.samples('count_over_time({app="x"}[10s] offset 10s)', 30)).toEqual(['{} 1']);
    expect(await rows.samples('count_over_time({app="x"}[30s] offset -10s)', 20)).toEqual(['{} 3']);
    expect(await rows.samples('count_over_time({app="x"}[10s] offset 1h)', 30)).toEqual([]);
  });

  test('that has no sample gives no point', async () => {
    const range = { stepNs: 20e9 };
    const [series] = await rows.series('count_over_time({app="x"}[10s])', range);
    expect(series).toBe('{} 0:1 20:1');
  });
});

describe('A72: the labels of a series', () => {
  test('are all that the pipeline leaves, empty ones too', async () => {
    const rows = surface([
      { labels: { app: 'x', s: '1' }, metadata: { m: '', n: '2' }, line: '{"p":"","q":3}' },
      { labels: { app: 'x', s: '1' }, metadata: { m: '', n: '2' }, line: '{"q":3}' },
    ]);
    const all = '{m="", n="2", p="", q="3", s="1"} 1';
    const less = '{m="", n="2", q="3", s="1"} 1';
    expect(await rows.samples('count_over_time({app="x"} | json [1h])')).toEqual([all, less]);
    expect(await rows.samples('sum by (p) (count_over_time({app="x"} | json [1h]))')).toEqual(['{} 1', '{p=""} 1']);
    expect(await rows.samples('sum without (q) (count_over_time({app="x"} | json [1h]))')).toEqual([
      '{n="2", s="1"} 2',
    ]);
    expect(await rows.samples('count_over_time({app="x"} | json none="a.b" | keep none [1h])')).toEqual([
      '{none=""} 2',
    ]);
  });
});

describe('A73: over a window', () => {
  test.each([
    ['sum_over_time', ['1', '2', '4'], 7],
    ['avg_over_time', ['1', '2', '6'], 3],
    ['min_over_time', ['3', '-2', '4'], -2],
    ['max_over_time', ['3', '-2', '4'], 4],
    ['stdvar_over_time', ['1', '2', '3', '4'], 1.25],
    ['stddev_over_time', ['2', '4', '4', '4', '5', '5', '7', '9'], 2],
    ['first_over_time', ['5', '6', '7'], 5],
    ['last_over_time', ['5', '6', '7'], 7],
    ['rate', ['30', '60', '30'], 2],
    ['quantile_over_time:0.5,', ['1', '2', '3', '4'], 2.5],
    ['quantile_over_time:0.4,', ['5', '4', '3', '2', '1'], 2.6],
    ['quantile_over_time:1.5,', ['1', '2'], Number.POSITIVE_INFINITY],
    ['rate_counter', ['5'], 0],
  ])('%s of %j is %d', async (operation, texts, expected) => {
    const [sample, more] = await over(operation, ...texts);
    expect(more).toBeUndefined();
    expect(Number(sample!.slice('{} '.length))).toBeCloseTo(expected, 12);
  });

  test('lines are counted and their bytes summed as they are in the end', async () => {
    const rows = surface(['é', 'xyz']);
    expect(await rows.samples('rate({app="x"}[1h])')).toEqual([`{} ${2 / 3600}`]);
    expect(await rows.samples('bytes_over_time({app="x"}[1h])')).toEqual(['{} 5']);
    expect(await rows.samples('bytes_rate({app="x"}[1h])')).toEqual([`{} ${5 / 3600}`]);
    expect(await rows.samples('bytes_over_time({app="x"} | line_format "{{__line__}}é" [1h])')).toEqual(['{} 9']);
  });

  test('a counter that starts again has not fallen', async () => {
    const at = (seconds: number, c: number) => ({ line: `v=${c}`, at: BigInt(seconds) * SECOND });
    const rows = surface([at(30, 30), at(60, 60), at(90, 90), at(120, 30), at(150, 60)]);
    const query = (range: string) => `rate_counter({app="x"} | logfmt | unwrap v [${range}])`;
    expect(await rows.samples(query('2m'), 150)).toEqual(['{} 1']);
    expect(await rows.samples(query('1m'), 120)).toEqual(['{} 1']);
  });

  test('a counter is stretched to the ends of the window, but not far and not below zero', async () => {
    const at = (seconds: number, c: number) => ({ line: `v=${c}`, at: BigInt(seconds) * SECOND });
    const query = (range: string) => `rate_counter({app="x"} | logfmt | unwrap v [${range}])`;
    expect(await surface([at(75, 30), at(105, 90)]).samples(query('1m'), 105)).toEqual(['{} 1.5']);
    const high = surface([at(150, 600), at(180, 660)]);
    expect(await high.samples(query('90s'), 180)).toEqual(['{} 1']);
    expect(await high.samples(query('90s'), 210)).toEqual(['{} 2']);
    expect(await high.samples(query('150s'), 240)).toEqual(['{} 0.8']);
    expect(await surface([at(180, 40), at(210, 100)]).samples(query('90s'), 210)).toEqual(['{} 1']);
  });

  test('absent_over_time is 1 where nothing is, with the labels that are certain', async () => {
    const rows = surface(['x']);
    expect(await rows.samples('absent_over_time({app="x"} |= "nope" [1h])')).toEqual(['{} 1']);
    expect(await rows.samples('absent_over_time({app="x"}[1h])')).toEqual([]);
    const certain = 'absent_over_time({app="y", b="1", b!="2", c=~"z.*", d="", e="5"}[1h])';
    expect(await rows.samples(certain)).toEqual(['{app="y", e="5"} 1']);
    const [series] = await rows.series('absent_over_time({app="x"}[1m])', { stepNs: 1800e9 });
    expect(series).toBe('{} 1800:1 3600:1');
  });

  test('a negative quantile cannot be written', async () => {
    expect(await surface([]).fault('quantile_over_time(-1, {app="x"} | unwrap v [1h])')).toContain('unexpected -');
  });
});

describe('A74: NaN', () => {
  test.each([
    ['sum_over_time', 'NaN'],
    ['avg_over_time', 'NaN'],
    ['min_over_time', '1'],
    ['max_over_time', '2'],
    ['first_over_time', 'NaN'],
    ['last_over_time', '2'],
    ['quantile_over_time:0,', 'NaN'],
    ['quantile_over_time:1,', '2'],
  ])('first in %s gives %s', async (operation, expected) => {
    expect(await over(operation, 'NaN', '1', '2')).toEqual([`{} ${expected}`]);
  });

  test('alone is the least and the greatest there is', async () => {
    for (const operation of ['min_over_time', 'max_over_time', 'quantile_over_time:0.5,']) {
      expect(await over(operation, 'NaN', 'NaN')).toEqual(['{} NaN']);
    }
  });
});

test('A75: grouping a range puts samples of several streams together', async () => {
  const rows = surface([
    { labels: { app: 'x', pod: '1' }, line: 'v=2' },
    { labels: { app: 'x', pod: '1' }, line: 'v=4' },
    { labels: { app: 'x', pod: '2' }, line: 'v=10' },
    { labels: { app: 'x', pod: '2' }, line: 'v=20' },
  ]);
  const query = (grouping: string) => `quantile_over_time(0.5, {app="x"} | logfmt | unwrap v [1h]) ${grouping}`;
  expect(await rows.samples(query('by (pod)'))).toEqual(['{pod="1"} 3', '{pod="2"} 15']);
  expect(await rows.samples(query('without (pod)'))).toEqual(['{} 7']);
  expect(await rows.samples(query('by ()'))).toEqual(['{} 7']);
  expect(await rows.samples('first_over_time({app="x"} | logfmt | unwrap v [1h]) without (pod)')).toEqual(['{} 2']);
});

test('A76: entries of equal times in several streams all count', async () => {
  const rows = surface(['1', '2', '3'].map((pod) => ({ labels: { app: 'x', pod }, line: 'v=1', at: SECOND })));
  expect(await rows.samples('sum(count_over_time({app="x"}[1h]))')).toEqual(['{} 3']);
  expect(await rows.samples('sum(sum_over_time({app="x"} | logfmt | unwrap v [1h]))')).toEqual(['{} 3']);
});
