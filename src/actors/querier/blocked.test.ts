import { describe, expect, it } from 'vitest';
import { parseLogQL } from '../../planning/logql/parser.js';
import type { BlockedQuery } from '../../wire/limits.js';
import { checkBlocked, fnv32 } from './blocked.js';

const METRIC = 'sum(rate({env="prod"}[1m]))';
const FILTER = '{env="prod"} |= "error"';
const LIMITED = '{env="prod"}';

function isBlocked(query: string, block: Partial<BlockedQuery>, tags = ''): boolean {
  const blocks = [{ pattern: '', regex: false, types: [], hash: 0, tags: {}, ...block }];
  return checkBlocked({ query, tags }, parseLogQL(query), blocks)?.message === 'query blocked by policy';
}

describe('a blocked query', () => {
  it.each<[string, Partial<BlockedQuery>, string[]]>([
    ['the same text', { pattern: ` ${METRIC} ` }, [METRIC]],
    ['a regular expression anywhere in it', { pattern: 'r?ror', regex: true }, [FILTER]],
    ['one that matches all', { pattern: '.*prod.*', regex: true }, [METRIC, FILTER, LIMITED]],
    ['every query', {}, [METRIC, FILTER, LIMITED]],
    ['a kind', { types: ['metric'] }, [METRIC]],
    ['kinds of a pattern', { pattern: 'prod', regex: true, types: ['filter', 'limited'] }, [FILTER, LIMITED]],
    ['a hash', { hash: fnv32(LIMITED) }, [LIMITED]],
  ])('is known by %s', (_, block, expected) => {
    expect([METRIC, FILTER, LIMITED].filter((query) => isBlocked(query, block))).toEqual(expected);
  });

  it('is known by the tags of its request, whatever their case', () => {
    const block = { tags: { source: 'Grafana', feature: 'beta' } };
    expect(isBlocked(LIMITED, block, 'Source=grafana,Feature=beta,x=y')).toBe(true);
    expect(isBlocked(LIMITED, block, 'Source=grafana')).toBe(false);
    expect(isBlocked(LIMITED, block)).toBe(false);
  });

  it('has the hash that Loki documents', () => {
    expect(fnv32('{stream="stdout",pod="loki-canary-9w49x"}')).toBe(2943214005);
  });
});
