import { expect, test } from 'vitest';
import { findOverlaps, type TargetStreams } from './overlaps.js';

type Stream = readonly [id: number, key: string, minTime: bigint, maxTime: bigint];

/** Streams by their numbers, with what is a key here as the value of their only label. */
function tableOf(streams: readonly Stream[]): NonNullable<TargetStreams['table']> {
  const values = [...new Set(streams.map(([, key]) => key))].sort();
  const ids = new Int32Array(10).fill(-1);
  for (const [id, key] of streams) ids[id] = values.indexOf(key);
  return { count: 10, columns: [{ name: 'label', values, ids }] };
}

/** A section of an object with a table of streams, or memory without one. */
function target(location: string, base: bigint, streams: readonly Stream[], stored = true): TargetStreams {
  const keys = new Map(streams.map(([id, key]) => [id, key]));
  return {
    ...{ other: { location, section: 0 }, origin: location, base },
    ids: Int32Array.from(streams, ([id]) => id),
    minTime: Float64Array.from(streams, ([, , min]) => Number(min - base)),
    maxTime: Float64Array.from(streams, ([, , , max]) => Number(max - base)),
    key: (id) => keys.get(id)!,
    ...(stored && { table: tableOf(streams) }),
  };
}

const section = (location: string, id: number, min: bigint, max: bigint, key = '{a="b"}'): TargetStreams =>
  target(location, min, [[id, key, min, max]]);

test('a later target looks at an older one whose stretch of time it touches', () => {
  const [first, second] = findOverlaps([section('x', 0, 1n, 10n), section('y', 1, 10n, 20n)]);
  expect(first).toEqual([]);
  expect(second).toEqual([
    {
      other: { location: 'x', section: 0 },
      ...{ streams: Int32Array.of(1), otherStreams: Int32Array.of(0), minTime: 10n, maxTime: 10n },
    },
  ]);
});

test('targets apart in time, of another stream or of the same object are left alone', () => {
  expect(findOverlaps([section('x', 0, 1n, 9n), section('y', 1, 10n, 20n)]).flat()).toEqual([]);
  expect(findOverlaps([section('x', 0, 1n, 9n), section('y', 1, 1n, 9n, '{a="c"}')]).flat()).toEqual([]);
  expect(findOverlaps([section('x', 0, 1n, 9n), section('x', 1, 1n, 9n)]).flat()).toEqual([]);
});

test('three copies leave one: each looks at all older ones', () => {
  const overlaps = findOverlaps([section('x', 0, 1n, 9n), section('y', 1, 1n, 9n), section('z', 2, 1n, 9n)]);
  expect(overlaps.map((list) => list.length)).toEqual([0, 1, 2]);
});

test.each([true, false])(
  'streams that are both in two targets come together, with the time that all span: %s',
  (stored) => {
    const older = target('x', 0n, [
      [0, 'a', 0n, 4n],
      [1, 'b', 3n, 9n],
      [2, 'c', 0n, 9n],
    ]);
    const newer = target(
      'y',
      2n,
      [
        [5, 'b', 8n, 20n],
        [7, 'a', 2n, 3n],
        [9, 'd', 2n, 3n],
      ],
      stored,
    );
    const expected = {
      other: { location: 'x', section: 0 },
      ...{ streams: Int32Array.of(5, 7), otherStreams: Int32Array.of(1, 0), minTime: 2n, maxTime: 9n },
    };
    // The second time from what is remembered of the two tables.
    for (let time = 0; time < 2; time++) expect(findOverlaps([older, newer])[1]).toEqual([expected]);
    const fewer = { ...older, ids: Int32Array.of(1), minTime: Float64Array.of(3), maxTime: Float64Array.of(9) };
    expect(findOverlaps([fewer, newer])[1]).toEqual([
      { ...expected, streams: Int32Array.of(5), otherStreams: Int32Array.of(1), minTime: 8n },
    ]);
  },
);

test('times years apart, which numbers round, are not missed', () => {
  const year = 365n * 86_400n * 1_000_000_000n;
  const older = target('x', 0n, [[0, 'a', 0n, 20n * year + 1n]], false);
  const [, [overlap] = []] = findOverlaps([
    older,
    target('y', 20n * year + 1n, [[0, 'a', 20n * year + 1n, 30n * year]]),
  ]);
  expect(overlap!.minTime <= 20n * year + 1n && overlap!.maxTime >= 20n * year + 1n).toBe(true);
});
