/** Tries inputs one after the other; says in shared memory which, so that a watchdog sees where it hangs. */
import { parentPort, workerData } from 'node:worker_threads';
import { SeededRandom } from '../support/random.js';
import type { FuzzJob, FuzzMessage } from './run.js';
import type { FuzzTarget } from './target.js';
import { TARGETS } from './targets/all.js';

const { jobs, seed, progress } = workerData as {
  jobs: readonly FuzzJob[];
  seed: number;
  progress: SharedArrayBuffer;
};
const current = new Int32Array(progress);

function tell(message: FuzzMessage): void {
  parentPort!.postMessage(message);
}

async function run(target: FuzzTarget, { first, inputs }: FuzzJob): Promise<void> {
  const startedMs = performance.now();
  let accepted = 0;
  let slowestMs = 0;
  let slowest = first;
  for (let input = first; input < first + inputs; input++) {
    Atomics.store(current, 1, input);
    const beforeMs = performance.now();
    try {
      // An input has random numbers of its own: it can be tried again alone.
      const result = target.attempt(new SeededRandom(seed, input));
      if (result === true || (result !== false && (await result))) accepted++;
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      tell({ kind: 'failed', target: target.name, input, why });
    }
    const tookMs = performance.now() - beforeMs;
    if (tookMs > slowestMs) [slowestMs, slowest] = [tookMs, input];
  }
  const { heapUsed, external } = process.memoryUsage();
  const seconds = (performance.now() - startedMs) / 1000;
  const heapMB = (heapUsed + external) / 1e6;
  tell({ kind: 'done', target: target.name, inputs, accepted, seconds, slowestMs, slowest, heapMB });
}

for (const [i, job] of jobs.entries()) {
  Atomics.store(current, 0, i);
  await run(TARGETS.find(({ name }) => name === job.target)!, job);
}
