import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { type CacheCounts, sumOfCounts } from '../storage/dataobj/cache-counts.js';
import type { BuildInput, BuildSettings, BuiltObject } from '../storage/dataobj/types.js';
import { asFault, FaultError } from '../wire/fault.js';
import type { TaskReport } from '../wire/messages/workflow.js';
import type { ReceivedFrame, TaskIo, TaskJob, TaskPool } from './pool.js';
import type {
  BuildOutcome,
  BuildRequest,
  FromThread,
  ObjectsPlace,
  RunOutcome,
  RunRequest,
  ToThread,
} from './thread-port.js';

/** Tasks one thread may hold at once: those that wait for input only cost their memory. */
const TASKS_PER_THREAD_MAX = 4096;
/** A build thread without work ends, and gives its memory back. */
const BUILDER_IDLE_MS = 20_000;
/** Half of what threads have: a build keeps little of what it makes, so that more room only is more memory (17 MB) and saves no time. */
const BUILDER_YOUNG_MB = 24;

export interface ThreadPool extends TaskPool {
  /** What the caches of all threads together have and had. */
  cacheCounts(): CacheCounts;
  /** The same threads, reading other objects; to close it leaves the threads to whom they belong. */
  over(objects: ObjectsPlace): ThreadPool;
}

/**
 * Runs fragments on worker threads, and builds objects on others, since a build takes seconds without a pause. Frames are
 * transferred, memory of ingesters is shared, nothing is copied.
 */
export class PiscinaPool implements ThreadPool {
  readonly size: number;
  readonly #threads: Piscina<RunRequest, RunOutcome>;
  readonly #builders: Piscina<BuildRequest, BuildOutcome>;
  /** By thread, as of the end of its last task. */
  readonly #kept = new Map<number, CacheCounts>();

  /** `onTrouble`: a thread died; its tasks fail, others and new ones go on. */
  constructor(size: number, home: ObjectsPlace, onTrouble: (error: unknown) => void) {
    this.size = size;
    this.#threads = new Piscina<RunRequest, RunOutcome>({
      filename: new URL('./thread-main-node.js', import.meta.url).href,
      minThreads: size,
      maxThreads: size,
      concurrentTasksPerWorker: TASKS_PER_THREAD_MAX,
      atomics: 'disabled', // a thread waiting in Atomics.wait would not see messages of its other tasks
      idleTimeout: Number.POSITIVE_INFINITY,
      workerData: home,
    });
    this.#builders = new Piscina<BuildRequest, BuildOutcome>({
      filename: new URL('./build-main-node.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: size,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled', // else an idle thread that waits for work could not be ended
      idleTimeout: BUILDER_IDLE_MS,
      resourceLimits: { maxYoungGenerationSizeMb: BUILDER_YOUNG_MB },
    });
    this.#threads.on('error', onTrouble);
    this.#threads.on('workerDestroy', ({ id }: { readonly id: number }) => this.#kept.delete(id));
    this.#builders.on('error', onTrouble);
  }

  over(guest: ObjectsPlace): ThreadPool {
    return {
      size: this.size,
      cacheCounts: () => this.cacheCounts(),
      over: (other) => this.over(other),
      run: (job, io) => this.#run(job, io, guest),
      build: (input, settings) => this.build(input, settings),
      close: async () => {},
    };
  }

  cacheCounts(): CacheCounts {
    return sumOfCounts(this.#kept.values());
  }

  run(job: TaskJob, io: TaskIo): Promise<TaskReport> {
    return this.#run(job, io, undefined);
  }

  async #run(job: TaskJob, io: TaskIo, guest: ObjectsPlace | undefined): Promise<TaskReport> {
    const { port1, port2 } = new MessageChannel();
    const closed = once(port1, 'close');
    connect(port1, io);
    try {
      const outcome = await this.#threads.run({ job, guest, port: port2 }, { transferList: [port2] });
      // The outcome comes by another channel and may overtake frames; the thread closes this one behind its last.
      await closed;
      this.#kept.set(outcome.kept.thread, outcome.kept.counts);
      if (outcome.kind === 'ran') return outcome.report;
      throw new FaultError(outcome.fault);
    } finally {
      port1.close();
    }
  }

  async build(input: BuildInput, settings: BuildSettings): Promise<BuiltObject> {
    const { batches, ...rest } = input;
    const outcome = await this.#builders.run({ input: rest, batches: batches.map(({ buffer }) => buffer), settings });
    if (outcome.kind === 'built') return outcome.object;
    throw new FaultError(outcome.fault);
  }

  async close(): Promise<void> {
    await Promise.all([this.#threads.destroy(), this.#builders.destroy()]);
  }
}

/** Carries frames between a task's streams and its thread. */
function connect(port: MessagePort, io: TaskIo): void {
  const post = (message: ToThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const taken = io.sources.map(() => new Map<number, (() => void)[]>());
  io.sources.forEach((source, slot) => {
    forward(source.read(), slot, post, taken[slot]!).catch((error: unknown) =>
      post({ kind: 'end', slot, fault: asFault(error) }),
    );
  });
  const cancel = (): void => post({ kind: 'cancel', fault: asFault(io.signal.reason) });
  if (io.signal.aborted) cancel();
  else io.signal.addEventListener('abort', cancel, { once: true });
  port.on('close', () => io.signal.removeEventListener('abort', cancel));
  port.on('message', (message: FromThread) => {
    switch (message.kind) {
      case 'frame':
        io.send(message.bytes).then(
          () => post({ kind: 'room' }),
          (error: unknown) => post({ kind: 'cancel', fault: asFault(error) }),
        );
        return;
      case 'taken':
        taken[message.slot]?.get(message.rank)?.shift()?.();
        return;
      case 'live':
        io.readLive(message.target).then(
          (rows) => post({ kind: 'live', request: message.request, rows }),
          (error: unknown) => post({ kind: 'live', request: message.request, fault: asFault(error) }),
        );
        return;
    }
  });
  post({ kind: 'room' });
}

/** A frame that has its memory to itself is moved instead of copied. */
function movable({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}

async function forward(
  frames: AsyncIterable<ReceivedFrame>,
  slot: number,
  post: (message: ToThread, transfer?: ArrayBuffer[]) => void,
  taken: Map<number, (() => void)[]>,
): Promise<void> {
  for await (const frame of frames) {
    const waiting = taken.get(frame.rank);
    if (waiting) waiting.push(frame.taken);
    else taken.set(frame.rank, [frame.taken]);
    post({ kind: 'frame', slot, rank: frame.rank, bytes: frame.bytes }, movable(frame.bytes));
  }
  post({ kind: 'end', slot });
}
