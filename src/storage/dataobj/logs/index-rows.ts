/** Describes ordered rows: what pages they are cut into, and which runs of streams the pages consist of. */
import type { PageIndex, RunIndex } from '../types.js';
import type { Rows } from './rows.js';

/** First and last time of rows from..to-1. */
export function timeRange(time: Float64Array, from: number, to: number): { min: number; max: number } {
  let min = time[from]!;
  let max = min;
  for (let i = from + 1; i < to; i++) {
    const at = time[i]!;
    if (at < min) min = at;
    if (at > max) max = at;
  }
  return { min, max };
}

export function indexPages(rows: Rows, starts: Int32Array, baseOffset: number): PageIndex {
  const count = starts.length - 1;
  const pages = {
    count,
    firstRow: new Int32Array(count),
    rows: new Int32Array(count),
    minTime: new Float64Array(count),
    maxTime: new Float64Array(count),
    messageBytes: new Int32Array(count),
  };
  for (let p = 0; p < count; p++) {
    const from = starts[p]!;
    const to = starts[p + 1]!;
    const range = timeRange(rows.time, from, to);
    pages.firstRow[p] = from - starts[0]!;
    pages.rows[p] = to - from;
    pages.minTime[p] = range.min - baseOffset;
    pages.maxTime[p] = range.max - baseOffset;
    pages.messageBytes[p] = sum(rows.messageBytes, from, to);
  }
  return pages;
}

export function indexRuns(rows: Rows, starts: Int32Array, baseOffset: number): RunIndex {
  const { stream, time } = rows;
  const bounds: number[] = [];
  const pageRuns = new Int32Array(starts.length);
  for (let p = 0; p + 1 < starts.length; p++) {
    for (let i = starts[p]!; i < starts[p + 1]!; i++) {
      if (i === starts[p] || stream[i] !== stream[i - 1]) bounds.push(i);
    }
    pageRuns[p + 1] = bounds.length;
  }
  const ends = [...bounds.slice(1), starts[starts.length - 1]!];
  return {
    starts: pageRuns,
    stream: Int32Array.from(bounds, (from) => stream[from]!),
    rows: Int32Array.from(bounds, (from, r) => ends[r]! - from),
    minTime: Float64Array.from(bounds, (from) => time[from]! - baseOffset),
    maxTime: Float64Array.from(ends, (end) => time[end - 1]! - baseOffset),
    messageBytes: Int32Array.from(bounds, (from, r) => sum(rows.messageBytes, from, ends[r]!)),
    metadataBytes: Int32Array.from(bounds, (from, r) => sum(rows.metadataBytes, from, ends[r]!)),
  };
}

function sum(values: Int32Array, from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += values[i]!;
  return total;
}
