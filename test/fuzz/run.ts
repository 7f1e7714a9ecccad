import { Worker } from 'node:worker_threads';

export interface FuzzJob {
  readonly target: string;
  /** Number of the first input. */
  readonly first: number;
  readonly inputs: number;
}

export interface FuzzReport {
  readonly target: string;
  readonly inputs: number;
  readonly accepted: number;
  readonly seconds: number;
  readonly slowestMs: number;
  /** The number of the slowest input. */
  readonly slowest: number;
  readonly heapMB: number;
}

export interface FuzzFailure {
  readonly target: string;
  readonly input: number;
  readonly why: string;
}

export type FuzzMessage = ({ readonly kind: 'done' } & FuzzReport) | ({ readonly kind: 'failed' } & FuzzFailure);

export interface FuzzOutcome {
  readonly reports: readonly FuzzReport[];
  readonly failures: readonly FuzzFailure[];
}

/** An input that takes longer hangs. */
const HANG_MS = 20_000;
const WATCH_MS = 1_000;
/** Memory of the worker: one that grows without bound ends there. */
const HEAP_MB = 1024;
/** Failures of a run after which it is given up. */
const FAILURES_MAX = 50;

/** Runs all jobs in a thread that is watched. Hangs, growth and crashes are failures like errors that were not expected. */
export function fuzz(
  jobs: readonly FuzzJob[],
  seed: number,
  onReport: (report: FuzzReport) => void = () => undefined,
): Promise<FuzzOutcome> {
  const progress = new SharedArrayBuffer(8);
  const current = new Int32Array(progress);
  const reports: FuzzReport[] = [];
  const failures: FuzzFailure[] = [];
  const worker = new Worker(new URL('./worker-entry.mjs', import.meta.url), {
    workerData: { jobs, seed, progress },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  return new Promise((resolve) => {
    const fail = (why: string): void => {
      failures.push({ target: jobs[current[0]!]?.target ?? '', input: current[1]!, why });
      void worker.terminate();
    };
    const watch = setInterval(
      watchdog(current, () => fail(`hangs for more than ${HANG_MS} ms`)),
      WATCH_MS,
    );
    worker.on('message', (message: FuzzMessage) => {
      if (message.kind === 'failed') failures.push(message);
      else reports.push(message);
      if (message.kind === 'done') onReport(message);
      if (failures.length >= FAILURES_MAX) void worker.terminate();
    });
    worker.on('error', (error) => fail(error.stack ?? error.message));
    worker.on('exit', () => {
      clearInterval(watch);
      resolve({ reports, failures });
    });
  });
}

/** Calls `hangs` when it has seen the same input for too long. */
function watchdog(current: Int32Array, hangs: () => void): () => void {
  let seen = '';
  let sinceMs = performance.now();
  return () => {
    const now = `${Atomics.load(current, 0)} ${Atomics.load(current, 1)}`;
    if (now !== seen) sinceMs = performance.now();
    else if (performance.now() - sinceMs > HANG_MS) hangs();
    seen = now;
  };
}
