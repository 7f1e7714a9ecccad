import { buildLogsObject } from '../storage/dataobj/logs/builder.js';
import type { BuildInput, BuildSettings, BuiltObject, ObjectHandle } from '../storage/dataobj/types.js';
import { decodeFrame } from '../wire/arrow-frame.js';
import type { TaskReport } from '../wire/messages/workflow.js';
import { BATCH_SIZES, type BatchSizes } from './batch/sizes.js';
import { type ExecutionContext, noCounts, type RankedFrame } from './context.js';
import type { Pipeline } from './pipeline.js';
import type { TaskIo, TaskJob, TaskPool } from './pool.js';
import { resting } from './resting.js';
import { runFragment } from './task.js';

/** Runs everything on the caller's own thread: small tasks, tests, the simulation. */
export class InlinePool implements TaskPool {
  readonly size = 1;
  readonly #openObject: (path: string) => Promise<ObjectHandle>;
  readonly #now: () => number;
  readonly #sizes: BatchSizes;
  readonly #others: (() => Promise<void>) | undefined;

  /** `others`: has all else done that waits for the thread. */
  constructor(
    openObject: (path: string) => Promise<ObjectHandle>,
    now: () => number,
    { sizes = BATCH_SIZES, others }: { readonly sizes?: BatchSizes; readonly others?: () => Promise<void> } = {},
  ) {
    this.#openObject = openObject;
    this.#now = now;
    this.#sizes = sizes;
    this.#others = others;
  }

  async run(job: TaskJob, io: TaskIo): Promise<TaskReport> {
    const { signal, sources } = io;
    // A task that waits for its inputs would not look at the signal before the next frame.
    const cancel = (): void => {
      for (const source of sources) source.close(signal.reason);
    };
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    try {
      const rest = this.#others && resting(this.#others, this.#now);
      const context = {
        ...taskContext(job, io, this.#openObject, this.#now),
        ...{ sizes: this.#sizes, ...(rest && { rest }) },
      };
      return await runFragment(job.fragment, context, io.send);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async build(input: BuildInput, settings: BuildSettings): Promise<BuiltObject> {
    return buildLogsObject(input, settings);
  }

  async close(): Promise<void> {}
}

/** What a fragment sees of a job and its streams. */
export function taskContext(
  job: TaskJob,
  io: Pick<TaskIo, 'signal' | 'sources' | 'readLive'>,
  openObject: (path: string) => Promise<ObjectHandle>,
  now: () => number,
): ExecutionContext {
  return {
    openObject,
    readLive: io.readLive,
    source: (slot) => ranked(io, slot),
    get signal() {
      return io.signal;
    },
    memoryBytesMax: job.memoryBytesMax,
    counters: noCounts(),
    now: job.run.now,
    ...(job.bound === undefined ? {} : { bound: job.bound }),
    ...(job.run.analyze ? { observe: { now, operators: [] } } : {}),
  };
}

/** Of a task that was cancelled no frame is decoded any more: those that wait can be minutes of work. */
async function* ranked(io: Pick<TaskIo, 'signal' | 'sources'>, slot: number): Pipeline<RankedFrame> {
  for await (const { bytes, rank, taken } of io.sources[slot]!.read()) {
    io.signal.throwIfAborted();
    taken();
    yield { frame: decodeFrame(bytes), rank };
  }
}
