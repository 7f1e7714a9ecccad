import { describe, expect, it } from 'vitest';
import { parametersOf } from '../../test/support/plan-case.js';
import type { TableSelector } from './facts.js';
import { parseLogQL } from './logql/parser.js';
import { selectorsOf } from './selectors.js';

const SECOND = 1_000_000_000n;

function selectors(query: string): readonly TableSelector[] {
  return selectorsOf(parseLogQL(query), parametersOf());
}

function needles(pipeline: string): readonly (readonly string[])[] {
  const [selector] = selectors(`{a="b"} ${pipeline}`);
  return selector!.needles.map((group) => group.map((needle) => Buffer.from(needle).toString()));
}

function equalities(pipeline: string): TableSelector['metadataEquals'] {
  return selectors(`{a="b"} ${pipeline}`)[0]!.metadataEquals;
}

describe('selectorsOf', () => {
  it('names matchers and times of each selector, in the order of the query', () => {
    const query = 'rate({a="b", c!~"d|e"}[1m]) / (rate({x=~"y"}[5m] offset 1h) + vector(1))';
    expect(selectors(query).map(({ matchers, range }) => ({ matchers, range }))).toEqual([
      {
        matchers: [
          { name: 'a', op: '=', value: 'b' },
          { name: 'c', op: '!~', value: 'd|e' },
        ],
        range: { start: 3540n * SECOND + 1n, end: 7200n * SECOND + 1n },
      },
      {
        matchers: [{ name: 'x', op: '=~', value: 'y' }],
        range: { start: -300n * SECOND + 1n, end: 3600n * SECOND + 1n },
      },
    ]);
  });

  it('is empty for constants', () => {
    expect(selectors('vector(1) + 2')).toEqual([]);
  });
});

describe('needles', () => {
  it.each([
    ['|= "x" |= "y"', [['x'], ['y']]],
    ['|= "x" or "y"', [['x', 'y']]],
    ['| json | level="error" |= "late"', [['late']]],
    ['|~ "one|two"', [['one', 'two']]],
    ['|~ "id=[0-9]+ user=bob"', [['id='], [' user=bob']]],
    ['|~ "a[0-9]+long|b"', []],
    ['|~ "(one|two)x" or "three[0-9]+fourteen"', [['onex', 'twox', 'fourteen']]],
    ['|> "<_>: GET <_> 200"', [[': GET '], [' 200']]],
    ['|= "caf\u00e9"', [['caf\u00e9']]],
  ])('%s needs %j', (pipeline, expected) => {
    expect(needles(pipeline)).toEqual(expected);
  });

  it.each([
    '!= "x"',
    '!~ "x"',
    '|= ""',
    '|~ "(?i)x"',
    '|~ "(?i)x|y"',
    '|= "x" or ip("10.0.0.1")',
    '|~ ".+"',
    '| line_format "{{.a}}" |= "x"',
    '| unpack |= "x"',
    '| x="y"',
  ])('%s is certain of nothing', (pipeline) => {
    expect(needles(pipeline)).toEqual([]);
  });
});

describe('equalities of metadata', () => {
  it.each([
    ['| trace="1"', [{ key: 'trace', values: ['1'] }]],
    ['| x="1" or x="2"', [{ key: 'x', values: ['1', '2'] }]],
    ['| x=~"1|2"', [{ key: 'x', values: ['1', '2'] }]],
    ['| x=~"one"', [{ key: 'x', values: ['one'] }]],
    ['| x="1" and y="2" | z > 3', [{ key: 'x', values: ['1'] }, { key: 'y', values: ['2'] }]], // biome-ignore format: one line
  ])('%s wants %j', (pipeline, expected) => {
    expect(equalities(pipeline)).toEqual(expected);
  });

  it.each([
    '| x=""',
    '| x=~"1|"',
    '| x!="1"',
    '| x=~"1.*"',
    '| x="1" or y="2"',
    '| x="1" or x > 2',
    '| x_extracted="1"',
    '| __error__="JSONParserErr"',
    '| json | x="1"',
    '| x > 1',
  ])('%s wants nothing in particular', (pipeline) => {
    expect(equalities(pipeline)).toEqual([]);
  });
});
