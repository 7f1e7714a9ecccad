import type { BuildInput, BuildSettings, BuiltObject } from '../storage/dataobj/types.js';
import type { TaskReport } from '../wire/messages/workflow.js';
import type { TaskIo, TaskJob, TaskPool } from './pool.js';

/** Runs small jobs on the caller's own thread, which may have what they read at hand, and leaves the others to a pool of threads. */
export class InPlacePool implements TaskPool {
  readonly #here: Pick<TaskPool, 'run'>;
  readonly #threads: TaskPool;

  constructor(here: Pick<TaskPool, 'run'>, threads: TaskPool) {
    this.#here = here;
    this.#threads = threads;
  }

  get size(): number {
    return this.#threads.size;
  }

  run(job: TaskJob, io: TaskIo): Promise<TaskReport> {
    return job.inPlace ? this.#here.run(job, io) : this.#threads.run(job, io);
  }

  build(input: BuildInput, settings: BuildSettings): Promise<BuiltObject> {
    return this.#threads.build(input, settings);
  }

  close(): Promise<void> {
    return this.#threads.close();
  }
}
