/** Vector aggregations, binary operators and functions over vectors (A77-A88). */
import { describe, expect, test } from 'vitest';
import { parseLogQL } from '../../src/planning/logql/parser.js';
import { prettyPrint } from '../../src/planning/logql/prettify.js';
import { surface } from '../support/surface.js';

/** Series with the values given, one sample each; `q` reads them. */
function series(...list: readonly (readonly [labels: Readonly<Record<string, string>>, value: string])[]) {
  return surface(list.map(([labels, value]) => ({ line: `v=${value}`, labels: { app: 'x', ...labels } })));
}
const Q = 'last_over_time({app="x"} | logfmt | unwrap v [1h])';
const of = (matchers: string): string => `last_over_time({app="x", ${matchers}} | logfmt | unwrap v [1h])`;

describe('A77: aggregations', () => {
  const rows = series(
    [{ g: 'a', h: '1' }, '1'],
    [{ g: 'a', h: '2' }, '2'],
    [{ g: 'a', h: '3' }, '6'],
    [{ g: 'b', h: '1' }, '-4'],
    [{ h: '1' }, '10'],
  );

  test.each([
    [`sum(${Q})`, ['{} 15']],
    [`sum by (g) (${Q})`, ['{} 10', '{g="a"} 9', '{g="b"} -4']],
    [`sum(${Q}) by (g)`, ['{} 10', '{g="a"} 9', '{g="b"} -4']],
    [`sum without (g, app) (${Q})`, ['{h="1"} 7', '{h="2"} 2', '{h="3"} 6']],
    [
      `sum without () (${Q} > 5)`,
      ['{app="x", g="a", h="3"} 6', '{app="x", h="1"} 10'].map((t) => t.replace('app="x", ', '')),
    ],
    [`avg by (g) (${Q})`, ['{} 10', '{g="a"} 3', '{g="b"} -4']],
    [`min by (g) (${Q})`, ['{} 10', '{g="a"} 1', '{g="b"} -4']],
    [`max by (g) (${Q})`, ['{} 10', '{g="a"} 6', '{g="b"} -4']],
    [`count by (g) (${Q})`, ['{} 1', '{g="a"} 3', '{g="b"} 1']],
    [`stdvar by (g) (${Q})`, ['{} 0', `{g="a"} ${14 / 3}`, '{g="b"} 0']],
    [`stddev by (g) (${Q})`, ['{} 0', `{g="a"} ${Math.sqrt(14 / 3)}`, '{g="b"} 0']],
    [`sum by (nosuch) (${Q})`, ['{} 15']],
    [`sum by (g, nosuch) (${Q} < 5)`, ['{g="a"} 3', '{g="b"} -4']],
    [`sum by (app, g) (${Q} == 6)`, ['{g="a"} 6']],
    [`count(count by (g) (${Q}))`, ['{} 3']],
    [`sum(${of('g="nosuch"')})`, []],
  ])('%s', async (query, samples) => {
    const seen = await rows.samples(query);
    expect(seen.map(rounded)).toEqual(samples.map(rounded));
  });

  test('NaN spreads, but gives way in min and max', async () => {
    const nan = series([{ h: '1' }, 'NaN'], [{ h: '2' }, '2'], [{ h: '3' }, '3']);
    expect(await nan.samples(`sum(${Q})`)).toEqual(['{} NaN']);
    expect(await nan.samples(`avg(${Q})`)).toEqual(['{} NaN']);
    expect(await nan.samples(`min(${Q})`)).toEqual(['{} 2']);
    expect(await nan.samples(`max(${Q})`)).toEqual(['{} 3']);
    expect(await nan.samples(`count(${Q})`)).toEqual(['{} 3']);
    expect(await nan.samples(`stddev(${Q})`)).toEqual(['{} NaN']);
  });

  test('variance does not lose its digits to a large mean', async () => {
    const far = series([{ h: '1' }, '1e9'], [{ h: '2' }, '1000000001'], [{ h: '3' }, '1000000002']);
    expect((await far.samples(`stdvar(${Q})`)).map(rounded)).toEqual([rounded(`{} ${2 / 3}`)]);
  });
});

