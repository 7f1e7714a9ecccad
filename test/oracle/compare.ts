/**
 * Whether an answer of the system is one that the oracle allows. Not compared, since nobody specifies it:
 *  - which entries of equal times a limit leaves, and which of them an interval picks: they must be among those;
 *  - the order of entries with equal times that lie in different places, of series in a matrix, of equal samples;
 *  - the text of a template's error, and which of several errors a query fails with;
 *  - the last bits of numbers (1e-9, and 1e-6 of deviations, which are roots of differences).
 */

import { formatLabels, type Labels } from '../../src/wire/labels.js';
import type { Reply } from '../../src/wire/message.js';
import type { QueryRequest, QueryResult, StreamResult } from '../../src/wire/query.js';
import { SECOND } from '../support/query-system.js';
import type { OracleAnswer, OracleSeries } from './evaluate.js';
import { DETAILS, keyOf, type RowLabels, sorted } from './labels.js';
import type { LogRow } from './log.js';
import { QueryError, type Sample } from './metric.js';

/** One line that says how they differ; undefined when they agree. `isTogether`: all entries lie in one place. */
export function difference(
  request: QueryRequest,
  expected: OracleAnswer | QueryError,
  reply: Reply,
  isTogether: boolean,
): string | undefined {
  if (expected instanceof QueryError) return failureDifference(expected, reply);
  if (reply.kind !== 'answer') return `failed: ${JSON.stringify(reply).slice(0, 300)}`;
  return resultDifference(request, expected, reply.answer.result, isTogether);
}

function failureDifference(expected: QueryError, reply: Reply): string | undefined {
  if (reply.kind !== 'fault') return `an answer, expected to fail: ${expected.message}`;
  const { code, message } = reply.fault;
  if (code !== 'bad-request') return `fails with ${code}: ${message}`;
  const isKnown = /^(pipeline error: '\w+Err' for series|found duplicate series on|multiple matches for labels)/.test(
    message,
  );
  return isKnown ? undefined : `fails with ${message}, expected ${expected.message}`;
}

function resultDifference(
  request: QueryRequest,
  expected: OracleAnswer,
  result: QueryResult,
  isTogether: boolean,
): string | undefined {
  const type = result.type;
  if (type !== expected.kind) return `${type}, expected ${expected.kind}`;
  if (result.type === 'streams' && expected.kind === 'streams')
    return (
      streamsDifference(request, expected.rows, result.streams) ??
      (isTogether ? tiesDifference(request, expected.rows, result.streams) : undefined)
    );
  if (result.type === 'scalar' && expected.kind === 'scalar')
    return near(request, expected.value, result.value) ? undefined : `${result.value}, expected ${expected.value}`;
  const timeMs = Number(request.start / 1_000_000n);
  if (result.type === 'vector' && expected.kind === 'vector') {
    const series = result.samples.map(({ labels, timeMs: at, value }) => ({ labels, points: [[at, value]] as const }));
    const wanted = expected.samples.map(({ labels, value }) => ({ labels, points: [[timeMs, value]] as const }));
    return seriesDifference(request, wanted, series) ?? orderDifference(request, expected.samples, result.samples);
  }
  if (result.type === 'matrix' && expected.kind === 'matrix') {
    const series = result.series.map(({ labels, timesMs, values }) => ({
      labels,
      points: timesMs.map((at, i) => [at, values[i]!] as const),
    }));
    return seriesDifference(request, expected.series, series);
  }
  return undefined;
}

