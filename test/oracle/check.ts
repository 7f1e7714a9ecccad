/** Random queries over random data in a random arrangement, each answered twice and compared. */
import fc from 'fast-check';
import { LogQLError } from '../../src/planning/logql/error.js';
import { parseLogQL } from '../../src/planning/logql/parser.js';
import type { QueryRequest } from '../../src/wire/query.js';
import { arbitraryEntries } from '../arbitrary/entries.js';
import { arbitraryRequest } from '../arbitrary/queries.js';
import type { TestRow } from '../support/build-input.js';
import { SECOND } from '../support/query-system.js';
import { RandomSystem } from '../support/random-system.js';
import { difference } from './compare.js';
import { distinct } from './entries.js';
import { evaluate, type OracleAnswer } from './evaluate.js';
import { Doubts, QueryError } from './metric.js';
import { Unsupported } from './template.js';

export interface Counts {
  queries: number;
  agreed: number;
  /** Of those that agreed. */
  empty: number;
  failed: number;
  /** Not compared, with the reason. */
  readonly exempt: Map<string, number>;
  invalid: number;
  /** Scans that were answered from a cache. */
  cacheHits: number;
}

export function newCounts(): Counts {
  return { queries: 0, agreed: 0, empty: 0, failed: 0, exempt: new Map(), invalid: 0, cacheHits: 0 };
}

export interface CheckOptions {
  readonly seed: number;
  readonly dataSets: number;
  readonly queriesEach: number;
  /** Added to, also when a disagreement ends the check. */
  readonly counts?: Counts;
}

/** From T0 to five minutes before the next window of objects begins, and the next hour. */
const ASTRIDE = 11n * 3600n * SECOND - 300n * SECOND;

/** Throws with the smallest failing case that was found, as text. */
export async function checkRandomQueries({
  seed,
  dataSets,
  queriesEach,
  counts = newCounts(),
}: CheckOptions): Promise<Counts> {
  let isShrinking = false;
  const property = fc.asyncProperty(
    arbitraryEntries(100),
    fc.constantFrom(0n, 0n, ASTRIDE),
    fc.integer(),
    fc.array(arbitraryRequest, { minLength: queriesEach, maxLength: queriesEach }),
    async (rows, later, arrangement, asked) => {
      const moved = rows.map((row) => ({ ...row, time: row.time + later }));
      const requests = asked.map((each) => ({ ...each, start: each.start + later, end: each.end + later }));
      try {
        await checkDataSet(moved, arrangement, requests, isShrinking ? newCounts() : counts);
      } catch (error) {
        isShrinking = true;
        throw error;
      }
    },
  );
  await fc.assert(property, { seed, numRuns: dataSets, verbose: 0, endOnFailure: false });
  return counts;
}

export async function checkDataSet(
  rows: readonly TestRow[],
  arrangement: number,
  requests: readonly QueryRequest[],
  counts: Counts,
): Promise<void> {
  const system = await RandomSystem.with(rows, arrangement);
  const entries = distinct(rows);
  for (const request of requests.flatMap(refreshed)) {
    counts.queries++;
    const doubts = new Doubts();
    const expected = answer(request, entries, doubts);
    const reply = await system.ask(request);
    if (expected instanceof LogQLError) {
      counts.invalid++;
      continue;
    }
    for (const reason of doubts.reasons) counts.exempt.set(reason, (counts.exempt.get(reason) ?? 0) + 1);
    if (doubts.reasons.size > 0) continue;
    const how = difference(request, expected, reply, system.places === 1);
    if (how !== undefined) throw new Disagreement(rows, system.notes, request, expected, how);
    counts.agreed++;
    if (expected instanceof QueryError) counts.failed++;
    else if (isEmpty(expected)) counts.empty++;
  }
  counts.cacheHits += system.cacheHits;
}

/** As a dashboard does: every query once more, and once with its range moved by some steps. */
function refreshed(request: QueryRequest): QueryRequest[] {
  const { start, end, stepNs, mode } = request;
  const later = mode === 'instant' ? 20n * SECOND : BigInt(stepNs) * 2n;
  return [request, request, { ...request, start: start + later, end: end + later }];
}

function answer(
  request: QueryRequest,
  entries: readonly TestRow[],
  doubts: Doubts,
): OracleAnswer | QueryError | LogQLError {
  try {
    return evaluate(parseLogQL(request.query), entries, request, doubts);
  } catch (error) {
    if (error instanceof QueryError || error instanceof LogQLError) return error;
    if (!(error instanceof Unsupported)) throw error;
    doubts.add(error.message);
    return new QueryError(error.message);
  }
}

function isEmpty(answer: OracleAnswer): boolean {
  switch (answer.kind) {
    case 'streams':
      return answer.rows.length === 0;
    case 'vector':
      return answer.samples.length === 0;
    case 'matrix':
      return answer.series.length === 0;
    case 'scalar':
      return false;
  }
}

/** A case to look at: all that it takes to see it again. */
export class Disagreement extends Error {
  constructor(
    rows: readonly TestRow[],
    notes: readonly string[],
    request: QueryRequest,
    expected: OracleAnswer | QueryError,
    how: string,
  ) {
    const { query, mode, start, end, stepNs, limit, direction, intervalNs, categorizeLabels } = request;
    const asked = mode === 'instant' ? `at ${end}` : `from ${start} to ${end} step ${stepNs / 1e9}s`;
    super(
      [
        how,
        `query: ${query}`,
        `${mode} ${asked} limit ${limit} ${direction} interval ${intervalNs / 1e9}s categorize ${categorizeLabels}`,
        `expected: ${text(expected)}`,
        'entries:',
        ...rows.map(rowText),
        ...notes,
      ].join('\n    '),
    );
  }
}

function rowText({ labels, time, line, metadata = [] }: TestRow): string {
  return `${time} ${JSON.stringify(labels)} ${JSON.stringify(line)} ${JSON.stringify(Object.fromEntries(metadata))}`;
}

function text(expected: OracleAnswer | QueryError): string {
  if (expected instanceof QueryError) return `fails: ${expected.message}`;
  if (expected.kind === 'streams')
    return JSON.stringify(expected.rows.map(({ time, line, labels }) => [String(time), line, [...labels.all()]]));
  return JSON.stringify(expected);
}

export function countsText({ queries, agreed, empty, failed, exempt, invalid, cacheHits }: Counts): string {
  const reasons = [...exempt].map(([reason, count]) => `${count} ${reason}`).join(', ');
  return (
    `${queries} queries: ${agreed} agree (${empty} of them empty, ${failed} fail as they should), ` +
    `not compared: ${reasons || 'none'}; ${invalid} invalid; ${cacheHits} scans from caches`
  );
}
