/** The oracle itself is held against recorded answers of a reference Loki, before anything is held against the oracle. */
import { expect, it } from 'vitest';
import { parseLabelLiteral } from '../../src/actors/distributor/label-literal.js';
import { LogQLError } from '../../src/planning/logql/error.js';
import { parseLogQL } from '../../src/planning/logql/parser.js';
import type { QueryRequest } from '../../src/wire/query.js';
import { type Case, difference, type Recorded, readCases, readDataset } from '../support/conformance.js';
import { json } from '../support/decode-push.js';
import { rowsOf } from '../support/push.js';
import { requestOf } from '../support/query-system.js';
import { distinct, type Entry } from './entries.js';
import { evaluate, type OracleAnswer } from './evaluate.js';
import { Doubts, QueryError } from './metric.js';
import { Unsupported } from './template.js';

const AREAS = [
  ...['selector', 'filter', 'parser', 'labelfilter', 'template', 'format'],
  ...['range', 'unwrap', 'step', 'vector', 'binop'],
];
const QUERIES = ['/loki/api/v1/query', '/loki/api/v1/query_range'];

const cases = readCases().filter(({ area, path }) => AREAS.includes(area) && QUERIES.includes(path));

function readEntries(): Entry[] {
  const rows = readDataset().flatMap((body) =>
    rowsOf(json(body, { reject_old_samples: false, creation_grace_period_ms: 1e9 }).batch!),
  );
  return distinct(
    rows.map(({ stream, metadata, ...row }) => ({
      ...row,
      labels: Object.fromEntries(parseLabelLiteral(stream)),
      metadata: Object.entries(metadata),
    })),
  );
}

function nanos(text: string): bigint {
  if (text.includes('-')) return BigInt(Date.parse(text)) * 1_000_000n;
  return text.length > 14 ? BigInt(text) : BigInt(Math.round(Number(text) * 1000)) * 1_000_000n;
}

function stepNs(text: string): number {
  const [, number, unit = 's'] = /^([\d.]+)([smh])?$/.exec(text)!;
  return Number(number) * { s: 1e9, m: 60e9, h: 3600e9 }[unit as 's' | 'm' | 'h'];
}

function requestFor({ path, params }: Case): QueryRequest {
  const isRange = path.endsWith('query_range');
  const [start, end] = isRange ? [params.start!, params.end!] : [params.time!, params.time!];
  return requestOf(params.query!, {
    mode: isRange ? 'range' : 'instant',
    start: nanos(start),
    end: nanos(end),
    stepNs: params.step === undefined ? 28e9 : stepNs(params.step), // (end - start) / 250
    direction: params.direction === 'forward' ? 'forward' : 'backward',
  });
}

function bodyOf(answer: OracleAnswer, { params }: Case, request: QueryRequest): unknown {
  const seconds = (ms: number): number => ms / 1000;
  const time = seconds(Number(request.start / 1_000_000n));
  switch (answer.kind) {
    case 'streams': {
      const rows = answer.rows.slice(0, Number(params.limit ?? 100));
      const result = rows.map(({ time, line, labels }) => ({
        stream: Object.fromEntries(labels.all()),
        values: [[String(time), line]],
      }));
      return { data: { resultType: 'streams', result } };
    }
    case 'scalar':
      return { data: { resultType: 'scalar', result: [time, String(answer.value)] } };
    case 'vector': {
      const result = answer.samples.map(({ labels, value }) => ({
        metric: Object.fromEntries(labels),
        value: [time, String(value)],
      }));
      return { data: { resultType: 'vector', result } };
    }
    case 'matrix': {
      const result = answer.series.map(({ labels, points }) => ({
        metric: Object.fromEntries(labels),
        values: points.map(([ms, value]) => [seconds(ms), String(value)]),
      }));
      return { data: { resultType: 'matrix', result } };
    }
  }
}

function answer(question: Case, entries: readonly Entry[], doubts: Doubts): Recorded {
  const request = requestFor(question);
  try {
    return {
      status: 200,
      body: bodyOf(evaluate(parseLogQL(request.query), entries, request, doubts), question, request),
    };
  } catch (error) {
    if (error instanceof QueryError || error instanceof LogQLError) return { status: 400, body: error.message };
    throw error;
  }
}

it('the oracle agrees with a reference Loki', () => {
  const entries = readEntries();
  const leftOut: string[] = [];
  const differences: string[] = [];
  for (const question of cases) {
    try {
      const doubts = new Doubts();
      const how = difference(question, answer(question, entries, doubts));
      if (how !== undefined && doubts.reasons.size > 0) leftOut.push(`${question.id}: ${[...doubts.reasons]}`);
      else if (how !== undefined) differences.push(`${question.id} ${question.params.query}\n    ${how}`);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      leftOut.push(`${question.id}: ${error.message}`);
    }
  }
  const asked = cases.length - leftOut.length;
  console.log(
    `oracle: agrees with ${asked - differences.length} of ${asked} recorded answers; ${leftOut.length} left out`,
  );
  if (leftOut.length > 0) console.log(leftOut.join('\n'));
  expect(differences.join('\n')).toBe('');
}, 120_000);
