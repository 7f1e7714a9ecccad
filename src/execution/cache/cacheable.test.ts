import { describe, expect, it } from 'vitest';
import { TIMESTAMP } from '../../planning/physical/expression.js';
import type { DataObjScan, Node, RangeAggregation, SectionTarget, TopK } from '../../planning/physical/node.js';
import { cacheable } from './cacheable.js';

const SECOND = 1_000_000_000n;

function scan(target: Partial<SectionTarget> = {}, more: Partial<DataObjScan['scan']> = {}): DataObjScan {
  return {
    kind: 'data-obj-scan',
    target: {
      ...{ kind: 'section', location: 'objects/t/1', section: 0, streams: Int32Array.of(1), pages: Int32Array.of(0) },
      ...{ minTime: 100n * SECOND, maxTime: 200n * SECOND, rows: 1, bytes: 1, overlaps: [], selector: '[app]' },
      ...target,
    },
    scan: { range: { start: 0n, end: 1000n * SECOND }, predicates: [], order: 'any', ...more },
  };
}

function counting(more: Partial<RangeAggregation> = {}, input: Node = scan()): RangeAggregation {
  return {
    ...{ kind: 'range-aggregation', operation: 'count', mode: 'partial', start: 60n * SECOND, end: 600n * SECOND },
    ...{ stepNs: 10e9, rangeNs: 30e9, offsetNs: 0, grouping: { kind: 'none' }, input },
    ...more,
  };
}

function newest(input: Node, k = 10): TopK {
  return { kind: 'top-k', sortBy: TIMESTAMP, ascending: false, k, intervalNs: 0, input };
}

const keyOf = (fragment: Node): string | undefined => cacheable(fragment)?.key;
const key = keyOf(counting());

describe('the key of a result', () => {
  it('is the same for windows that have slid by whole steps', () => {
    expect(key).toBeDefined();
    expect(keyOf(counting({ start: 90n * SECOND, end: 700n * SECOND }))).toBe(key);
    expect(keyOf(counting({ start: 160n * SECOND, offsetNs: 100e9 }))).toBe(key);
    expect(keyOf(counting({}, scan({}, { range: { start: 5n, end: 900n * SECOND } })))).toBe(key);
    expect(keyOf(counting({}, scan({ pages: Int32Array.of(0, 1), streams: Int32Array.of(1, 2) })))).toBe(key);
  });

  it.each<[string, Node]>([
    ['bounds of windows between the steps', counting({ start: 61n * SECOND })],
    ['a step', counting({ stepNs: 20e9 })],
    ['a range', counting({ rangeNs: 60e9 })],
    ['an operation', counting({ operation: 'bytes' })],
    ['a quantile', counting({ parameter: 0.5 })],
    ['a quantile of infinity', counting({ parameter: Number.POSITIVE_INFINITY })],
    ['a grouping', counting({ grouping: { kind: 'by', columns: [] } })],
    ['a section', counting({}, scan({ section: 1 }))],
    ['an object', counting({}, scan({ location: 'objects/t/2' }))],
    ['a selector', counting({}, scan({ selector: '[pod]' }))],
    ['a tenant', counting({}, scan({ tenant: 'b' }))],
    [
      'older copies',
      counting(
        {},
        scan({
          overlaps: [
            {
              other: { location: 'o', section: 0 },
              ...{ streams: Int32Array.of(1), otherStreams: Int32Array.of(1), minTime: 0n, maxTime: 1n },
            },
          ],
        }),
      ),
    ],
    ['a stage', counting({}, { kind: 'projection', functions: [{ kind: 'decolorize' }], input: scan() })],
    ['rows instead of counts', newest(scan())],
  ])('is another for another one of %s', (_, fragment) => {
    expect(keyOf(fragment)).toBeDefined();
    expect(keyOf(fragment)).not.toBe(key);
  });

  it('tells infinite quantiles of both signs apart', () => {
    const keys = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0].map((parameter) =>
      keyOf(counting({ parameter })),
    );
    expect(new Set(keys).size).toBe(5);
  });

  it('of log rows does not depend on how many are asked for, or in which order', () => {
    const ascending = { ...newest(scan({}, { order: 'ascending', limit: 5 }), 5), ascending: true };
    expect(keyOf(ascending)).toBe(keyOf(newest(scan({}, { order: 'descending', limit: 10 }))));
  });
});

describe('nothing is kept', () => {
  const format = (template: string): Node =>
    counting({}, { kind: 'projection', functions: [{ kind: 'line-format', template }], input: scan() });

  it.each<[string, Node]>([
    [
      'of memory',
      counting(
        {},
        {
          kind: 'live-scan',
          target: {
            ...{ kind: 'live', ingester: 'ingester/0', snapshot: 'm', streams: Int32Array.of(1), windows: [] },
            ...{ minTime: 0n, maxTime: 1n, rows: 1, bytes: 1, overlaps: [] },
          },
          scan: scan().scan,
        },
      ),
    ],
    [
      'of a section without a selector',
      counting(
        {},
        (({ target, ...rest }) => {
          const { selector: _, ...unknown } = target;
          return { ...rest, target: unknown };
        })(scan()),
      ),
    ],
    ['of templates with the time of the query', format('{{ now }}')],
    ['when no row is asked for', newest(scan(), 0)],
    ['of a limit on whatever rows come first', { kind: 'limit', skip: 0, fetch: 1, input: scan() }],
    ['of what merges the work of others', counting({ mode: 'final', input: { kind: 'source', slot: 0 } })],
    ['of a section outside of the windows', counting({ start: 500n * SECOND })],
  ])('%s', (_, fragment) => {
    expect(cacheable(fragment)).toBeUndefined();
  });

  it('but is of other templates', () => {
    expect(keyOf(format('{{ .snow }}'))).toBeDefined();
  });
});

describe('what is needed of a section', () => {
  it('is what windows and section share', () => {
    expect(cacheable(counting())!.needs).toEqual({ start: 100n * SECOND, end: 200n * SECOND + 1n });
    expect(cacheable(counting({ end: 155n * SECOND }))!.needs.end).toBe(150n * SECOND + 1n);
    expect(cacheable(counting({ start: 150n * SECOND }))!.needs.start).toBe(120n * SECOND + 1n);
  });
});
