/**
 * Query answers as Loki's JSON, by string building: JSON.stringify over an object per entry costs several times as
 * much. Times of entries are nanoseconds in strings; times of samples are seconds as numbers with at most three
 * decimals, values are Go's `f` format in strings.
 */
import { unreachable } from '../wire/exhaustive.js';
import { getOrCreate } from '../wire/get-or-create.js';
import { formatGoFloat } from '../wire/go-number.js';
import type { Labels } from '../wire/labels.js';
import type { MatrixSeries, QueryAnswer, QueryResult, StreamEntry, StreamResult, VectorSample } from '../wire/query.js';
import { lokiStats } from './stats-json.js';

/** Pieces are handed on once they are this long (UTF-16 units): a millisecond's work, and each waits for a thread that compresses it. */
const PIECE_LENGTH = 256 * 1024;

/** The whole response body in pieces of about 256 K characters. */
export function* queryJson(answer: QueryAnswer, categorizedLabels: boolean): Generator<string, void> {
  let piece = `{"status":"success"${warningsJson(answer.warnings)},"data":{"resultType":"${answer.result.type}"`;
  if (categorizedLabels) piece += ',"encodingFlags":["categorize-labels"]';
  piece += ',"result":[';
  for (const part of resultParts(answer.result)) {
    piece += part;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  piece += `],"stats":${JSON.stringify(lokiStats(answer.stats))}`;
  if (answer.explain !== undefined) piece += `,"explain":${textJson(answer.explain)}`;
  yield `${piece}}}\n`;
}

/** With the comma before it; nothing where there are none. */
export function warningsJson(warnings: readonly string[]): string {
  return warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`;
}

/** What stands between the brackets of `result`, one entry or sample at a time. */
function* resultParts(result: QueryResult): Generator<string, void> {
  switch (result.type) {
    case 'streams': {
      const pairs: PairTexts = new Map();
      for (let i = 0; i < result.streams.length; i++) yield* streamParts(result.streams[i]!, i > 0, pairs);
      return;
    }
    case 'vector':
      for (let i = 0; i < result.samples.length; i++) yield (i > 0 ? ',' : '') + sampleJson(result.samples[i]!);
      return;
    case 'matrix':
      for (let i = 0; i < result.series.length; i++) yield* seriesParts(result.series[i]!, i > 0);
      return;
    case 'scalar':
      yield pointJson(result.timeMs, result.value, false);
      return;
    default:
      unreachable(result);
  }
}

/** Pairs of one answer as JSON: streams share those that they have in common. */
type PairTexts = Map<Labels[number], string>;

function* streamParts({ labels, entries }: StreamResult, further: boolean, pairs: PairTexts): Generator<string, void> {
  yield `${further ? ',' : ''}{"stream":${labelsJson(labels, pairs)},"values":[`;
  for (let i = 0; i < entries.length; i++) yield (i > 0 ? ',' : '') + entryJson(entries[i]!, pairs);
  yield ']}';
}

/** `{"stream":{…},"values":[…]}`, for few entries. */
export function streamJson(stream: StreamResult): string {
  return [...streamParts(stream, false, new Map())].join('');
}

/** `["<ns>","<line>"]`, and with categorised labels a third element that leaves empty categories out. */
function entryJson({ time, line, structuredMetadata, parsed }: StreamEntry, pairs: PairTexts): string {
  const pair = `["${time}",${textJson(line)}`;
  if (structuredMetadata === undefined && parsed === undefined) return `${pair}]`;
  const categories: string[] = [];
  if (structuredMetadata?.length) categories.push(`"structuredMetadata":${labelsJson(structuredMetadata, pairs)}`);
  if (parsed?.length) categories.push(`"parsed":${labelsJson(parsed, pairs)}`);
  return `${pair},{${categories.join(',')}}]`;
}

function sampleJson({ labels, timeMs, value }: VectorSample): string {
  return `{"metric":${labelsJson(labels)},"value":[${pointJson(timeMs, value, false)}]}`;
}

function* seriesParts({ labels, timesMs, values }: MatrixSeries, further: boolean): Generator<string, void> {
  yield `${further ? ',' : ''}{"metric":${labelsJson(labels)},"values":[`;
  for (let i = 0; i < timesMs.length; i++) yield (i > 0 ? ',' : '') + pointJson(timesMs[i]!, values[i]!, true);
  yield ']}';
}

function pointJson(timeMs: number, value: number, bracketed: boolean): string {
  const point = `${timeMs / 1000},"${formatGoFloat(value)}"`;
  return bracketed ? `[${point}]` : point;
}

/** A label set as a JSON object. */
export function labelsJson(labels: Labels, pairs?: PairTexts): string {
  let out = '{';
  for (let i = 0; i < labels.length; i++) {
    const pair = labels[i]!;
    const text = pairs ? getOrCreate(pairs, pair, pairJson) : pairJson(pair);
    out += i > 0 ? `,${text}` : text;
  }
  return `${out}}`;
}

function pairJson([name, value]: Labels[number]): string {
  return `${textJson(name)}:${textJson(value)}`;
}

/**
 * A string literal that is valid UTF-8 when encoded: half a surrogate pair, which JSON.stringify writes as an escape
 * that Go clients refuse, becomes U+FFFD.
 */
export function textJson(text: string): string {
  const literal = JSON.stringify(text);
  return literal.includes('\\ud') ? JSON.stringify(Buffer.from(text, 'utf8').toString('utf8')) : literal;
}
