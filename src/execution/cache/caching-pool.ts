import type { Node } from '../../planning/physical/node.js';
import type { BuildInput, BuildSettings, BuiltObject } from '../../storage/dataobj/types.js';
import { decodeFrame, encodeFrame } from '../../wire/arrow-frame.js';
import type { OperatorReport, TaskReport } from '../../wire/messages/workflow.js';
import { frameToStates, statesToFrame } from '../batch/sample-frames.js';
import { noCounts, type ScanCounters } from '../context.js';
import type { TaskIo, TaskJob, TaskPool } from '../pool.js';
import { type Cacheable, cacheable, fragmentsBySection, overSections } from './cacheable.js';
import { moveStates } from './move-states.js';
import type { CachedResult, ResultCache } from './result-cache.js';

/**
 * A pool that remembers what scans of sections came to: states of metric queries, and of log queries that nothing was
 * found. Log rows are not kept: there are as many as are asked for, and a limit ends the search soon.
 */
export class CachingPool implements TaskPool {
  readonly #pool: TaskPool;
  readonly #cache: ResultCache;

  constructor(pool: TaskPool, cache: ResultCache) {
    this.#pool = pool;
    this.#cache = cache;
  }

  get size(): number {
    return this.#pool.size;
  }

  run(job: TaskJob, io: TaskIo): Promise<TaskReport> {
    if (job.run.noCache) return this.#pool.run(job, io);
    const fragments = fragmentsBySection(job.fragment);
    if (!fragments) return this.#runOne(job, io);
    return job.fragment.kind === 'range-aggregation'
      ? this.#runEach(fragments, job, io)
      : this.#runOthers(fragments, job, io);
  }

  /** Log rows of several sections come in one go, without those that are known to have none. */
  async #runOthers(fragments: readonly Node[], job: TaskJob, io: TaskIo): Promise<TaskReport> {
    const asked = fragments.map((fragment) => cacheable(fragment));
    const isKnown = asked.map((one) => one !== undefined && this.#cache.find(one) !== undefined);
    const found = isKnown.flatMap((known) => (known ? (['found'] as const) : []));
    if (found.length === fragments.length) return { ...noCounts(), operators: [], cache: found };
    const report = await this.#pool.run({ ...job, fragment: overSections(job.fragment, (i) => !isKnown[i]) }, io);
    const isNone = report.emitted === undefined && job.bound === undefined && !io.signal.aborted;
    const cache = asked.map((one, i) => {
      if (isKnown[i]) return 'found';
      const result = one && { covers: one.needs, origin: originOf(undefined), frames: [] };
      return isNone && one && result && this.#cache.keep(one.key, result) ? 'stored' : 'missed';
    });
    return { ...report, cache };
  }

  async #runEach(fragments: readonly Node[], job: TaskJob, io: TaskIo): Promise<TaskReport> {
    const reports: TaskReport[] = [];
    for (const fragment of fragments) reports.push(await this.#runOne({ ...job, fragment }, io));
    return sumOf(reports);
  }

  async #runOne(job: TaskJob, io: TaskIo): Promise<TaskReport> {
    const asked = cacheable(job.fragment);
    if (!asked) return this.#pool.run(job, io);
    const known = this.#cache.find(asked);
    return known ? replay(known, asked, job, io) : this.#record(asked, job, io);
  }

  build(input: BuildInput, settings: BuildSettings): Promise<BuiltObject> {
    return this.#pool.build(input, settings);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #record({ key, needs, windows }: Cacheable, job: TaskJob, io: TaskIo): Promise<TaskReport> {
    const frames: Uint8Array[] = [];
    // Rows beyond a bound are not looked at, so that there are none says nothing.
    let isWhole = windows !== undefined || job.bound === undefined;
    let bytes = 0;
    const send = (frame: Uint8Array): Promise<void> => {
      bytes += frame.byteLength;
      isWhole &&= windows !== undefined && bytes <= this.#cache.resultBytesMax;
      if (isWhole)
        frames.push(frame.slice()); // whoever gets the frame may move its memory to a thread
      else frames.length = 0;
      return io.send(frame);
    };
    const report = await this.#pool.run(job, { ...io, send });
    const stored =
      isWhole && !io.signal.aborted && this.#cache.keep(key, { covers: needs, origin: originOf(windows), frames });
    return { ...report, cache: [stored ? 'stored' : 'missed'] };
  }
}

/** Of scans that folded their rows: nothing is said of rows that were sent. */
function sumOf(reports: readonly TaskReport[]): TaskReport {
  const counts = noCounts();
  for (const report of reports) {
    for (const name of Object.keys(counts) as (keyof ScanCounters)[]) counts[name] += report[name];
  }
  return { ...counts, operators: sumOperators(reports), cache: reports.flatMap(({ cache }) => cache ?? []) };
}

/** A fragment has one operator of a name at each depth. */
function sumOperators(reports: readonly TaskReport[]): OperatorReport[] {
  const sums = new Map<string, OperatorReport>();
  for (const each of reports.flatMap(({ operators }) => operators)) {
    const name = `${each.depth} ${each.operator}`;
    const { rowsOut, batches, milliseconds } = sums.get(name) ?? { rowsOut: 0, batches: 0, milliseconds: 0 };
    sums.set(name, {
      ...each,
      rowsOut: rowsOut + each.rowsOut,
      batches: batches + each.batches,
      milliseconds: milliseconds + each.milliseconds,
    });
  }
  return [...sums.values()];
}

function originOf(windows: Cacheable['windows']): bigint {
  return windows ? windows.start - BigInt(windows.offsetNs) : 0n;
}

async function replay(known: CachedResult, asked: Cacheable, job: TaskJob, io: TaskIo): Promise<TaskReport> {
  let rows = 0;
  for (const bytes of known.frames) {
    io.signal.throwIfAborted();
    const { frame, count } = replayed(bytes, known, asked);
    if (count === 0) continue;
    rows += count;
    await io.send(frame);
  }
  const seen = { operator: 'ResultCache', depth: 0, rowsOut: rows, batches: known.frames.length, milliseconds: 0 };
  return { ...noCounts(), operators: job.run.analyze ? [seen] : [], cache: ['found'] };
}

function replayed(
  bytes: Uint8Array,
  { covers, origin }: CachedResult,
  { needs, windows }: Cacheable,
): { frame: Uint8Array; count: number } {
  const isSame = originOf(windows) === origin && covers.start === needs.start && covers.end === needs.end;
  if (isSame) return { frame: bytes.slice(), count: decodeFrame(bytes).rows };
  const moved = moveStates(frameToStates(decodeFrame(bytes)), origin, windows!);
  return { frame: encodeFrame(statesToFrame(moved)), count: moved.rows };
}