describe('A78: topk and bottomk', () => {
  const rows = series(
    [{ g: 'a', h: '1' }, '1'],
    [{ g: 'a', h: '2' }, '7'],
    [{ g: 'b', h: '3' }, 'NaN'],
    [{ g: 'b', h: '4' }, '-3'],
    [{ g: 'b', h: '5' }, '+Inf'],
  );
  const h = async (query: string): Promise<readonly string[]> =>
    (await rows.samples(query)).map((sample) => /h="(.)"/.exec(sample)?.[1] ?? sample);

  test.each([
    [`topk(2, ${Q})`, ['2', '5']],
    [`topk(4, ${Q})`, ['1', '2', '4', '5']],
    [`topk(5, ${Q})`, ['1', '2', '3', '4', '5']],
    [`topk(99, ${Q})`, ['1', '2', '3', '4', '5']],
    [`bottomk(2, ${Q})`, ['1', '4']],
    [`bottomk(4, ${Q})`, ['1', '2', '4', '5']],
    [`topk by (g) (1, ${Q})`, ['2', '5']],
    [`bottomk(1, ${Q}) by (g)`, ['1', '4']],
    [`topk(1, ${Q}) without (h, g)`, ['5']],
    [`topk(1, ${Q}) without ()`, ['1', '2', '3', '4', '5']],
    [`sum(topk(2, ${Q} < 5))`, ['{} -2']],
  ])('%s', async (query, names) => {
    expect(await h(query)).toEqual(names);
  });

  test('keep the labels of their series, in the order of labels', async () => {
    expect(await rows.samples(`topk(2, ${Q})`)).toEqual(['{g="a", h="2"} 7', '{g="b", h="5"} Infinity']);
  });

  test('choose anew at each step', async () => {
    const crossing = surface([
      { line: 'v=1', labels: { app: 'x', h: '1' }, at: 0n },
      { line: 'v=2', labels: { app: 'x', h: '2' }, at: 0n },
      { line: 'v=9', labels: { app: 'x', h: '1' }, at: 60_000_000_000n },
      { line: 'v=2', labels: { app: 'x', h: '2' }, at: 60_000_000_000n },
    ]);
    const more = { end: BigInt('1793494800000000000') + 60_000_000_000n };
    expect(await crossing.series(`topk(1, last_over_time({app="x"} | logfmt | unwrap v [1m]))`, more)).toEqual([
      '{h="1"} 60:9',
      '{h="2"} 0:2',
    ]);
  });

  test('approx_topk is for instants, and only where it is enabled', async () => {
    const query = 'approx_topk(2, sum by (h) (count_over_time({app="x"}[1h])))';
    const instant = { mode: 'instant', stepNs: 0 } as const;
    expect(await rows.fault(query, instant)).toContain('approx_topk is not enabled. See -limits.shard_aggregations');
    const enabled = surface(['x', { line: 'y', labels: { app: 'x', h: '1' } }], {
      shard_aggregations: ['approx_topk'],
    });
    expect(await enabled.fault(query)).toContain('count min sketches are only supported on instant queries');
    expect(await enabled.samples(query)).toEqual(['{} 1', '{h="1"} 1']);
  });
});