function near({ query }: QueryRequest, a: number, b: number): boolean {
  const tolerance = query.includes('std') ? 1e-6 : 1e-9;
  return Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

// --- Numbers ---------------------------------------------------------------------------------------------------------

function seriesDifference(
  request: QueryRequest,
  expected: readonly OracleSeries[],
  actual: readonly OracleSeries[],
): string | undefined {
  const byLabels = (series: readonly OracleSeries[]): Map<string, OracleSeries> =>
    new Map(series.map((each) => [labelsText(each.labels), each]));
  const [want, got] = [byLabels(expected), byLabels(actual)];
  for (const [key, { labels }] of got) if (!want.has(key)) return `series ${formatLabels(labels)}, which should not be`;
  for (const [key, { labels, points }] of want) {
    const other = got.get(key)?.points;
    const name = formatLabels(labels);
    if (other === undefined) return `no series ${name}`;
    const times = (some: OracleSeries['points']): string => String(some.map(([at]) => at));
    if (times(points) !== times(other)) return `points of ${name} at ${times(other)}, expected ${times(points)}`;
    for (const [i, [at, value]] of points.entries()) {
      const actualValue = other[i]![1];
      if (!near(request, value, actualValue)) return `${actualValue} of ${name} at ${at}, expected ${value}`;
    }
  }
  return undefined;
}

/** A79: by labels, or by value where the query sorts. */
function orderDifference(
  request: QueryRequest,
  expected: readonly Sample[],
  actual: readonly Sample[],
): string | undefined {
  const { query } = request;
  const isSorted = /\bsort(_desc)?\b/.test(query);
  if (!isSorted) {
    const wrong = actual.findIndex(({ labels }, i) => i > 0 && compareLabels(actual[i - 1]!.labels, labels) > 0);
    return wrong < 0 ? undefined : `${formatLabels(actual[wrong]!.labels)} is not in the order of labels`;
  }
  if (!/^sort(_desc)?\b/.test(query)) return undefined;
  const wrong = expected.findIndex(({ value }, i) => !near(request, value, actual[i]!.value) && !Number.isNaN(value));
  return wrong < 0 ? undefined : `${actual[wrong]!.value} in place ${wrong}, expected ${expected[wrong]!.value}`;
}

function compareLabels(a: Labels, b: Labels): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    for (const part of [0, 1] as const) {
      const [x, y] = [Buffer.from(a[i]![part]), Buffer.from(b[i]![part])];
      if (!x.equals(y)) return Buffer.compare(x, y);
    }
  }
  return a.length - b.length;
}

// --- Lines -----------------------------------------------------------------------------------------------------------

interface Fact {
  readonly time: bigint;
  readonly text: string;
}

/** B15: entries of one stream and time as they came, or the exact reverse. Only of streams that keep their names. */
function tiesDifference(
  request: QueryRequest,
  rows: readonly LogRow[],
  streams: readonly StreamResult[],
): string | undefined {
  const { query, limit, intervalNs, categorizeLabels } = request;
  const isCut = rows.length > limit || intervalNs > 0 || categorizeLabels;
  if (isCut || /\| (drop|keep|label_format)/.test(query)) return undefined;
  for (const { labels, entries } of streams) {
    const own = rows.filter((row) => labelsText([...row.labels.all()]) === labelsText(labels));
    const wrong = own.findIndex(({ line }, i) => entries[i]!.line !== line);
    if (wrong >= 0) return `${formatLabels(labels)} is not in the order of arrival at ${entries[wrong]!.time}`;
  }
  return undefined;
}

/** B14. */
function nameOrderDifference(streams: readonly StreamResult[]): string | undefined {
  const names = streams.map(({ labels }) => formatLabels(labels));
  const wrong = names.findIndex((name, i) => i > 0 && Buffer.from(name).compare(Buffer.from(names[i - 1]!)) < 0);
  return wrong < 0 ? undefined : `${names[wrong]} is not in the order of labels`;
}

