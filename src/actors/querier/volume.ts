import type { Matcher } from '../../planning/logql/ast.js';
import { raise } from '../../wire/fault.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { formatLabels, type Labels } from '../../wire/labels.js';
import type { QueryResult, VolumeRequest } from '../../wire/query.js';
import { TENANT_LABEL } from '../../wire/tenant.js';
import type { TimeRange } from '../../wire/time.js';
import { type PartedStream, shareOf } from './stream-parts.js';

/** What a volume question sums over. */
export type VolumeShape = Pick<VolumeRequest, 'start' | 'end' | 'stepNs' | 'targetLabels' | 'aggregateBy' | 'limit'> & {
  /** Of the selector; none for one that matches everything. */
  readonly matchers: readonly Matcher[];
  readonly maxSeries: number;
};

/** Streams without one of the target labels are left out (C46). */
export function volumeMatchers(matchers: readonly Matcher[], targetLabels: readonly string[]): readonly Matcher[] {
  const missing = targetLabels.filter((target) => !matchers.some(({ name }) => name === target));
  return [...matchers, ...missing.map((name): Matcher => ({ name, op: '=~', value: '.+' }))];
}

/**
 * Bytes of lines by label set or by label name, largest first: a matrix with a sample at the end of each step, where
 * that is one sample a vector (C33, C34, C47). Every row has a sample at every step. Raises `bad-request` over
 * `maxSeries` rows.
 */
export function volumes(streams: readonly PartedStream[], shape: VolumeShape): QueryResult {
  const buckets = bucketsOf(shape);
  const rows = new Map<string, Row>();
  for (const stream of streams) {
    for (const { name, labels } of rowsOf(stream.labels, shape)) {
      const row = getOrCreate(rows, name, () => ({ name, labels, total: 0, values: new Float64Array(buckets.length) }));
      if (rows.size > shape.maxSeries) raise('bad-request', tooManySeries(shape.maxSeries));
      addParts(row, stream, buckets, shape);
    }
  }
  const largest = [...rows.values()].sort(bySize).slice(0, shape.limit);
  const timesMs = buckets.map(({ timeMs }) => timeMs);
  if (timesMs.length === 1) {
    const sample = ({ labels, values }: Row) => ({ labels, timeMs: timesMs[0]!, value: Math.round(values[0]!) });
    return { type: 'vector', samples: largest.map(sample) };
  }
  const series = largest.map(({ labels, values }) => ({ labels, timesMs, values: Array.from(values, Math.round) }));
  return { type: 'matrix', series };
}

interface Row {
  readonly name: string;
  readonly labels: Labels;
  total: number;
  /** Bytes by bucket. */
  readonly values: Float64Array;
}

interface Bucket extends TimeRange {
  readonly timeMs: number;
}

/**
 * Steps begin at multiples of the step, except for the first. A sample's time is the last millisecond of its step, that
 * of the last one the end of the range.
 */
function bucketsOf({ start, end, stepNs }: VolumeShape): Bucket[] {
  const endMs = Number(end / 1_000_000n);
  if (stepNs === 0 || start >= end) return [{ start, end, timeMs: endMs }];
  const step = BigInt(stepNs);
  const buckets: Bucket[] = [];
  for (let from = start; from < end; ) {
    const next = from - (((from % step) + step) % step) + step;
    const isLast = next >= end;
    buckets.push({ start: from, end: isLast ? end : next, timeMs: isLast ? endMs : Number(next / 1_000_000n) - 1 });
    from = next;
  }
  return buckets;
}

function rowsOf(labels: Labels, { matchers, targetLabels, aggregateBy }: VolumeShape): Pick<Row, 'name' | 'labels'>[] {
  const isTarget = ([name]: Labels[number]): boolean => targetLabels.includes(name);
  if (aggregateBy === 'labels') {
    const counted = targetLabels.length > 0 ? labels.filter(isTarget) : labels;
    return counted.map(([name]) => ({ name, labels: [[name, '']] }));
  }
  const isMatched = ([name]: Labels[number]): boolean => matchers.some((matcher) => matcher.name === name);
  const isNamed = targetLabels.length > 0 ? isTarget : matchers.length > 0 ? isMatched : () => true;
  const own = labels.filter((label) => isNamed(label) || label[0] === TENANT_LABEL);
  return [{ name: formatLabels(own), labels: own }];
}

function addParts(row: Row, { parts }: PartedStream, buckets: readonly Bucket[], { start, stepNs }: VolumeShape): void {
  for (const part of parts) {
    const first = part.minTime <= start || stepNs === 0 ? 0 : bucketAt(part.minTime, buckets, stepNs);
    for (let b = first; b < buckets.length; b++) {
      const share = shareOf(part, buckets[b]!);
      if (share === undefined) break;
      row.values[b]! += share * part.bytes;
      row.total += share * part.bytes;
    }
  }
}

/** The bucket of a time in or after the first one. */
function bucketAt(time: bigint, buckets: readonly Bucket[], stepNs: number): number {
  const second = buckets[0]!.end;
  return time < second ? 0 : Math.min(1 + Number((time - second) / BigInt(stepNs)), buckets.length - 1);
}

function bySize(a: Row, b: Row): number {
  return b.total - a.total || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

function tooManySeries(limit: number): string {
  return `the query hit the max number of series limit (limit: ${limit} series)`;
}
