import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../test/support/random.js';
import { SimScheduler } from '../../../test/support/sim-scheduler.js';
import { tableToFrame } from '../../execution/batch/rows-table.js';
import type { QueryParameters } from '../../planning/facts.js';
import { parseLogQL } from '../../planning/logql/parser.js';
import type { ScanTarget } from '../../planning/physical/node.js';
import type { RunIndex } from '../../storage/dataobj/types.js';
import type { SectionDescriptor } from '../../storage/metastore/types.js';
import { encodeFrame, packStrings } from '../../wire/arrow-frame.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import type { Reply } from '../../wire/message.js';
import type { WorkflowStart } from '../../wire/messages/workflow.js';
import type { QueryRequest } from '../../wire/query.js';
import { receiverAddress } from '../../wire/stream-address.js';
import type { TimeRange } from '../../wire/time.js';
import { LocalRouter } from '../runtime/router-local.js';
import { Querier } from './actor.js';
import { DEFAULT_QUERIER_TIMES } from './settings.js';
import { slicesOf, targetsOf } from './slices.js';

const NO_RUNS: RunIndex = {
  ...{ starts: new Int32Array(4), stream: new Int32Array(), rows: new Int32Array(), messageBytes: new Int32Array() },
  ...{ metadataBytes: new Int32Array(), minTime: new Float64Array(), maxTime: new Float64Array() },
};

const MINUTE = 60_000_000_000n;
const HOUR = 60n * MINUTE;
const LOGS = parseLogQL('{app="x"}');
const RATE = parseLogQL('sum(rate({app="x"}[5m]))');

function parameters(more: Partial<QueryParameters> = {}): QueryParameters {
  return { start: 0n, end: 100n * HOUR, stepNs: 0, limit: 100, direction: 'backward', intervalNs: 0, ...more };
}

/** A target for each `minutes` of so many hours. */
function targets(hours: number, minutes: number): ScanTarget[] {
  return Array.from({ length: (hours * 60) / minutes }, (_, i) => ({
    ...{ kind: 'section', location: `o${i}`, section: 0, streams: Int32Array.of(0), pages: Int32Array.of(0) },
    ...{ minTime: BigInt(i * minutes) * MINUTE, maxTime: BigInt((i + 1) * minutes) * MINUTE - 1n },
    ...{ rows: 1, bytes: 1, overlaps: [] },
  }));
}

const resolved = (some: readonly ScanTarget[]) => [{ targets: some, damaged: [], throughSeq: [], warnings: [] }];
const METRIC = parameters({ stepNs: 60e9 });
const bounds = (tasksMax: number, intervalNs = HOUR) => ({ tasksMax, intervalNs });

describe('slices', () => {
  it('are one while there are few targets, without an interval, and for what cannot be cut', () => {
    const all = resolved(targets(100, 6));
    expect(slicesOf(LOGS, parameters(), all, bounds(1000))).toEqual([parameters()]);
    expect(slicesOf(LOGS, parameters(), all, bounds(100, 0n))).toHaveLength(1);
    expect(slicesOf(LOGS, parameters({ intervalNs: 1e9 }), all, bounds(100))).toHaveLength(1);
    expect(slicesOf(RATE, parameters({ start: 100n * HOUR }), all, bounds(100))).toHaveLength(1);
  });

  it('of logs follow each other without gap or overlap, in the order of the query, cut at multiples of the interval', () => {
    const all = resolved(targets(100, 6));
    const odd = { start: 17n * MINUTE, end: 99n * HOUR + 3n };
    const forward = slicesOf(LOGS, parameters({ ...odd, direction: 'forward' }), all, bounds(100));
    expect(forward.map(({ start }) => start)).toEqual([odd.start, ...forward.slice(0, -1).map(({ end }) => end)]);
    expect(forward.at(-1)!.end).toBe(odd.end);
    for (const { start } of forward.slice(1)) expect(start % HOUR).toBe(0n);
    const backward = slicesOf(LOGS, parameters(odd), all, bounds(100));
    expect(backward[0]!.end).toBe(odd.end);
    expect(backward.at(-1)!.start).toBe(odd.start);
    for (const slice of [...forward, ...backward])
      expect(targetsOf(LOGS, slice, all)[0]!.targets.length).toBeLessThanOrEqual(100);
    expect(forward.length).toBeLessThanOrEqual(11);
  });

  it('of metrics have every step once, and the targets of all their windows', () => {
    const all = resolved(targets(100, 6));
    const slices = slicesOf(RATE, METRIC, all, bounds(150));
    const steps = slices.flatMap(({ start, end, stepNs }) =>
      Array.from({ length: Number(end - start) / stepNs + 1 }, (_, i) => Number(start) / 6e10 + i),
    );
    expect(steps).toEqual(Array.from({ length: 6001 }, (_, i) => i));
    expect(slices.length).toBeGreaterThan(5);
    for (const slice of slices) {
      const [{ targets: own } = { targets: [] }] = targetsOf(RATE, slice, all);
      expect(own.length).toBeLessThanOrEqual(150);
      expect(own.at(-1)!.maxTime >= slice.end || slice.end === METRIC.end).toBe(true);
      expect(slice.start === 0n || own[0]!.minTime <= slice.start - 5n * MINUTE).toBe(true);
    }
  });

  it('do not pay when every window reaches back over all of them', () => {
    const far = parseLogQL('sum(rate({app="x"}[90h]))');
    expect(slicesOf(far, METRIC, resolved(targets(100, 6)), bounds(150))).toEqual([METRIC]);
  });

  it('of a short interval over a long range are bounded', () => {
    const slices = slicesOf(LOGS, parameters(), resolved(targets(100, 6)), bounds(1, 1000n));
    expect(slices.length).toBeLessThanOrEqual(4097);
  });
});

