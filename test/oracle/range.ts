/** Range aggregations: all samples of a selector, of which each evaluation takes those in its window. */
import type { Grouping, LogExpr, Matcher, RangeAggregationExpr, Stage, Unwrap } from '../../src/planning/logql/ast.js';
import { unreachable } from '../../src/wire/exhaustive.js';
import { type Labels, labelsOf } from '../../src/wire/labels.js';
import { type Entry, select } from './entries.js';
import { hintsOf } from './hints.js';
import { keepsRow } from './label-filter.js';
import { DETAILS, keyOf, PRESERVE, RowLabels, sorted } from './labels.js';
import { type Doubts, groupBy, grouped, QueryError, type Sample } from './metric.js';
import { readsLine, runStages } from './pipeline.js';
import { parseBytes, parseDurationGo, parseFloatGo } from './units.js';

interface RawSample {
  readonly time: bigint;
  readonly value: number;
  readonly labels: Labels;
  readonly key: string;
  readonly isError: boolean;
}

export type RangeAt = (time: bigint) => Sample[];

export function rangeAggregation(
  expr: RangeAggregationExpr,
  outer: Grouping | undefined,
  entries: readonly Entry[],
  doubts: Doubts,
): RangeAt {
  const samples = samplesOf(expr, outer, entries, doubts);
  const { rangeNs, offsetNs, log } = expr.range;
  return (time) => {
    const to = time - BigInt(offsetNs);
    const from = to - BigInt(rangeNs);
    const window = samples.filter((sample) => sample.time > from && sample.time <= to);
    if (window.some(({ isError }) => isError)) throw new QueryError('pipeline error');
    if (expr.op === 'absent_over_time')
      return window.length > 0 ? [] : [{ labels: absentLabels(log.matchers), value: 1 }];
    const groups = groupBy(window, ({ key }) => key);
    return groups.map((own) => ({
      labels: own[0]!.labels,
      value: aggregate(expr, own, from, to, doubts),
    }));
  };
}

