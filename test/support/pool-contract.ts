/** What every task pool has to do, wherever it runs its tasks. */
import { expect, test } from 'vitest';
import { AsyncQueue } from '../../src/execution/async-queue.js';
import { frameToTable } from '../../src/execution/batch/rows-table.js';
import { frameToSamples } from '../../src/execution/batch/sample-frames.js';
import type { ReceivedFrame, TaskIo, TaskJob, TaskPool } from '../../src/execution/pool.js';
import { columnOf, TIMESTAMP } from '../../src/planning/physical/expression.js';
import type { Node, RangeAggregation, ScanTarget, TopK } from '../../src/planning/physical/node.js';
import { buildLogsObject } from '../../src/storage/dataobj/logs/builder.js';
import { decodeFrame } from '../../src/wire/arrow-frame.js';
import { FaultError, fault } from '../../src/wire/fault.js';
import type { TaskReport } from '../../src/wire/messages/workflow.js';
import { inputOf, type TestRow } from './build-input.js';
import { output } from './samples.js';
import { ScanStore, SMALL_PAGES, scanAll } from './scan-store.js';

const PATH = 'objects/one';
const ROWS: TestRow[] = Array.from({ length: 100 }, (_, i) => ({
  labels: { app: i % 2 === 0 ? 'a' : 'b' },
  time: BigInt(i),
  line: `line ${i} é`,
  metadata: [['m', String(i % 3)]],
}));

export type OpenPool = (objects: ReadonlyMap<string, Uint8Array>) => Promise<TaskPool>;

interface Ran {
  readonly report: TaskReport;
  readonly frames: Uint8Array[];
}

class Harness {
  readonly store = new ScanStore();
  readonly pool: TaskPool;
  readonly targets: ScanTarget[];

  private constructor(pool: TaskPool, store: ScanStore, targets: ScanTarget[]) {
    this.pool = pool;
    this.store = store;
    this.targets = targets;
  }

  static async open(open: OpenPool): Promise<Harness> {
    const store = new ScanStore();
    const targets = await store.object(PATH, [ROWS], { ...SMALL_PAGES, sectionBytes: 400, bucketBytes: 200 });
    const pool = await open(new Map([[PATH, await store.bucket.get(PATH)]]));
    return new Harness(pool, store, targets);
  }

  async run(fragment: Node, io: Partial<TaskIo> = {}, job: Partial<TaskJob> = {}): Promise<Ran> {
    const frames: Uint8Array[] = [];
    const send = async (frame: Uint8Array): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      frames.push(frame);
    };
    const report = await this.pool.run(
      {
        fragment,
        slots: io.sources?.length ?? 0,
        run: { analyze: false, now: 0n },
        memoryBytesMax: 1 << 28,
        ...job,
      },
      { signal: new AbortController().signal, sources: [], send, readLive: this.store.readLive, ...io },
    );
    return { report, frames };
  }
}

function scanOf(targets: readonly ScanTarget[]): Node {
  return { kind: 'scan-set', targets, scan: scanAll({ order: 'descending' }) };
}

function newest(k: number, input: Node): TopK {
  return { kind: 'top-k', sortBy: TIMESTAMP, ascending: false, k, intervalNs: 0, input };
}

function count(mode: RangeAggregation['mode'], input: Node, fields: Partial<RangeAggregation> = {}): RangeAggregation {
  return {
    kind: 'range-aggregation',
    operation: 'count',
    mode,
    start: 50n,
    end: 100n,
    stepNs: 50,
    rangeNs: 50,
    offsetNs: 0,
    grouping: { kind: 'by', columns: [columnOf('app')] },
    input,
    ...fields,
  };
}

function linesIn(frames: readonly Uint8Array[]): string[] {
  return frames.flatMap((bytes) => {
    const { rows, text } = frameToTable(decodeFrame(bytes));
    return Array.from({ length: rows }, (_, i) => text.bytes.utf8Slice(text.offsets[i]!, text.offsets[i + 1]!));
  });
}

function samplesIn(frames: readonly Uint8Array[]) {
  return output(
    (async function* () {
      for (const bytes of frames) yield frameToSamples(decodeFrame(bytes));
    })(),
  );
}

