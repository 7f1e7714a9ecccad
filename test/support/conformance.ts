/**
 * Answers recorded from a reference Loki, and what it means to agree with one: the same status, the same type, the same
 * label sets, times, lines, and values to 1e-9. Left out is what a client may not rely on: statistics, the order of
 * series, the order of entries with equal times, and which of those a limit cuts.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface Case {
  readonly id: string;
  readonly area: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly expected: Recorded;
}

export interface Recorded {
  readonly status: number;
  /** Parsed JSON, or the text of an error. */
  readonly body: unknown;
}

const FOLDER = new URL('../conformance/', import.meta.url);

export function readCases(): readonly Case[] {
  return linesOf('cases.jsonl.gz').map((line) => JSON.parse(line) as Case);
}

/** Bodies to push, in order. */
export function readDataset(): readonly string[] {
  return linesOf('dataset.jsonl.gz');
}

function linesOf(name: string): string[] {
  const text = gunzipSync(readFileSync(new URL(name, FOLDER))).toString('utf8');
  return text.split('\n').filter((line) => line !== '');
}

/** Cases known to differ, with the reason: lines of `ID REASON`; a line that starts with # is a remark. */
export function readKnownDifferences(): ReadonlyMap<string, string> {
  const lines = readFileSync(new URL('known-differences.txt', FOLDER), 'utf8').split('\n');
  const entries = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(entries.map((line) => [line.split(' ', 1)[0]!, line.replace(/^\S+ */, '')]));
}

/** An answer reduced to what is compared. Facts agree to the letter, numbers nearly. */
interface Comparable {
  readonly kind: string;
  readonly facts: readonly string[];
  readonly numbers: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

/** One line that says how the answer differs from the recorded one; undefined when they agree. */
export function difference(question: Case, answer: Recorded): string | undefined {
  const { expected } = question;
  if (answer.status !== expected.status) return `status ${answer.status}, expected ${expected.status}`;
  if (expected.status >= 400) return undefined;
  const want = comparable(question, expected.body);
  const got = comparable(question, answer.body);
  if (got.kind !== want.kind) return `${got.kind}, expected ${want.kind}`;
  return factsDifference(want.facts, got.facts) ?? numbersDifference(want.numbers, got.numbers);
}

function factsDifference(want: readonly string[], got: readonly string[]): string | undefined {
  for (let i = 0; i < Math.max(want.length, got.length); i++) {
    if (want[i] !== got[i])
      return `${got.length} rows, expected ${want.length}; got ${short(got[i])}, expected ${short(want[i])}`;
  }
  return undefined;
}

function numbersDifference(want: Comparable['numbers'], got: Comparable['numbers']): string | undefined {
  const names = factsDifference(
    want.map(({ name }) => name),
    got.map(({ name }) => name),
  );
  if (names !== undefined) return names;
  for (let s = 0; s < want.length; s++) {
    const { name, points } = want[s]!;
    const other = got[s]!.points;
    if (points.length !== other.length) return `${other.length} points of ${name}, expected ${points.length}`;
    for (let i = 0; i < points.length; i++) {
      const [time, value] = points[i]!;
      const [otherTime, otherValue] = other[i]!;
      if (time !== otherTime || !near(value, otherValue)) return `${other[i]} of ${name}, expected ${points[i]}`;
    }
  }
  return undefined;
}

function near(a: number, b: number): boolean {
  return Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}

function short(fact: string | undefined): string {
  return fact === undefined ? 'nothing' : fact.slice(0, 200);
}

// The shapes of Loki's answers, as far as they are compared.
type LabelSet = Readonly<Record<string, string>>;
type Point = readonly [number, string];
interface Series {
  readonly metric: LabelSet;
  readonly value?: Point;
  readonly values?: readonly Point[];
}
interface Stream {
  readonly stream: LabelSet;
  readonly values: readonly (readonly [string, string])[];
}

type QueryData =
  | { readonly resultType: 'streams'; readonly result: readonly Stream[] }
  | { readonly resultType: 'matrix' | 'vector'; readonly result: readonly Series[] }
  | { readonly resultType: 'scalar'; readonly result: Point };

type Volumes = Extract<QueryData, { resultType: 'matrix' | 'vector' }>;
interface Detected {
  readonly fields?: readonly { label: string; type: string; parsers: readonly string[] | null }[];
  readonly detectedLabels?: readonly { label: string; cardinality: number }[];
  readonly values?: readonly string[];
}

function comparable(question: Case, body: unknown): Comparable {
  const { path } = question;
  const data = isRecord(body) && 'data' in body ? body.data : body;
  if (path.includes('/index/volume')) return volumes(data as Volumes);
  if (path.endsWith('/index/stats')) return facts('stats', [`streams=${(data as { streams: number }).streams}`]);
  if (path.includes('/detected_')) return detected(data as Detected);
  if (path.endsWith('/format_query')) return facts('text', [String(data).replace(/\s+/g, ' ')]);
  if (isRecord(data) && 'resultType' in data) return queryResult(question, data as unknown as QueryData);
  if (Array.isArray(data)) return facts('list', data.map(canonical).sort());
  return facts('other', [canonical(data)]);
}

function queryResult({ params }: Case, { resultType: kind, result }: QueryData): Comparable {
  if (kind === 'streams') return facts(kind, entryFacts(result, params));
  // The reference gives a scalar's time in the wrong unit.
  if (kind === 'scalar') return { kind, facts: [], numbers: [{ name: '', points: [[0, numberOf(result[1])]] }] };
  const numbers = result.map(({ metric, value, values = [value!] }) => ({
    name: canonical(metric),
    points: values.map(([time, text]): [number, number] => [time, numberOf(text)]),
  }));
  const isOrdered = kind === 'vector' && /^sort/.test(params.query ?? '');
  return { kind, facts: [], numbers: isOrdered ? numbers : numbers.sort(byName) };
}

/** A fact an entry. Where a limit cut, entries at the time of the cut only count: any of them may be there. */
function entryFacts(streams: readonly Stream[], params: Case['params']): string[] {
  const entries = streams.flatMap(({ stream, values }) => {
    const labels = canonical(stream);
    return values.map(([time, line]) => ({ time: BigInt(time), fact: `${time} ${labels} ${line}` }));
  });
  const limit = Number(params.limit ?? 100);
  if (entries.length < limit) return entries.map(({ fact }) => fact).sort();
  const isForward = params.direction?.toLowerCase() === 'forward';
  const edge = entries.reduce((last, { time }) => (isForward === time > last ? time : last), entries[0]!.time);
  const certain = entries.filter(({ time }) => time !== edge).map(({ fact }) => fact);
  return [...certain.sort(), `${entries.length - certain.length} entries at ${edge}`];
}

/** Volumes themselves are estimates. */
function volumes({ resultType, result }: Volumes): Comparable {
  const all = result.map(
    ({ metric, value, values = [value!] }) => `${canonical(metric)} ${values.map(([time]) => time)}`,
  );
  return facts(resultType, all.sort());
}

function detected(data: Detected): Comparable {
  const fields = data.fields?.map(({ label, type, parsers }) => `${label} ${type} ${[...(parsers ?? [])].sort()}`);
  const labels = data.detectedLabels?.map(({ label, cardinality }) => `${label} ${cardinality}`);
  return facts('detected', [...(fields ?? labels ?? data.values ?? [])].sort());
}

function facts(kind: string, list: readonly string[]): Comparable {
  return { kind, facts: list, numbers: [] };
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** As Go and Prometheus write numbers. */
function numberOf(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

/** JSON with the keys of the outermost object in order. */
function canonical(value: unknown): string {
  if (!isRecord(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