function streamsDifference(
  request: QueryRequest,
  rows: readonly LogRow[],
  streams: readonly StreamResult[],
): string | undefined {
  const sign = request.direction === 'forward' ? 1 : -1;
  for (const { entries, labels } of streams) {
    const wrong = entries.findIndex(({ time }, i) => i > 0 && sign * Number(time - entries[i - 1]!.time) < 0);
    if (wrong >= 0) return `${formatLabels(labels)} is not in order at ${entries[wrong]!.time}`;
  }
  const misplaced = nameOrderDifference(streams);
  if (misplaced !== undefined) return misplaced;
  const expected = rows.map(({ time, line, labels }) => ({ time, text: textOf(request, line, labels) }));
  const actual = streams.flatMap((stream) =>
    stream.entries.map((entry) => {
      const labels = request.categorizeLabels
        ? [stream.labels, entry.structuredMetadata!, entry.parsed!]
        : [stream.labels];
      return { time: entry.time, text: factText(entry.line, labels) };
    }),
  );
  actual.sort((a, b) => sign * Number(a.time - b.time));
  return request.intervalNs > 0
    ? spacedDifference(request, expected, actual)
    : limitedDifference(request, expected, actual);
}

function textOf({ categorizeLabels }: QueryRequest, line: string, row: RowLabels): string {
  const parsed = [...row.parsed, ...row.errors()];
  return factText(line, categorizeLabels ? [[...row.stream], [...row.metadata], parsed] : [[...row.all()]]);
}

function factText(line: string, categories: readonly Labels[]): string {
  return `${categories.map(labelsText).join(' ')} ${JSON.stringify(line)}`;
}

function labelsText(labels: Labels): string {
  const details = (text: string): string => (text.startsWith('template: ') ? 'template' : text);
  return keyOf(sorted(labels.map(([name, value]) => [name, name === DETAILS ? details(value) : value] as const)));
}

/** B16: the first of all; at the time of the cut any of those that are there. */
function limitedDifference(
  { limit }: QueryRequest,
  expected: readonly Fact[],
  actual: readonly Fact[],
): string | undefined {
  const count = Math.min(limit, expected.length);
  const edge = expected.length > limit ? expected[limit - 1]!.time : undefined;
  const before = (facts: readonly Fact[]): readonly string[] => textsOf(facts.filter(({ time }) => time !== edge));
  return (
    (actual.length === count ? undefined : `${actual.length} entries, expected ${count}: `) ??
    firstDifference(before(expected.slice(0, count)), before(actual)) ??
    missing(at(expected, edge), at(actual, edge))
  );
}

/** B9: one entry a time, each at least an interval from the one before in its hour, for Loki cuts queries into hours. */
function spacedDifference(
  { limit, intervalNs, direction }: QueryRequest,
  expected: readonly Fact[],
  actual: readonly Fact[],
): string | undefined {
  const sign = direction === 'forward' ? 1n : -1n;
  const times: bigint[] = [];
  for (const { time } of expected) {
    const last = times.at(-1);
    if (last === undefined || hourOf(time) !== hourOf(last) || sign * (time - last) >= BigInt(intervalNs))
      times.push(time);
  }
  const wanted = times.slice(0, limit);
  if (String(wanted) !== String(actual.map(({ time }) => time)))
    return `entries at ${actual.map(({ time }) => time)}, expected at ${wanted}`;
  return missing(textsOf(expected), textsOf(actual));
}

function hourOf(time: bigint): bigint {
  return time / (3600n * SECOND);
}

function at(facts: readonly Fact[], time: bigint | undefined): string[] {
  return textsOf(facts.filter((fact) => fact.time === time));
}

function textsOf(facts: readonly Fact[]): string[] {
  return facts.map(({ time, text }) => `${time} ${text}`).sort();
}

function firstDifference(expected: readonly string[], actual: readonly string[]): string | undefined {
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    if (expected[i] !== actual[i]) return `got\n      ${actual[i]}, expected\n      ${expected[i]}`;
  }
  return undefined;
}

/** Every entry must be one of those expected, and none twice. */
function missing(expected: readonly string[], actual: readonly string[]): string | undefined {
  const left = [...expected];
  for (const text of actual) {
    const found = left.indexOf(text);
    if (found < 0) return `got ${text}, which should not be`;
    left.splice(found, 1);
  }
  return undefined;
}