/** A slot whose streams have ended; each frame comes on a stream of its own rank. `taken` counts what was taken up. */
function slotOf(frames: readonly Uint8Array[], taken: number[] = []): AsyncQueue<ReceivedFrame> {
  const queue = new AsyncQueue<ReceivedFrame>();
  frames.forEach((bytes, rank) => {
    queue.push({ bytes, rank, taken: () => taken.push(rank) });
  });
  queue.close();
  return queue;
}

async function failure(running: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = (await running.then(
    () => undefined,
    (reason: unknown) => reason,
  )) as FaultError | undefined;
  if (!error?.fault) throw new Error(`expected a fault, got ${String(error)}`);
  return { code: error.fault.code, message: error.fault.message };
}

/** `Fault`: how the pool throws faults; what is built has a class of its own. */
export function poolContract(open: OpenPool, Fault: typeof FaultError = FaultError): void {
  const NEWEST = ROWS.map(({ line }) => line).reverse();
  let harness: Promise<Harness> | undefined;
  const opened = (): Promise<Harness> => {
    harness ??= Harness.open(open);
    return harness;
  };

  test('runs a scan and sends its rows as frames', async () => {
    const { run, targets } = await bound(opened());
    const { frames, report } = await run(newest(5, scanOf(targets)));
    expect(linesIn(frames)).toEqual(NEWEST.slice(0, 5));
    expect(report.emitted?.reduce((sum, { rows }) => sum + rows, 0)).toBe(5);
    expect(report.emitted?.at(-1)?.lastTime).toBe(95n);
    expect(report.rowsScanned).toBeGreaterThanOrEqual(5);
    expect(report.operators).toEqual([]);
  });

  test('says nothing of rows when it has sent none', async () => {
    const { run } = await bound(opened());
    const { frames, report } = await run(newest(5, scanOf([])));
    expect(frames).toEqual([]);
    expect(report.emitted).toBeUndefined();
  });

  test('reads the memory of ingesters', async () => {
    const { run, store } = await bound(opened());
    const live = store.live('m', [ROWS.slice(0, 3)]);
    expect(linesIn((await run(newest(2, scanOf([live])))).frames)).toEqual(['line 2 é', 'line 1 é']);
  });

  test('fails when the memory of an ingester cannot be read', async () => {
    const { run, store } = await bound(opened());
    const readLive = async (): Promise<never> => {
      throw new Fault(fault('unavailable', 'ingester-0 is gone'));
    };
    const failed = failure(run(newest(2, scanOf([store.live('m', [ROWS])])), { readLive }));
    expect(await failed).toEqual({ code: 'unavailable', message: 'ingester-0 is gone' });
  });

  test('merges the frames of other tasks and says which it has taken up', async () => {
    const { run, targets } = await bound(opened());
    const parts = await Promise.all(targets.map((target) => run(newest(100, scanOf([target])))));
    const taken: number[] = [];
    const sources = [
      slotOf(
        parts.flatMap(({ frames }) => frames),
        taken,
      ),
    ];
    const { frames } = await run(newest(7, { kind: 'source', slot: 0 }), { sources });
    expect(linesIn(frames)).toEqual(NEWEST.slice(0, 7));
    expect(taken.sort()).toEqual([...targets.keys()].sort());
    expect(targets.length).toBeGreaterThan(1);
  });

  test('aggregates in parts and merges them', async () => {
    const { run, targets } = await bound(opened());
    const parts = await Promise.all(
      targets.map((target) => run(count('partial', { kind: 'data-obj-scan', target, scan: scanAll() } as Node))),
    );
    const sources = [slotOf(parts.flatMap(({ frames }) => frames))];
    const { frames } = await run(count('final', { kind: 'source', slot: 0 }), { sources });
    expect((await samplesIn(frames)).sort()).toEqual([
      ['{app="a"}', 25, 24],
      ['{app="b"}', 25, 25],
    ]);
  });

  test('fails when a stream it reads from fails', async () => {
    const { run } = await bound(opened());
    const source = new AsyncQueue<ReceivedFrame>();
    source.close(new Fault(fault('unavailable', 'the worker before is gone')));
    const failed = failure(run(newest(7, { kind: 'source', slot: 0 }), { sources: [source] }));
    expect(await failed).toEqual({ code: 'unavailable', message: 'the worker before is gone' });
  });

  test('fails with the fault of a fragment that cannot go on', async () => {
    const { run, targets } = await bound(opened());
    const gone = { ...(targets[0] as Extract<ScanTarget, { kind: 'section' }>), location: 'objects/gone' };
    expect((await failure(run(newest(2, scanOf([gone]))))).message).toContain('objects/gone');
    const nonsense: Node = { kind: 'sort', descending: false, input: scanOf([]) };
    expect((await failure(run(nonsense))).message).toContain('scan-set yields no samples');
  });

  test('refuses to hold more series than it has memory for', async () => {
    const { run, store } = await bound(opened());
    const rows = Array.from({ length: 3000 }, (_, i): TestRow => ({ labels: { app: `a${i}` }, time: 60n, line: '' }));
    const fragment = count('single', scanOf([store.live('many', [rows])]));
    expect((await run(fragment)).frames.length).toBeGreaterThan(1);
    const failed = await failure(run(fragment, {}, { memoryBytesMax: 10_000 }));
    expect(failed).toMatchObject({ code: 'bad-request', message: expect.stringContaining('10000 bytes of memory') });
  });

  test('gives up when it is cancelled, before or while it waits', async () => {
    const { run, targets } = await bound(opened());
    const gone = new Fault(fault('cancelled', 'the client went away'));
    const before = AbortSignal.abort(gone);
    expect((await failure(run(newest(5, scanOf(targets)), { signal: before }))).code).toBe('cancelled');

    const controller = new AbortController();
    const waiting = run(newest(5, { kind: 'source', slot: 0 }), {
      signal: controller.signal,
      sources: [new AsyncQueue<ReceivedFrame>()],
      readLive: async () => ({ batches: [], labels: [] }),
    });
    controller.abort(gone);
    expect((await failure(waiting)).code).toBe('cancelled');
  });

  test('does not look at frames that wait for it when it is cancelled', async () => {
    const { run } = await bound(opened());
    const source = new AsyncQueue<ReceivedFrame>();
    source.push({ bytes: new Uint8Array([1, 2, 3]), rank: 0, taken: () => {} });
    source.close();
    const signal = AbortSignal.abort(new Fault(fault('cancelled', 'the client went away')));
    const failed = failure(run(newest(5, { kind: 'source', slot: 0 }), { signal, sources: [source] }));
    expect((await failed).code).toBe('cancelled');
  });

  test('gives up when nobody takes its frames any more', async () => {
    const { run, targets } = await bound(opened());
    const send = async (): Promise<never> => {
      throw new Fault(fault('cancelled', 'the reader has enough'));
    };
    const failed = failure(run(newest(5, scanOf(targets)), { send }));
    expect(await failed).toEqual({ code: 'cancelled', message: 'the reader has enough' });
  });

  test('observes its operators when it is to', async () => {
    const { run, targets } = await bound(opened());
    const { report } = await run(newest(5, scanOf(targets)), {}, { run: { analyze: true, now: 0n } });
    expect(report.operators.map(({ operator, depth }) => [operator, depth])).toEqual([
      ['TopK', 0],
      ['ScanSet', 1],
    ]);
    expect(report.operators[0]).toMatchObject({ rowsOut: 5, batches: 1 });
  });

  test('builds objects as building them in place does', async () => {
    const { pool } = await opened();
    const built = await pool.build(inputOf([ROWS]), SMALL_PAGES);
    expect(built).toEqual(buildLogsObject(inputOf([ROWS]), SMALL_PAGES));
  });

  test('runs many tasks at once, more than it has threads', async () => {
    const { run, targets } = await bound(opened());
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => run(newest(i + 1, scanOf(targets)))));
    expect(all.map(({ frames }) => linesIn(frames).length)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });
}

async function bound(opened: Promise<Harness>) {
  const harness = await opened;
  return { run: harness.run.bind(harness), targets: harness.targets, store: harness.store };
}