function samplesOf(
  expr: RangeAggregationExpr,
  outer: Grouping | undefined,
  entries: readonly Entry[],
  doubts: Doubts,
): RawSample[] {
  const { log, unwrap } = expr.range;
  const stages = countsBytes(expr) ? log.stages : withoutIdleLineFormats(log);
  const hints = hintsOf(expr, outer, stages);
  const samples: RawSample[] = [];
  for (const entry of select(entries, log.matchers)) {
    const row = new RowLabels(entry.labels, entry.metadata, hints);
    const line = runStages(stages, entry.line, row, countsBytes(expr));
    if (line === undefined) continue;
    const value = unwrap ? unwrapped(unwrap, row) : countsBytes(expr) ? Buffer.byteLength(line) : 1;
    if (value === undefined) continue;
    const labels = seriesLabels(expr, outer, row);
    const isError = row.error !== '' && !row.preserved;
    if (row.error !== '' && row.preserved && expr.grouping) doubts.add('lines with errors in a grouping');
    samples.push({ time: entry.time, value, labels, key: keyOf(labels), isError });
  }
  return samples.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

function countsBytes({ op }: RangeAggregationExpr): boolean {
  return op === 'bytes_over_time' || op === 'bytes_rate';
}

/** A54: a line that nobody reads is not formatted. */
function withoutIdleLineFormats({ stages }: LogExpr): Stage[] {
  return stages.filter((stage, i) => stage.kind !== 'line-format' || stages.slice(i).some(readsLine));
}

/** A69; undefined = no sample. */
function unwrapped({ label, conversion, filters }: Unwrap, row: RowLabels): number | undefined {
  const text = row.get(label) ?? '';
  if (text === '') return undefined;
  let value = 0;
  try {
    value = convert(conversion, text);
  } catch (error) {
    row.fail('SampleExtractionErr', (error as Error).message);
    row.preserved = false;
  }
  return filters.every((filter) => keepsRow(filter, row)) ? value : undefined;
}

function convert(conversion: Unwrap['conversion'], text: string): number {
  switch (conversion) {
    case 'none':
      return parseFloatGo(text);
    case 'bytes':
      return parseBytes(text);
    case 'duration':
    case 'duration_seconds': {
      const ns = parseDurationGo(text);
      return Math.trunc(ns / 1e9) + (ns % 1e9) / 1e9;
    }
    default:
      return unreachable(conversion);
  }
}

/**
 * A70, A72. A row with an error keeps all of its labels, whatever the grouping. Details that outlived their error are
 * in no series: the reference does not say, and nobody should notice.
 */
function seriesLabels({ grouping, range }: RangeAggregationExpr, outer: Grouping | undefined, row: RowLabels): Labels {
  const all = sorted(row.all());
  if (row.error !== '') return row.preserved ? sorted([...all, [PRESERVE, 'true']]) : all;
  const groups = outer ?? grouping;
  if (groups?.kind === 'by') return grouped(all, 'by', groups.labels);
  const own = range.unwrap ? [range.unwrap.label] : [];
  return grouped(all, 'without', [...(groups?.labels ?? []), ...own, DETAILS]);
}

/** A73. */
function absentLabels(matchers: readonly Matcher[]): Labels {
  const isCertain = ({ name, op }: Matcher): boolean =>
    op === '=' && matchers.filter((other) => other.name === name).length === 1;
  return labelsOf(matchers.filter(isCertain).map(({ name, value }) => [name, value] as const));
}

function aggregate(
  { op, parameter, range }: RangeAggregationExpr,
  samples: readonly RawSample[],
  from: bigint,
  to: bigint,
  doubts: Doubts,
): number {
  const values = samples.map(({ value }) => value);
  const seconds = range.rangeNs / 1e9;
  switch (op) {
    case 'count_over_time':
      return values.length;
    case 'rate':
    case 'bytes_rate':
      return sum(values) / seconds;
    case 'bytes_over_time':
    case 'sum_over_time':
      return sum(values);
    case 'avg_over_time':
      return sum(values) / values.length;
    case 'min_over_time':
      return least(values, (a, b) => a < b);
    case 'max_over_time':
      return least(values, (a, b) => a > b);
    case 'stddev_over_time':
      return Math.sqrt(variance(values));
    case 'stdvar_over_time':
      return variance(values);
    case 'quantile_over_time':
      return quantile(values, parameter!);
    case 'first_over_time':
      return at(samples, samples[0]!.time, 0, doubts);
    case 'last_over_time':
      return at(samples, samples.at(-1)!.time, -1, doubts);
    case 'rate_counter':
      return counterRate(samples, from, to, seconds, doubts);
    case 'absent_over_time':
      return 1;
    default:
      return unreachable(op);
  }
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A74: NaN only where there is nothing else. */
export function least(values: readonly number[], isBetter: (a: number, b: number) => boolean): number {
  return values.reduce((best, value) => (Number.isNaN(best) || isBetter(value, best) ? value : best));
}

export function variance(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return sum(values.map((value) => (value - mean) ** 2)) / values.length;
}

function quantile(values: readonly number[], q: number): number {
  if (Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const ordered = [...values].sort((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
  const rank = q * (ordered.length - 1);
  const low = Math.floor(rank);
  const weight = rank - low;
  return ordered[low]! * (1 - weight) + ordered[Math.min(low + 1, ordered.length - 1)]! * weight;
}

/** Which of several samples at one time comes first is not specified. */
function at(samples: readonly RawSample[], time: bigint, index: number, doubts: Doubts): number {
  const same = samples.filter((sample) => sample.time === time).map(({ value }) => value);
  if (same.some((value) => !Object.is(value, same[0]))) doubts.add('order of samples with equal times');
  return samples.at(index)!.value;
}

/** Prometheus' extrapolated rate of a counter (A73). */
function counterRate(samples: readonly RawSample[], from: bigint, to: bigint, seconds: number, doubts: Doubts): number {
  if (samples.length < 2) return 0;
  const first = samples[0]!;
  const last = samples.at(-1)!;
  let increase = last.value - first.value;
  for (let i = 1; i < samples.length; i++) {
    const [before, after] = [samples[i - 1]!, samples[i]!];
    if (after.value < before.value) increase += before.value;
    if (after.time === before.time && after.value !== before.value) doubts.add('order of samples with equal times');
  }
  const span = Number(last.time - first.time) / 1e9;
  const average = span / (samples.length - 1);
  const threshold = average * 1.1;
  let toStart = Number(first.time - from) / 1e9;
  let toEnd = Number(to - last.time) / 1e9;
  if (toStart >= threshold) toStart = average / 2;
  if (increase > 0 && first.value >= 0) toStart = Math.min(toStart, span * (first.value / increase));
  if (toEnd >= threshold) toEnd = average / 2;
  return (increase * ((span + toStart + toEnd) / span)) / seconds;
}