describe('A79: order', () => {
  const rows = series([{ h: 'b' }, '2'], [{ h: 'c' }, 'NaN'], [{ h: 'a' }, '3'], [{ h: 'd' }, '1']);
  const order = async (query: string): Promise<string> =>
    (await rows.samples(query)).map((sample) => /h="(.)"/.exec(sample)?.[1] ?? '?').join('');

  test.each([
    [Q, 'abcd'],
    [`topk(2, ${Q})`, 'ab'],
    [`sort(${Q})`, 'dbac'],
    [`sort_desc(${Q})`, 'abdc'],
    [`sort by () (${Q})`, 'dbac'],
    [`sort(topk(2, ${Q}))`, 'ba'],
    [`topk(2, sort(${Q}))`, 'ab'],
    [`bottomk(2, sort_desc(${Q}))`, 'db'],
    [`sort_desc(${Q}) + 0`, 'abdc'],
    [`sort_desc(${Q}) > 1`, 'ab'],
    [`label_replace(sort_desc(${Q}), "z", "$1", "h", "(.*)")`, 'abdc'],
    [`sort_desc(${Q}) * on (app) group_left sum by (app) (count_over_time({app="x"}[1h]))`, 'abdc'],
    [`sum by (app) (count_over_time({app="x"}[1h])) + on (app) group_right sort(${Q})`, 'dbac'],
    [`sort(${Q}) and on (app) ${Q}`, 'dbac'],
    [`sort(${Q}) unless ${of('h="b"')}`, 'dac'],
    [`sort(${of('h=~"a|b"')}) or sort_desc(${Q})`, 'badc'],
    [`sort(${Q}) - sort_desc(${Q})`, 'dbac'],
  ])('%s', async (query, names) => {
    expect(await order(query)).toBe(names);
  });

  test('a range result is in the order of labels whatever sorts it', async () => {
    const more = { start: 1_793_496_600_000_000_000n, end: 1_793_496_600_000_000_000n };
    for (const query of [`sort(${Q})`, `sort_desc(${Q})`]) {
      expect((await rows.series(query, more)).map((one) => /h="(.)"/.exec(one)?.[1]).join('')).toBe('abcd');
    }
  });
});

describe('A80: arithmetic', () => {
  const rows = series([{ h: '1' }, '7'], [{ h: '2' }, '-7'], [{ h: '3' }, '0']);

  test.each([
    ['+ 2', [9, -5, 2]],
    ['- 2', [5, -9, -2]],
    ['* 2', [14, -14, 0]],
    ['/ 2', [3.5, -3.5, 0]],
    ['/ 0', [NaN, NaN, NaN]],
    ['% 0', [NaN, NaN, NaN]],
    ['% 4', [3, -3, 0]],
    ['% -4', [3, -3, 0]],
    ['^ 2', [49, 49, 0]],
    ['^ 0.5', [Math.sqrt(7), NaN, 0]],
    ['^ -1', [1 / 7, -1 / 7, Infinity]],
    ['^ 0', [1, 1, 1]],
  ])('vector %s', async (operation, values) => {
    expect((await rows.samples(`${Q} ${operation}`)).map(amountOf)).toEqual(values);
  });

  test.each([
    ['2 -', [-5, 9, 2]],
    ['14 /', [2, -2, NaN]],
    ['0 /', [0, 0, NaN]],
    ['10 %', [3, 3, NaN]],
    ['2 ^', [128, 1 / 128, 1]],
    ['1 ^', [1, 1, 1]],
  ])('%s vector', async (operation, values) => {
    expect((await rows.samples(`${operation} ${Q}`)).map(amountOf)).toEqual(values);
  });

  test('one to any power is one, even to NaN', async () => {
    expect((await rows.samples(`1 ^ (${Q} / 0)`)).map(amountOf)).toEqual([1, 1, 1]);
    expect((await rows.samples(`(${Q} ^ 0) ^ (${Q} / 0)`)).map(amountOf)).toEqual([1, 1, 1]);
  });

  test('between vectors', async () => {
    expect((await rows.samples(`${Q} / ${Q}`)).map(amountOf)).toEqual([1, 1, NaN]);
    expect((await rows.samples(`${Q} % ${Q}`)).map(amountOf)).toEqual([0, 0, NaN]);
  });
});

