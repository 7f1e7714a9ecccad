import type { Frame, FrameColumn } from '../../wire/arrow-frame.js';
import type { StateBatch } from '../aggregate/state-batch.js';
import { emptySamples, labelsFromKey, labelsKey, type SampleBatch } from './sample-batch.js';

/** Samples as rows (series, step, value); series without a sample at any step are kept by the dictionary. */
export function samplesToFrame(batch: SampleBatch): Frame {
  let rows = 0;
  for (let i = 0; i < batch.present.length; i++) rows += batch.present[i]!;
  const series = new Int32Array(rows);
  const steps = new Int32Array(rows);
  const values = new Float64Array(rows);
  for (let i = 0, row = 0; i < batch.present.length; i++) {
    if (batch.present[i] === 0) continue;
    series[row] = Math.floor(i / batch.steps);
    steps[row] = i % batch.steps;
    values[row++] = batch.values[i]!;
  }
  const columns: FrameColumn[] = [
    { name: 'series', type: 'dictionary', ids: series, values: batch.series.map(labelsKey) },
    { name: 'step', type: 'int32', values: steps },
    { name: 'value', type: 'float64', values },
  ];
  return { kind: 'samples', rows, attributes: { steps: String(batch.steps) }, columns };
}

/** A frame names its steps in a few bytes; more cells than this no operator could hold. */
const CELLS_MAX = 1 << 27;

export function frameToSamples(frame: Frame): SampleBatch {
  const [series, steps, values] = frame.columns;
  if (series?.type !== 'dictionary' || steps?.type !== 'int32' || values?.type !== 'float64') {
    throw new RangeError('samples frame: wrong columns');
  }
  const count = Number(frame.attributes.steps);
  if (!Number.isInteger(count) || count < 0 || count * series.values.length > CELLS_MAX)
    throw new RangeError(`samples frame: ${count} steps of ${series.values.length} series`);
  const batch = emptySamples(series.values.map(labelsFromKey), count);
  for (let row = 0; row < frame.rows; row++) {
    const step = steps.values[row]!;
    if (step < 0 || step >= count) throw new RangeError(`samples frame: step ${step} of ${count}`);
    const cell = series.ids[row]! * count + step;
    batch.values[cell] = values.values[row]!;
    batch.present[cell] = 1;
  }
  return batch;
}

export function statesToFrame(batch: StateBatch): Frame {
  const columns: FrameColumn[] = [
    { name: 'series', type: 'dictionary', ids: batch.series, values: batch.labels.map(labelsKey) },
    { name: 'pane', type: 'int32', values: batch.panes },
  ];
  if (batch.width === 1)
    columns.push({ name: 'state0', type: 'float64', values: batch.states.subarray(0, batch.rows) });
  for (let w = 0; w < batch.width && batch.width > 1; w++) {
    const values = new Float64Array(batch.rows);
    for (let row = 0; row < batch.rows; row++) values[row] = batch.states[row * batch.width + w]!;
    columns.push({ name: `state${w}`, type: 'float64', values });
  }
  return { kind: 'states', rows: batch.rows, attributes: {}, columns };
}

export function frameToStates(frame: Frame): StateBatch {
  const [series, panes, ...states] = frame.columns;
  if (series?.type !== 'dictionary' || panes?.type !== 'int32') throw new RangeError('states frame: wrong columns');
  const width = states.length;
  const packed = new Float64Array(frame.rows * width);
  states.forEach((column, w) => {
    if (column.type !== 'float64') throw new RangeError('states frame: wrong columns');
    for (let row = 0; row < frame.rows; row++) packed[row * width + w] = column.values[row]!;
  });
  return {
    labels: series.values.map(labelsFromKey),
    rows: frame.rows,
    series: series.ids,
    panes: panes.values,
    states: packed,
    width,
  };
}
