import { expect, test } from 'vitest';
import { findOverlaps, type TargetStreams } from './overlaps.js';

const section = (location: string, index: number, min: bigint, max: bigint, key = '{a="b"}'): TargetStreams => ({
  other: { location, section: index },
  origin: location,
  streams: [{ id: index, key, minTime: min, maxTime: max }],
});

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

test('streams that are both in two targets come together, with the time that all of them span', () => {
  const [, later] = findOverlaps([
    { other: { location: 'x', section: 0 }, origin: 'x', streams: [stream(0, 'a', 0n, 4n), stream(1, 'b', 3n, 9n)] },
    { other: { location: 'y', section: 0 }, origin: 'y', streams: [stream(5, 'b', 8n, 20n), stream(7, 'a', 2n, 3n)] },
  ]);
  expect(later).toEqual([
    {
      other: { location: 'x', section: 0 },
      ...{ streams: Int32Array.of(5, 7), otherStreams: Int32Array.of(1, 0), minTime: 2n, maxTime: 9n },
    },
  ]);
});

function stream(id: number, key: string, minTime: bigint, maxTime: bigint) {
  return { id, key, minTime, maxTime };
}