describe('A81: comparisons', () => {
  const rows = series([{ h: '1' }, '1'], [{ h: '2' }, '2'], [{ h: '3' }, 'NaN']);

  test.each([
    [`${Q} > 1`, ['{h="2"} 2']],
    [`${Q} >= 1`, ['{h="1"} 1', '{h="2"} 2']],
    [`${Q} != 1`, ['{h="2"} 2', '{h="3"} NaN']],
    [`${Q} == 2`, ['{h="2"} 2']],
    [`1 < ${Q}`, ['{h="2"} 2']],
    [`2 == ${Q}`, ['{h="2"} 2']],
    [`${Q} > bool 1`, ['{h="1"} 0', '{h="2"} 1', '{h="3"} 0']],
    [`1 < bool ${Q}`, ['{h="1"} 0', '{h="2"} 1', '{h="3"} 0']],
    [`${Q} == ${Q}`, ['{h="1"} 1', '{h="2"} 2']],
    [`${Q} != ${Q}`, ['{h="3"} NaN']],
    [`${Q} == bool ${Q}`, ['{h="1"} 1', '{h="2"} 1', '{h="3"} 0']],
    [`${Q} + 1 > ${Q}`, ['{h="1"} 2', '{h="2"} 3']],
    [`${Q} < ${Q} + 1`, ['{h="1"} 1', '{h="2"} 2']],
    [`${Q} + bool 1`, ['{h="1"} 2', '{h="2"} 3', '{h="3"} NaN']],
    [`vector(1) > 0`, ['{} 1']],
    [`vector(1) < 0`, []],
    [`vector(1) < bool 0`, ['{} 0']],
    [`vector(3) > vector(2)`, ['{} 3']],
  ])('%s', async (query, samples) => {
    expect(await rows.samples(query)).toEqual(samples);
  });

  test('between literals are always 0 or 1', async () => {
    expect(await rows.ask('2 > 1', { mode: 'instant', stepNs: 0 })).toMatchObject({ type: 'scalar', value: 1 });
    expect(await rows.ask('1 > 2', { mode: 'instant', stepNs: 0 })).toMatchObject({ type: 'scalar', value: 0 });
    expect(await rows.ask('1 >= bool 1', { mode: 'instant', stepNs: 0 })).toMatchObject({ type: 'scalar', value: 1 });
  });
});

