import { type Labels, labelsOf } from '../../wire/labels.js';
import type { StreamsData } from './answer.js';

/** One line of output. */
export interface Entry {
  readonly time: bigint;
  readonly labels: Labels;
  readonly line: string;
}

/** The entries of all streams in one order of time; equal times stay as the server gave them. */
export function entriesOf(data: StreamsData, forward: boolean): Entry[] {
  const entries = data.result.flatMap(({ stream, values }) => {
    const labels = labelsOf(stream);
    return values.map(([time, line]): Entry => ({ time: BigInt(time), labels, line }));
  });
  const later = forward ? 1 : -1;
  return entries.sort((a, b) => (a.time === b.time ? 0 : a.time > b.time ? later : -later));
}

/** Pairs that every entry has, so that they need not be shown with each. */
export function commonLabels(entries: readonly Entry[]): Labels {
  const sets = [...new Set(entries.map((entry) => entry.labels))];
  const [first = [], ...others] = sets;
  return first.filter(([name, value]) => others.every((set) => set.some(([n, v]) => n === name && v === value)));
}

export function withoutLabels(labels: Labels, common: Labels): Labels {
  return labels.filter(([name]) => !common.some(([n]) => n === name));
}
