/** The built module in threads: flags of V8 are the whole process's, and threads start side by side. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

const MODULE = fileURLToPath(new URL('../../dist/storage/collect-garbage-node.js', import.meta.url));
const ROUNDS = 8;
const THREADS = 8;

/** Begins when all have started. */
const BODY = `
  const { parentPort, workerData } = require('node:worker_threads');
  const begun = new Int32Array(workerData.begun);
  Atomics.add(begun, 0, 1);
  while (Atomics.load(begun, 0) < ${THREADS});
  import(workerData.module).then(
    ({ collectGarbage }) => { collectGarbage(); parentPort.postMessage('loaded'); },
    (error) => parentPort.postMessage(String(error)),
  );
`;

it('threads that load the collector at the same moment all have it', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const workerData = { module: MODULE, begun: new SharedArrayBuffer(4) };
    const threads = Array.from({ length: THREADS }, () => new Worker(BODY, { eval: true, workerData }));
    const said = await Promise.all(threads.map(async (thread) => (await once(thread, 'message'))[0] as unknown));
    await Promise.all(threads.map((thread) => thread.terminate()));
    expect(said).toEqual(Array(THREADS).fill('loaded'));
  }
}, 60_000);