describe('A82: matching', () => {
  const rows = surface([
    { line: 'v=6', labels: { app: 'x', m: 'a', code: '500' } },
    { line: 'v=4', labels: { app: 'x', m: 'a', code: '404' } },
    { line: 'v=3', labels: { app: 'x', m: 'b', code: '500' } },
    { line: 'v=24', labels: { app: 't', m: 'a', team: 'red' } },
    { line: 'v=12', labels: { app: 't', m: 'b' } },
  ]);
  const errors = 'sum by (m, code) (last_over_time({app="x"} | logfmt | unwrap v [1h]))';
  const total = 'sum by (m) (last_over_time({app="t"} | logfmt | unwrap v [1h]))';
  const teams = 'sum by (m, team) (last_over_time({app="t"} | logfmt | unwrap v [1h]))';
  const e500 = 'sum by (m, code) (last_over_time({app="x", code="500"} | logfmt | unwrap v [1h]))';

  test.each([
    ['all labels by default', `${errors} / ${total}`, []],
    ['on keeps its labels', `${e500} / on (m) ${total}`, ['{m="a"} 0.25', '{m="b"} 0.25']],
    ['ignoring keeps the others', `${e500} / ignoring (code) ${total}`, ['{m="a"} 0.25', '{m="b"} 0.25']],
    ['on nothing', `sum(${errors}) / on () sum(${total})`, [`{} ${13 / 36}`]],
    [
      'group_left keeps those of the left',
      `${errors} / on (m) group_left ${total}`,
      ['{code="404", m="a"} ' + 1 / 6, '{code="500", m="a"} 0.25', '{code="500", m="b"} 0.25'],
    ],
    [
      'group_right those of the right',
      `${total} / on (m) group_right ${errors}`,
      ['{code="404", m="a"} 6', '{code="500", m="a"} 4', '{code="500", m="b"} 4'],
    ],
    [
      'included labels are copied, or removed when the one side lacks them',
      `${errors} * on (m) group_left (team) ${teams}`,
      ['{code="404", m="a", team="red"} 96', '{code="500", m="a", team="red"} 144', '{code="500", m="b"} 36'],
    ],
    [
      'also over one that is there',
      `label_replace(${errors}, "team", "blue", "", "") * on (m) group_left (team) ${teams}`,
      ['{code="404", m="a", team="red"} 96', '{code="500", m="a", team="red"} 144', '{code="500", m="b"} 36'],
    ],
    [
      'ignoring with group_left',
      `${errors} / ignoring (code) group_left () ${total}`,
      ['{code="404", m="a"} ' + 1 / 6, '{code="500", m="a"} 0.25', '{code="500", m="b"} 0.25'],
    ],
    [
      'a comparison keeps the left value and the labels of the many',
      `${total} > on (m) group_right ${errors}`,
      ['{code="404", m="a"} 24', '{code="500", m="a"} 24', '{code="500", m="b"} 12'],
    ],
    ['bool with matching', `${e500} > bool on (m) ${total}`, ['{m="a"} 0', '{m="b"} 0']],
  ])('%s: %s', async (_, query, samples) => {
    expect(await rows.samples(query)).toEqual(samples);
  });

  test.each([
    [
      `${errors} / on (m) ${total}`,
      'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    ],
    [
      `${total} / on (m) ${errors}`,
      'found duplicate series on the right hand-side;many-to-many matching not allowed: matching labels must be unique on one side',
    ],
    [`${errors} * on (code) group_left ${errors}`, 'found duplicate series on the right hand-side'],
    [`${errors} * on (code) group_right ${errors}`, 'found duplicate series on the left hand-side'],
    [
      `${errors} * on (m) group_left (code) label_replace(${total}, "code", "z", "", "")`,
      'multiple matches for labels: grouping labels must ensure unique matches',
    ],
  ])('%s is ambiguous', async (query, message) => {
    expect(
      await rows.fault(query, {
        mode: 'instant',
        start: 1_793_496_600_000_000_000n,
        end: 1_793_496_600_000_000_000n,
        stepNs: 0,
      }),
    ).toContain(message);
  });
});

describe('A83: sets', () => {
  const rows = series([{ h: '1', g: 'a' }, '1'], [{ h: '2', g: 'a' }, '2'], [{ h: '3', g: 'b' }, '3']);
  const a = of('g="a"');

  test.each([
    [`${Q} and ${a}`, ['1', '2']],
    [`${a} and ${Q}`, ['1', '2']],
    [`${Q} unless ${a}`, ['3']],
    [`${a} unless ${Q}`, []],
    [`${a} or ${Q}`, ['1', '2', '3']],
    [`${Q} and on (g) ${of('h="1"')}`, ['1', '2']],
    [`${Q} unless on (g) ${of('h="1"')}`, ['3']],
    [`${Q} and ignoring (h) ${of('h="1"')}`, ['1', '2']],
    [`${of('h="1"')} or on (g) ${Q}`, ['1', '3']],
    [`${Q} and on () vector(1)`, ['1', '2', '3']],
    [`${Q} unless on () vector(1)`, []],
    [`${Q} and vector(1)`, []],
    [`${of('h="nosuch"')} or ${of('h="3"')}`, ['3']],
    [`${Q} and bool ${a}`, ['1', '2']],
  ])('%s', async (query, names) => {
    const seen = (await rows.samples(query)).map((sample) => /h="(.)"/.exec(sample)?.[1]);
    expect(seen.sort()).toEqual(names);
  });

  test('take their values from the left', async () => {
    expect(await rows.samples(`${a} * 10 or ${Q}`)).toEqual([
      '{g="a", h="1"} 10',
      '{g="a", h="2"} 20',
      '{g="b", h="3"} 3',
    ]);
  });

  test('or vector(0) fills what is missing, and stands beside what has labels', async () => {
    expect(await rows.samples(`sum(${of('h="nosuch"')}) or vector(0)`)).toEqual(['{} 0']);
    expect(await rows.samples(`sum(${Q}) or vector(0)`)).toEqual(['{} 6']);
    expect(await rows.samples(`sum by (g) (${Q}) or vector(0)`)).toEqual(['{} 0', '{g="a"} 3', '{g="b"} 3']);
    expect(await rows.samples(`${of('h="nosuch"')} or on () vector(7)`)).toEqual(['{} 7']);
  });

  test('step by step', async () => {
    const more = { start: 1_793_494_800_000_000_000n, end: 1_793_494_800_000_000_000n + 120_000_000_000n };
    const gaps = surface([
      { line: 'x', at: 0n },
      { line: 'x', at: 120_000_000_000n },
    ]);
    const count = 'count_over_time({app="x"}[1m])';
    expect(await gaps.series(`sum(${count}) or vector(0)`, more)).toEqual(['{} 0:1 60:0 120:1']);
    expect(await gaps.series(`vector(5) unless sum(${count})`, more)).toEqual(['{} 60:5']);
    expect(await gaps.series(`vector(5) and sum(${count})`, more)).toEqual(['{} 0:5 120:5']);
  });
});

describe('A84: literals', () => {
  const rows = surface(['x']);
  const scalar = async (query: string): Promise<number> => {
    const result = await rows.ask(query, { mode: 'instant', stepNs: 0 });
    if (result.type !== 'scalar') throw new Error(result.type);
    return result.value;
  };

  test.each([
    ['1 + 1', 2],
    ['2 ^ 3 ^ 2', 512],
    ['-2 ^ 2', 4],
    ['10 - 2 * 3', 4],
    ['7 % 4 * 2', 6],
    ['1 / 0', NaN],
    ['1 % 0', NaN],
    ['1 > 2 + 1', 0],
    ['1 == 1 != 2', 1],
    ['.5 + 5.', 5.5],
    ['1e3 * 1_000', 1e6],
    ['+5 - -5', 10],
  ])('%s is a number', async (query, value) => {
    expect(await scalar(query)).toBe(value);
  });

  test('over a range it is a series', async () => {
    const more = { end: 1_793_494_800_000_000_000n + 120_000_000_000n };
    expect(await rows.series('1 + 1', more)).toEqual(['{} 0:2 60:2 120:2']);
    expect(await rows.series('1 / 0', more)).toEqual(['{} 0:NaN 60:NaN 120:NaN']);
  });

  test('inside an aggregation it is a vector', async () => {
    expect(await rows.samples('sum(vector(3)) + 1')).toEqual(['{} 4']);
  });
});

describe('A85: label_replace', () => {
  const rows = series([{ h: 'ab-1', m: 'x\ny' }, '1']);

  test.each([
    [['z', 'new', 'h', '.*'], { z: 'new' }],
    [['z', '$1', 'h', '(.*)-(.*)'], { z: 'ab' }],
    [['z', '$2$1', 'h', '(.*)-(.*)'], { z: '1ab' }],
    [['z', '\u0024{1}x', 'h', '(.*)-(.*)'], { z: 'abx' }],
    [['z', '$1x', 'h', '(.*)-(.*)'], {}],
    [['z', '$name!', 'h', '(?P<name>..).*'], { z: 'ab!' }],
    [['z', '\u0024{name}', 'h', '(?<name>..).*'], { z: 'ab' }],
    [['z', '$0', 'h', '.*'], { z: 'ab-1' }],
    [['z', '$$1', 'h', '(.*)'], { z: '$1' }],
    [['z', '$9', 'h', '(.*)'], {}],
    [['z', '${', 'h', '.*'], { z: '${' }],
    [['z', 'a$', 'h', '.*'], { z: 'a$' }],
    [['z', 'new', 'h', 'ab'], {}],
    [['z', 'new', 'h', 'b-1'], {}],
    [['h', 'new', 'h', 'AB.*'], {}],
    [['h', 'new', 'h', '(?i)AB.*'], { h: 'new' }],
    [['h', '', 'h', '.*'], { h: '' }],
    [['h', '$1', 'nosuch', '(.*)'], { h: '' }],
    [['z', 'new', 'nosuch', ''], { z: 'new' }],
    [['z', 'new', 'nosuch', '.+'], {}],
    [['z', 'new', 'm', '.*'], {}],
    [['z', 'new', 'm', '(?s).*'], { z: 'new' }],
    [['z', '$a', 'h', '(?P<a>x)?(?P<a>.*)'], {}],
  ])('%j', async ([dst, replacement, src, pattern], changed) => {
    const before: Record<string, string> = { h: 'ab-1', m: 'x\ny' };
    const quoted = [dst, replacement, src, pattern].map((text) => JSON.stringify(text)).join(', ');
    const after = Object.entries({ ...before, ...changed }).filter(([, value]) => value !== '');
    const labels = after
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    expect(await rows.samples(`label_replace(${Q}, ${quoted})`)).toEqual([`{${labels.join(', ')}} 1`]);
  });
});

test('A85: series that label_replace makes equal stay two for an instant and become one over a range', async () => {
  const rows = series([{ h: '1' }, '1'], [{ h: '2' }, '2']);
  const query = `label_replace(${Q}, "h", "same", "h", ".*")`;
  expect(await rows.samples(query)).toEqual(['{h="same"} 1', '{h="same"} 2']);
  expect(await rows.samples(`sum by (h) (${query})`)).toEqual(['{h="same"} 3']);
  const gaps = surface([
    { line: 'x', labels: { app: 'x', h: '1' }, at: 0n },
    { line: 'x', labels: { app: 'x', h: '2' }, at: 60_000_000_000n },
  ]);
  const more = { end: 1_793_494_800_000_000_000n + 60_000_000_000n };
  const count = 'label_replace(count_over_time({app="x"}[1m]), "h", "same", "h", ".*")';
  expect(await gaps.series(count, more)).toEqual(['{h="same"} 0:1 60:1']);
});

describe('A86: vector', () => {
  const rows = surface([]);

  test('is one series without labels at every step', async () => {
    expect(await rows.samples('vector(1.5)')).toEqual(['{} 1.5']);
    expect(await rows.samples('vector(1) + vector(1)')).toEqual(['{} 2']);
    const more = { end: 1_793_494_800_000_000_000n + 60_000_000_000n };
    expect(await rows.series('vector(3) * 2', more)).toEqual(['{} 0:6 60:6']);
  });

  test('takes an unsigned literal', async () => {
    expect(await rows.fault('vector(-1)')).toContain('unexpected -, expecting NUMBER');
    expect(await rows.fault('vector("a")')).toContain('unexpected STRING, expecting NUMBER');
    expect(await rows.fault('vector(0x10)')).toContain('unable to parse vectorExpr as a float');
  });
});

describe('A88: the prettifier', () => {
  const pretty = (query: string): string => prettyPrint(parseLogQL(query));

  test('leaves what is up to a hundred bytes long on its line, and breaks what is longer', () => {
    const selector = (length: number): string => `{a="${'x'.repeat(length - 6)}"}`;
    expect(pretty(`${selector(90)} |= "xyzw"`)).toBe(`${selector(90)} |= "xyzw"`);
    expect(pretty(`${selector(90)} |= "xyzwu"`)).toBe(`${selector(90)}\n  |= "xyzwu"`);
  });

  test.each([
    ['{ a = "b" , c!="d" }|json|e>5,f="g"', '{a="b", c!="d"} | json | ( e>5 , f="g" )'],
    ['SUM BY(a,b)(RATE({c="d"}[300s]))', 'sum by (a,b)(rate({c="d"}[5m]))'],
    ['rate({a=`b"c`}[1h30m]offset 90m)', 'rate({a="b\\"c"}[1h30m] offset 1h30m0s)'],
    ['topk(3,rate({a="b"}[5m]))without(c)', 'topk without (c)(3,rate({a="b"}[5m]))'],
    ['1+1', '2'],
    ['vector(1)', 'vector(1.000000)'],
    ['{a="b"}|x=5KB|y>90s|z==0x1p4', '{a="b"} | x==5.0kB | y>1m30s | z==16'],
    [
      '{a="b"} | logfmt c,d="e" | drop f | label_format g=h,i="j"',
      '{a="b"} | logfmt c="c",d="e" | drop f | label_format g=h,i="j"',
    ],
  ])('%s is %s', (query, printed) => {
    expect(pretty(query)).toBe(printed);
  });
});

function amountOf(sample: string): number {
  return Number(sample.slice(sample.lastIndexOf(' ') + 1));
}

/** Ten digits of the value. */
function rounded(sample: string): string {
  return `${sample.slice(0, sample.lastIndexOf(' '))} ${amountOf(sample).toPrecision(10)}`;
}