/** A querier over a catalogue of so many sections, and a scheduler that says at once that all has run. `restOf`: what the catalogue leaves for later. */
function system(
  sections: readonly SectionDescriptor[],
  rowsEach: (start: WorkflowStart) => bigint[],
  restOf: (range: TimeRange) => TimeRange | undefined = () => undefined,
) {
  const clock = new SimScheduler(new SeededRandom(1), 0);
  const router = new LocalRouter({ clock });
  const runs: WorkflowStart[] = [];
  router.register('scheduler/0', ({ message, ask, from }) => {
    if (message.kind !== 'workflow.start') return;
    ask!.reply({ kind: 'ok' });
    runs.push(message);
    const { results: stream, workflow } = message;
    const frames = frameOf(rowsEach(message));
    const to = receiverAddress(stream);
    for (const frame of frames)
      router.tell('worker/0', to, { kind: 'stream.data', stream, attempt: 0, sequence: 0, frame });
    router.tell('worker/0', to, { kind: 'stream.closed', stream, attempt: 0, frames: frames.length });
    router.tell('scheduler/0', from, { kind: 'workflow.done', workflow, reports: [], skipped: 0, queueMs: 0 });
  });
  let ids = 0;
  new Querier(
    'querier/0',
    {
      ...{ router, clock, random: { ulid: () => `id-${++ids}`, unit: () => 0.5 }, limits: () => DEFAULT_LIMITS },
      catalog: {
        resolve: async ({ range }) => {
          const rest = restOf(range);
          const here = sections.filter(
            ({ minTime, maxTime }) => maxTime >= (rest?.end ?? range.start) && minTime < range.end,
          );
          return { sections: here, damaged: [], objects: 0, sectionsTotal: here.length, ...(rest && { rest }) };
        },
      },
      metastore: {} as never,
    },
    {
      ...{ ...DEFAULT_QUERIER_TIMES, ingesters: () => [], schedulers: () => ['scheduler/0'] },
      ...{ resolveTimeoutMs: 1000, windowNs: 12n * HOUR },
    },
  );
  const ask = (request: Partial<QueryRequest>): Promise<Reply> => {
    const whole: QueryRequest = {
      ...{ tenant: 't', query: '{app="x"}', mode: 'range', start: 0n, end: 100n * HOUR, stepNs: 60e9, limit: 100 },
      ...{ direction: 'backward', intervalNs: 0, categorizeLabels: false, explain: 'none', tags: '' },
      ...request,
    };
    return router.ask('api/0', 'querier/0', { kind: 'query', request: whole }, { timeoutMs: 1e9 });
  };
  return { ask, runs };
}

function frameOf(times: readonly bigint[]): Uint8Array[] {
  if (times.length === 0) return [];
  const one = { ids: new Int32Array(times.length), values: ['[["app","x"]]'] };
  const none = { starts: new Int32Array(times.length + 1), ids: new Int32Array(0), values: [] };
  const { offsets, bytes } = packStrings(times.map(String));
  const text = { offsets, bytes: Buffer.from(bytes) };
  const table = {
    rows: times.length,
    times: BigInt64Array.from(times),
    text,
    label: one,
    metadata: none,
    parsed: none,
  };
  return [encodeFrame(tableToFrame(table))];
}

