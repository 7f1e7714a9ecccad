import type { BuildInput, BuildSettings, BuiltObject } from '../storage/dataobj/types.js';
import type { TaskReport } from '../wire/messages/workflow.js';
import type { TaskIo, TaskJob, TaskPool } from './pool.js';

/** What is read in less time than a thread takes to begin and to answer. */
const BRIEF_BYTES_MAX = 1 << 20;

/**
 * Runs small jobs on the caller's own thread, which may have what they read at hand, and leaves the others to a pool of threads.
 * Of jobs that take some milliseconds one at a time runs here, so that many questions at once have all threads.
 */
export class InPlacePool implements TaskPool {
  readonly #here: Pick<TaskPool, 'run'>;
  readonly #threads: TaskPool;
  #isBusy = false;

  constructor(here: Pick<TaskPool, 'run'>, threads: TaskPool) {
    this.#here = here;
    this.#threads = threads;
  }

  get size(): number {
    return this.#threads.size;
  }

  run(job: TaskJob, io: TaskIo): Promise<TaskReport> {
    if (!job.inPlace) return this.#threads.run(job, io);
    if ((job.bytes ?? 0) <= BRIEF_BYTES_MAX) return this.#here.run(job, io);
    return this.#isBusy ? this.#threads.run(job, io) : this.#runAlone(job, io);
  }

  async #runAlone(job: TaskJob, io: TaskIo): Promise<TaskReport> {
    this.#isBusy = true;
    try {
      return await this.#here.run(job, io);
    } finally {
      this.#isBusy = false;
    }
  }

  build(input: BuildInput, settings: BuildSettings): Promise<BuiltObject> {
    return this.#threads.build(input, settings);
  }

  close(): Promise<void> {
    return this.#threads.close();
  }
}
