import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_LIMITS } from '../wire/limits.js';
import { ConfigError } from './config-error.js';
import { LimitsBook, parseOverrides } from './limits-book.js';

const FILE = `
overrides:
  a:
    max_query_series: 7
    max_query_length: 30d1h
    max_line_size: 1536KB
    block_ingestion_until: 2026-11-01T00:00:00Z
    blocked_queries:
      - pattern: '.*prod.*'
        regex: true
        types: filter, limited
        query_tags: {source: x}
      - hash: 5
  b:
    max_query_series: 0
    query_timeout: 5s
`;

function problems(text: string): readonly string[] {
  try {
    parseOverrides('o.yaml', text);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('limits of tenants', () => {
  const book = new LimitsBook(DEFAULT_LIMITS);
  book.override(parseOverrides('o.yaml', FILE));

  it('are those of the configuration where nothing else is said', () => {
    expect(book.of('c')).toBe(DEFAULT_LIMITS);
    expect(book.of('b')).toEqual({ ...DEFAULT_LIMITS, max_query_series: 0, query_timeout_ms: 5000 });
  });

  it('are decoded as in the configuration', () => {
    expect(book.of('a')).toMatchObject({
      ...{ max_query_series: 7, max_query_length_ms: 721 * 3_600_000, max_line_size: 1536 * 1024 },
      block_ingestion_until: 1_793_491_200_000_000_000n,
      blocked_queries: [
        { pattern: '.*prod.*', regex: true, types: ['filter', 'limited'], hash: 0, tags: { source: 'x' } },
        { pattern: '', regex: false, types: [], hash: 5, tags: {} },
      ],
    });
  });

  it('stay the same object until they change, so that what was made from them can be kept', () => {
    expect(book.of('a')).toBe(book.of('a'));
    const other = new LimitsBook(DEFAULT_LIMITS);
    other.override(parseOverrides('o.yaml', FILE));
    other.override(new Map());
    expect(other.of('a')).toBe(DEFAULT_LIMITS);
  });

  it('are the strictest of all for several', () => {
    expect(book.of('a|b')).toMatchObject({ max_query_series: 7, query_timeout_ms: 5000 });
  });

  it('are printed with the names and notation of Loki, so that they can be read again', () => {
    const text = book.print('a');
    expect(parse(text)).toMatchObject({
      ...{ max_query_series: 7, max_query_length: '30d1h', max_line_size: '1536KB', query_timeout: '1m' },
      ...{ max_querier_bytes_read: '150GB', max_query_bytes_read: '0B', max_query_range: '0s', enforced_labels: [] },
    });
    const again = new LimitsBook(DEFAULT_LIMITS);
    again.override(parseOverrides('again', `overrides:\n  a:\n${text.replace(/^/gm, '    ')}`));
    expect(again.of('a')).toEqual(book.of('a'));
  });
});

describe('the runtime configuration', () => {
  it.each([[''], ['overrides:'], ['overrides:\n  a:\n']])('%j overrides nothing', (text) => {
    expect(problems(text)).toEqual([]);
  });

  it.each([
    ['overrides: 5', ['o.yaml: overrides: must be a block of keys']],
    ['[1]', ['o.yaml: must be a block of keys']],
    ['override: {}', ['o.yaml.override: there is no such setting; did you mean overrides?']],
    [
      'overrides: {a: {max_query_seris: 1, query_timeout: soon}, b: x}',
      [
        'o.yaml: overrides.a.max_query_seris: there is no such setting; did you mean max_query_series?',
        'o.yaml: overrides.a.query_timeout: must be a duration such as 30s, 10m or 7d (units ms s m h d w y), or 0',
        'o.yaml: overrides.b: must be a block of keys',
      ],
    ],
    [
      "overrides: {a: {blocked_queries: [{pattern: '(', regex: true}]}}",
      [
        "o.yaml: overrides.a.blocked_queries: must be a list of blocks such as [{pattern: '.*prod.*', regex: true, types: 'filter,limited'}]",
      ],
    ],
  ])('%s is refused with every problem in it', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it('that is no YAML is refused', () => {
    expect(problems('a: [')[0]).toMatch(/^o\.yaml: /);
  });
});
