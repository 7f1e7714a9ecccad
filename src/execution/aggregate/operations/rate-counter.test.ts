import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rateCounter } from './rate-counter.js';

const SECOND = 1e9;

/** Prometheus' extrapolatedRate as its documentation tells it, in seconds. */
function naiveRate(samples: readonly (readonly [time: number, value: number])[], start: number, end: number): number {
  if (samples.length < 2) return 0;
  const [first, last] = [samples[0]!, samples.at(-1)!];
  let increase = 0;
  for (let i = 1; i < samples.length; i++) {
    const [before, now] = [samples[i - 1]![1], samples[i]![1]];
    increase += now < before ? now : now - before;
  }
  const covered = last[0] - first[0];
  const between = covered / (samples.length - 1);
  const reach = (gap: number): number => (gap < between * 1.1 ? gap : between / 2);
  let before = reach(first[0] - start);
  // A counter cannot have been below zero: it is taken back no further than to where it would have been zero.
  if (increase > 0 && first[1] >= 0) before = Math.min(before, (first[1] / increase) * covered);
  return (increase * (before + covered + reach(end - last[0]))) / covered / (end - start);
}

describe('the rate of a counter', () => {
  const rate = (samples: readonly (readonly [number, number])[], start: number, end: number): number =>
    rateCounter
      .over(
        Float64Array.from(samples, ([time]) => time * SECOND),
        Float64Array.from(samples, ([, value]) => value),
        Number.NaN,
      )
      .evaluate(0, samples.length, start * SECOND, end * SECOND);

  test('is the increase, resets added back, stretched towards the ends of the window', () => {
    const samples = fc
      .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 100 })), {
        selector: ([time]) => time,
        maxLength: 20,
      })
      .map((all) => all.sort(([a], [b]) => a - b));
    fc.assert(
      fc.property(samples, fc.nat(100), (all, room) => {
        expect(rate(all, -room, 300 + room)).toBeCloseTo(naiveRate(all, -room, 300 + room), 8);
      }),
    );
  });

  test('of a steady counter is its slope', () => {
    const steady = Array.from({ length: 6 }, (_, i) => [5 + i * 10, 1000 + i * 20] as const);
    expect(rate(steady, 0, 60)).toBeCloseTo(2, 10);
  });

  test('counts from zero after a reset', () => {
    expect(
      rate(
        [
          [10, 5],
          [20, 1],
          [30, 4],
        ],
        10,
        30,
      ),
    ).toBeCloseTo(4 / 20, 10);
  });

  test('of one sample is 0', () => {
    expect(rate([[10, 5]], 0, 20)).toBe(0);
  });
});
