import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { samplesOf } from '../../../test/support/samples.js';
import { decodeFrame, encodeFrame } from '../../wire/arrow-frame.js';
import type { StateBatch } from '../aggregate/state-batch.js';
import { stepGrid } from './sample-batch.js';
import { frameToSamples, frameToStates, samplesToFrame, statesToFrame } from './sample-frames.js';

const value = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY));
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 });

describe('samples', () => {
  test('are the same after travelling as a frame: NaN, gaps, series without any sample', () => {
    const shape = fc
      .nat(5)
      .chain((steps) =>
        fc.array(
          fc.tuple(
            fc.record({ app: name, env: name }),
            fc.array(fc.option(value), { minLength: steps, maxLength: steps }),
          ),
          { maxLength: 6 },
        ),
      );
    fc.assert(
      fc.property(shape, (series) => {
        const batch = samplesOf(series.map(([labels, values]) => [labels, ...values]));
        expect(frameToSamples(decodeFrame(encodeFrame(samplesToFrame(batch))))).toEqual(batch);
      }),
    );
  });

  test('of no series are a frame too', () => {
    const empty = { series: [], steps: 3, values: new Float64Array(0), present: new Uint8Array(0) };
    expect(frameToSamples(decodeFrame(encodeFrame(samplesToFrame(empty))))).toEqual(empty);
  });
});

test.each([1, 2, 3])('states of %i numbers are the same after travelling as a frame', (width) => {
  const batch: StateBatch = {
    labels: [[], [['app', '雪']]],
    rows: 3,
    series: Int32Array.of(1, 0, 1),
    panes: Int32Array.of(-3, 0, 2 ** 30),
    states: Float64Array.from({ length: 3 * width }, (_, i) => (i === 1 ? Number.NaN : i / 3)),
    width,
  };
  expect(frameToStates(decodeFrame(encodeFrame(statesToFrame(batch))))).toEqual(batch);
});

test('a frame of another kind is refused', () => {
  const samples = samplesToFrame(samplesOf([[{}, 1]]));
  expect(() => frameToSamples({ ...samples, columns: samples.columns.slice(1) })).toThrow('samples frame');
  expect(() => frameToStates({ ...samples, columns: samples.columns.slice(1) })).toThrow('states frame');
  expect(() => frameToStates({ ...samples, columns: [...samples.columns, samples.columns[1]!] })).toThrow(
    'states frame',
  );
});

test('a grid has a step wherever start + k * step is not past the end', () => {
  expect(stepGrid(10n, 10n, 0).steps).toBe(1);
  expect(stepGrid(10n, 10n, 5).steps).toBe(1);
  expect(stepGrid(10n, 19n, 5).steps).toBe(2);
  expect(stepGrid(10n, 20n, 5).steps).toBe(3);
});

test.each([
  ['steps of another planet', '1e9'],
  ['half a step', '1.5'],
  ['fewer steps than its rows', '1'],
])('a frame with %s is refused', (_, steps) => {
  const frame = samplesToFrame({ series: [[]], steps: 2, values: Float64Array.of(1, 2), present: Uint8Array.of(1, 1) });
  expect(() => frameToSamples({ ...frame, attributes: { steps } })).toThrow(RangeError);
});
