/** A20 and its cases, asked of the whole engine: what parses is planned and answered, what does not says why. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { surface } from '../support/surface.js';

const CASES = readFileSync(new URL('../../src/planning/logql/parser.golden.txt', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => /^`(.*)` => (.*)$/.exec(line)?.slice(1) ?? []);
const VERDICTS = CASES.flatMap((query, i): readonly (readonly [string, string])[] =>
  i % 2 === 0 ? [[query, CASES[i + 1]!]] : [],
);

const rows = surface([{ labels: { a: 'b' }, line: '{"x":"1"}' }], { shard_aggregations: ['approx_topk'] });
const INSTANT = {
  mode: 'instant',
  start: 1_793_494_860_000_000_000n,
  end: 1_793_494_860_000_000_000n,
  stepNs: 0,
} as const;
const modeOf = (query: string): typeof INSTANT | undefined => (query.includes('approx_topk') ? INSTANT : undefined);

describe('A20: a query that is accepted has an answer', () => {
  test.each(VERDICTS.filter(([, verdict]) => verdict === 'OK'))('%s', async (query) => {
    const { type } = await rows.ask(query, modeOf(query));
    expect(['streams', 'matrix', 'vector']).toContain(type);
  });
});

describe('A20: a query that is refused says where and why', () => {
  test.each(VERDICTS.filter(([, verdict]) => verdict !== 'OK'))('%s', async (query, verdict) => {
    expect(await rows.fault(query)).toBe(verdict);
  });
});
