import { expect, it } from 'vitest';
import { TIMESTAMP } from '../planning/physical/expression.js';
import type { BuildInput, BuildSettings, BuiltObject } from '../storage/dataobj/types.js';
import type { TaskReport } from '../wire/messages/workflow.js';
import { noCounts } from './context.js';
import { InPlacePool } from './in-place-pool.js';
import type { TaskIo, TaskJob, TaskPool } from './pool.js';

const JOB: TaskJob = {
  fragment: {
    kind: 'top-k',
    sortBy: TIMESTAMP,
    ascending: false,
    k: 1,
    intervalNs: 0,
    input: { kind: 'source', slot: 0 },
  },
  ...{ slots: 1, run: { analyze: false, now: 0n }, memoryBytesMax: 1 },
};
const IO: TaskIo = {
  ...{ signal: new AbortController().signal, sources: [], send: async () => {} },
  readLive: async () => ({ batches: [], labels: [] }),
};

/** Notes what it is asked to do. */
function noting(name: string, log: string[]): TaskPool {
  return {
    size: 7,
    run: async (): Promise<TaskReport> => {
      log.push(`${name} runs`);
      return { ...noCounts(), operators: [] };
    },
    build: async (): Promise<BuiltObject> => {
      log.push(`${name} builds`);
      return {} as BuiltObject;
    },
    close: async () => {
      log.push(`${name} closes`);
    },
  };
}

it('of small jobs that take some milliseconds one at a time stays, and brief ones stay beside it', async () => {
  const log: string[] = [];
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const here = noting('here', log);
  const pool = new InPlacePool(
    { run: (job, io) => here.run(job, io).then((report) => ended.then(() => report)) },
    noting('threads', log),
  );
  const small = { ...JOB, inPlace: true, bytes: 4 << 20 };
  const first = pool.run(small, IO);
  await pool.run(small, IO);
  void pool.run({ ...small, bytes: 1 << 20 }, IO);
  expect(log).toEqual(['here runs', 'threads runs', 'here runs']);
  end();
  await first;
  await pool.run(small, IO);
  expect(log.at(-1)).toBe('here runs');
});

it('only small jobs stay where they are asked for; threads do everything else', async () => {
  const log: string[] = [];
  const pool = new InPlacePool(noting('here', log), noting('threads', log));
  expect(pool.size).toBe(7);
  await pool.run({ ...JOB, inPlace: true }, IO);
  await pool.run(JOB, IO);
  await pool.build({} as BuildInput, {} as BuildSettings);
  await pool.close();
  expect(log).toEqual(['here runs', 'threads runs', 'threads builds', 'threads closes']);
});