const NO_STREAMS = {
  table: { count: 0, columns: [], labels: () => [] },
  ids: new Int32Array(0),
  ...{ minTime: new Float64Array(0), maxTime: new Float64Array(0) },
};

function descriptors(count: number, every: bigint): SectionDescriptor[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{
      path: `o${i}`,
      size: 1,
      section: 0,
      base: 0n,
      minTime: BigInt(i) * every,
      maxTime: BigInt(i + 1) * every - 1n,
    },
    ...{ streams: NO_STREAMS, pages: Int32Array.of(0), pagesTotal: 1, rows: 1, bytes: 1 },
    prunedBy: { streams: 0, time: 0, metadata: 0, text: 0 },
    source: { writer: 'w', fromSeq: i + 1, toSeq: i + 1 },
    pointers: { counted: [], restKeys: [], column: () => undefined, runs: NO_RUNS },
  }));
}

describe('a query over 10,000 sections', () => {
  const sections = descriptors(10_000, (100n * HOUR) / 10_000n);
  const scans = ({ tasks }: WorkflowStart): number => tasks.filter(({ scan }) => scan).length;

  it('of logs plans no more tasks at once than the bound, newest first, and stops when it has enough', async () => {
    const { ask, runs } = system(sections, ({ tasks }) => {
      const newest = tasks.find(({ scan }) => scan)!.maxTimeRange!.end - 1n;
      return Array.from({ length: 40 }, (_, i) => newest - BigInt(i));
    });
    const reply = await ask({});
    expect(reply).not.toHaveProperty('fault');
    // Sections share tasks: 32 do that are scanned ahead of others, and of these 16 at most.
    for (const run of runs) expect(scans(run)).toBeGreaterThanOrEqual(1 + (1000 - 32) / 16);
    for (const run of runs) expect(scans(run)).toBeLessThanOrEqual(1000);
    expect(runs.map(({ enough }) => enough!.rows)).toEqual([100, 60, 20]);
    if (reply.kind !== 'answer' || reply.answer.result.type !== 'streams') throw new Error(JSON.stringify(reply));
    const times = reply.answer.result.streams.flatMap(({ entries }) => entries.map(({ time }) => time));
    expect(times.toSorted((a, b) => (a < b ? 1 : -1))).toEqual(times);
    expect(reply.answer.stats).toMatchObject({ sections: 10_000, sectionsPruned: 7000, slices: 3 });
  });

  it('of logs that is looked up part by part goes on until it has enough, each part with what is left of the limit', async () => {
    const restOf = ({ start, end }: TimeRange): TimeRange | undefined =>
      end > start + 10n * HOUR ? { start, end: end - 10n * HOUR } : undefined;
    const newestOf = ({ tasks }: WorkflowStart): bigint => tasks.find(({ scan }) => scan)!.maxTimeRange!.end;
    const { ask, runs } = system(
      sections,
      (run) => Array.from({ length: 40 }, (_, i) => newestOf(run) - 1n - BigInt(i)),
      restOf,
    );
    const reply = await ask({});
    expect(runs.map(newestOf)).toEqual([100n * HOUR, 90n * HOUR, 80n * HOUR]);
    expect(runs.map(({ enough }) => enough!.rows)).toEqual([100, 60, 20]);
    if (reply.kind !== 'answer' || reply.answer.result.type !== 'streams') throw new Error(JSON.stringify(reply));
    const times = reply.answer.result.streams.flatMap(({ entries }) => entries.map(({ time }) => time));
    expect(times.toSorted((a, b) => (a < b ? 1 : -1))).toEqual(times);
    expect(reply.answer.stats).toMatchObject({ sections: 3000, slices: 3 });
    const ids = runs.flatMap(({ workflow, tasks }) => [workflow, ...tasks.map(({ id }) => id)]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('of metrics runs slice after slice, each within the bound', async () => {
    const { ask, runs } = system(sections, () => []);
    const reply = await ask({ query: 'sum(rate({app="x"}[5m]))' });
    expect(reply).toMatchObject({ kind: 'answer', answer: { result: { type: 'matrix', series: [] } } });
    expect(runs.length).toBeGreaterThanOrEqual(10);
    for (const run of runs) expect(scans(run)).toBeLessThanOrEqual(1000);
    expect(runs.reduce((sum, run) => sum + scans(run), 0)).toBeLessThan(10_500);
    const ids = runs.flatMap(({ tasks }) => tasks.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
