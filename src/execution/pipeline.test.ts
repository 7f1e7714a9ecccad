import { describe, expect, test } from 'vitest';
import { lazy, observed, type Pipeline, prefetched } from './pipeline.js';

/** Yields what it is given, and keeps a diary. */
async function* source(items: readonly number[], diary: string[], failsAt = -1): Pipeline<number> {
  try {
    for (const item of items) {
      if (item === failsAt) throw new Error(`failed at ${item}`);
      diary.push(`made ${item}`);
      yield item;
    }
  } finally {
    diary.push('returned');
  }
}

async function readAll(pipeline: Pipeline<number>, diary: string[] = [], count = Number.POSITIVE_INFINITY) {
  const all: number[] = [];
  for await (const item of pipeline) {
    diary.push(`got ${item}`);
    if (all.push(item) >= count) break;
  }
  return all;
}

describe('keeping one batch ahead', () => {
  test('passes everything on, in order, the next one being made before the one before is used', async () => {
    const diary: string[] = [];
    expect(await readAll(prefetched(source([1, 2, 3], diary)), diary)).toEqual([1, 2, 3]);
    expect(diary.indexOf('made 2')).toBeLessThan(diary.indexOf('got 1'));
    expect(diary.indexOf('made 3')).toBeLessThan(diary.indexOf('got 2'));
  });

  test('reports a failure when its turn comes, not before', async () => {
    const diary: string[] = [];
    await expect(readAll(prefetched(source([1, 2, 3], diary, 2)), diary)).rejects.toThrow('failed at 2');
    expect(diary).toContain('got 1');
  });

  test('ends its input when its reader leaves, also when the batch ahead fails', async () => {
    for (const failsAt of [-1, 2]) {
      const diary: string[] = [];
      expect(await readAll(prefetched(source([1, 2, 3], diary, failsAt)), diary, 1)).toEqual([1]);
      expect(diary).toContain('returned');
      expect(diary).not.toContain('made 3');
    }
  });
});

describe('observing', () => {
  const stats = () => ({ operator: 'x', depth: 0, rowsOut: 0, batches: 0, milliseconds: 0, notes: '' });

  test('counts batches, rows and the time its input took', async () => {
    let clock = 0;
    async function* slow(): Pipeline<number> {
      for (const rows of [3, 0, 4]) {
        clock += 10;
        yield rows;
      }
    }
    const seen = stats();
    for await (const _ of observed(
      slow(),
      seen,
      (rows) => rows,
      () => clock,
    ))
      clock += 1000;
    expect(seen).toMatchObject({ rowsOut: 7, batches: 3, milliseconds: 30 });
  });

  test('ends its input when its reader leaves', async () => {
    const diary: string[] = [];
    const seen = stats();
    await readAll(
      observed(
        source([1, 2, 3], diary),
        seen,
        (rows) => rows,
        () => 0,
      ),
      diary,
      1,
    );
    expect(diary).toEqual(['made 1', 'got 1', 'returned']);
  });
});

test('a lazy pipeline builds nothing before the first batch is asked for', async () => {
  const diary: string[] = [];
  const pipeline = lazy(() => {
    diary.push('built');
    return source([1], diary);
  });
  await Promise.resolve();
  expect(diary).toEqual([]);
  expect(await readAll(pipeline)).toEqual([1]);
});
