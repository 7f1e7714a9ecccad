import { describe, expect, it } from 'vitest';
import type { Matcher } from '../../planning/logql/ast.js';
import { labelsOf } from '../../wire/labels.js';
import type { PartedStream } from './stream-parts.js';
import { type VolumeShape, volumeMatchers, volumes } from './volume.js';

const SECOND = 1_000_000_000n;
const env: Matcher = { name: 'env', op: '=', value: 'prod' };

function stream(labels: Record<string, string>, bytes: number, fromSecond = 0n, toSecond = 100n): PartedStream {
  const part = { minTime: fromSecond * SECOND, maxTime: toSecond * SECOND, rows: 10, bytes };
  return { labels: labelsOf(labels), parts: [part] };
}

function shape(more: Partial<VolumeShape> = {}): VolumeShape {
  return {
    ...{ start: 0n, end: 101n * SECOND, stepNs: 0, targetLabels: [], aggregateBy: 'series', limit: 100 },
    ...{ matchers: [env], maxSeries: 1000 },
    ...more,
  };
}

const streams = [
  stream({ env: 'prod', app: 'a', pod: '1' }, 100),
  stream({ env: 'prod', app: 'b', pod: '1' }, 300),
  stream({ env: 'prod', app: 'a', pod: '2' }, 50),
];

/** Labels and values of an answer. */
function rowsOf(shaped: VolumeShape, of: readonly PartedStream[] = streams): unknown[] {
  const result = volumes(of, shaped);
  if (result.type === 'vector') return result.samples.map(({ labels, value }) => [Object.fromEntries(labels), value]);
  if (result.type === 'matrix') return result.series.map(({ labels, values }) => [Object.fromEntries(labels), values]);
  throw new Error(result.type);
}

describe('volumes by series', () => {
  it('sum by the labels of the matchers', () => {
    expect(rowsOf(shape())).toEqual([[{ env: 'prod' }, 450]]);
  });

  it('sum by the target labels instead, largest first', () => {
    expect(rowsOf(shape({ targetLabels: ['app'] }))).toEqual([
      [{ app: 'b' }, 300],
      [{ app: 'a' }, 150],
    ]);
  });

  it('keep streams apart for a selector without matchers', () => {
    expect(rowsOf(shape({ matchers: [] }))).toEqual([
      [{ env: 'prod', app: 'b', pod: '1' }, 300],
      [{ env: 'prod', app: 'a', pod: '1' }, 100],
      [{ env: 'prod', app: 'a', pod: '2' }, 50],
    ]);
  });

  it('come by name where they are equal, and no more than the limit', () => {
    const equal = ['c', 'a', 'b'].map((app) => stream({ app }, 7));
    expect(rowsOf(shape({ matchers: [], limit: 2 }), equal)).toEqual([
      [{ app: 'a' }, 7],
      [{ app: 'b' }, 7],
    ]);
  });

  it('keep tenants apart', () => {
    const tenants = ['x', 'y'].map((tenant) => stream({ env: 'prod', __tenant_id__: tenant }, 7));
    expect(rowsOf(shape(), tenants)).toEqual([
      [{ __tenant_id__: 'x', env: 'prod' }, 7],
      [{ __tenant_id__: 'y', env: 'prod' }, 7],
    ]);
  });
});

describe('volumes by label name', () => {
  it('count a stream under each of its labels', () => {
    expect(rowsOf(shape({ aggregateBy: 'labels' }), [...streams, stream({ env: 'prod' }, 1)])).toEqual([
      [{ env: '' }, 451],
      [{ app: '' }, 450],
      [{ pod: '' }, 450],
    ]);
  });

  it('leave out all but the target labels', () => {
    expect(rowsOf(shape({ aggregateBy: 'labels', targetLabels: ['pod'] }))).toEqual([[{ pod: '' }, 450]]);
  });
});

describe('volumes by step', () => {
  it('have samples at the last millisecond of each step, and at the end', () => {
    const result = volumes(streams, shape({ start: 5n * SECOND, end: 100n * SECOND, stepNs: 40e9 }));
    expect(result).toMatchObject({ type: 'matrix', series: [{ timesMs: [39_999, 79_999, 100_000] }] });
  });

  it('spread a part over the time it covers', () => {
    const answer = rowsOf(shape({ end: 200n * SECOND, stepNs: 50e9 }), [stream({ env: 'prod' }, 100, 25n, 125n)]);
    expect(answer).toEqual([[{ env: 'prod' }, [25, 50, 25, 0]]]);
  });

  it('put a single entry where it is, and a row has a sample at every step', () => {
    const singles = [stream({ env: 'prod' }, 9, 150n, 150n), stream({ env: 'prod' }, 4, 49n, 49n)];
    expect(rowsOf(shape({ end: 200n * SECOND, stepNs: 50e9 }), singles)).toEqual([[{ env: 'prod' }, [4, 0, 0, 9]]]);
  });

  it('are a vector where there is one step', () => {
    expect(volumes(streams, shape({ stepNs: 1e12 }))).toEqual({
      ...{ type: 'vector', samples: [{ labels: [['env', 'prod']], timeMs: 101_000, value: 450 }] },
    });
  });

  it('of an empty range are a vector too', () => {
    const result = volumes(streams, shape({ start: SECOND, end: SECOND, stepNs: 1e9 }));
    expect(result).toMatchObject({ type: 'vector', samples: [{ timeMs: 1000, value: 0 }] });
  });

  it('of the steps are those of the whole', () => {
    const [[, whole]] = rowsOf(shape({ start: 3n * SECOND })) as [[unknown, number]];
    const [[, steps]] = rowsOf(shape({ start: 3n * SECOND, stepNs: 7e9 })) as [[unknown, number[]]];
    expect(Math.abs(steps.reduce((sum, value) => sum + value, 0) - whole)).toBeLessThan(steps.length / 2);
  });
});

it('more rows than allowed are refused with the limit', () => {
  expect(() => volumes(streams, shape({ targetLabels: ['app'], maxSeries: 1 }))).toThrow(
    'the query hit the max number of series limit (limit: 1 series)',
  );
});

it('streams without a target label are not asked for', () => {
  expect(volumeMatchers([env], ['env', 'app'])).toEqual([env, { name: 'app', op: '=~', value: '.+' }]);
});
