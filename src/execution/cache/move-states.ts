import type { RangeAggregation } from '../../planning/physical/node.js';
import type { Labels } from '../../wire/labels.js';
import { RANGE_OPERATIONS } from '../aggregate/operations/table.js';
import { PaneGrid } from '../aggregate/pane-grid.js';
import type { StateBatch } from '../aggregate/state-batch.js';

/**
 * States of another evaluation of the same windows, whose axis began at `origin`, on the axis of `windows`: panes are
 * numbered from its start, times are counted from it, and what lies in none of its windows is left out. The origins
 * differ by whole steps, so a pane is a pane on both (see PaneGrid); an instant query has one pane.
 */
export function moveStates(batch: StateBatch, origin: bigint, windows: RangeAggregation): StateBatch {
  const grid = new PaneGrid(windows);
  const operation = RANGE_OPERATIONS[windows.operation];
  const later = Number(grid.origin - origin);
  const panesLater = windows.stepNs === 0 ? 0 : 2 * (later / windows.stepNs);
  const panes = batch.panes.map((pane) => pane - panesLater);
  const states = batch.states.slice();
  const isSampled = operation.kind === 'samples';
  const isTimed = isSampled || (operation.kind === 'states' && operation.timed);
  if (isTimed) for (let at = 0; at < states.length; at += batch.width) states[at]! -= later;
  const rows: number[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const isInside = isSampled
      ? grid.locate(states[row * batch.width]!)
      : grid.lastWindow(panes[row]!) >= 0 && grid.firstWindow(panes[row]!) < grid.steps;
    if (isInside) rows.push(row);
  }
  const moved = { ...batch, panes, states };
  return rows.length === batch.rows ? moved : pick(moved, rows);
}

/** Some rows, with the label sets they have. */
function pick(batch: StateBatch, rows: readonly number[]): StateBatch {
  const { width } = batch;
  const labels: Labels[] = [];
  const numbers = new Int32Array(batch.labels.length).fill(-1);
  const series = new Int32Array(rows.length);
  const states = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    const old = batch.series[row]!;
    if (numbers[old]! < 0) numbers[old] = labels.push(batch.labels[old]!) - 1;
    series[i] = numbers[old]!;
    states.set(batch.states.subarray(row * width, (row + 1) * width), i * width);
  });
  return { labels, rows: rows.length, series, panes: Int32Array.from(rows, (row) => batch.panes[row]!), states, width };
}
