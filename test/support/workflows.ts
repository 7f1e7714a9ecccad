/** Scheduler, workers and streams joined by a router, over a pool whose tasks do what the test says. */

import { LocalRouter } from '../../src/actors/runtime/router-local.js';
import { Scheduler } from '../../src/actors/scheduler/actor.js';
import type { SchedulerSettings } from '../../src/actors/scheduler/settings.js';
import { openReceiver } from '../../src/actors/stream/actor.js';
import { Worker } from '../../src/actors/worker/actor.js';
import { DEFAULT_WORKER_TIMES } from '../../src/actors/worker/settings.js';
import type { AsyncQueue } from '../../src/execution/async-queue.js';
import { AsyncQueue as Queue } from '../../src/execution/async-queue.js';
import type { ReceivedFrame, TaskIo, TaskJob, TaskPool } from '../../src/execution/pool.js';
import type { BuiltObject } from '../../src/storage/dataobj/types.js';
import { raise } from '../../src/wire/fault.js';
import type { TaskReport, WorkflowDone, WorkflowStart } from '../../src/wire/messages/workflow.js';
import { receiverAddress } from '../../src/wire/stream-address.js';
import { SeededRandom } from './random.js';
import { NO_REPORT, UNLIMITED } from './scheduler.js';
import { SimScheduler } from './sim-scheduler.js';
import { transferred } from './transfer.js';

/** What a fragment does, by name: fragments are names here. */
export type Behaviour = (io: TaskIo, job: TaskJob) => Promise<void>;

/** Sends on all that it receives; without sources, `count` frames of its own. */
export function relay(count = 0): Behaviour {
  return async (io) => {
    for (let i = 0; i < count; i++) await io.send(Uint8Array.of(i));
    for (const source of io.sources) {
      for await (const { bytes, taken } of source.read()) {
        taken();
        await io.send(bytes);
      }
    }
  };
}

/** Runs until it is cancelled, as a scan of much data would. */
export const endless: Behaviour = (io) =>
  new Promise((_, reject) => {
    const stop = (): void => reject(io.signal.reason);
    if (io.signal.aborted) stop();
    else io.signal.addEventListener('abort', stop, { once: true });
  });

export class FakePool implements TaskPool {
  readonly size = 1;
  readonly started: string[] = [];
  running = 0;
  readonly #behaviours: Readonly<Record<string, Behaviour>>;

  constructor(behaviours: Readonly<Record<string, Behaviour>>) {
    this.#behaviours = behaviours;
  }

  async run(job: TaskJob, io: TaskIo): Promise<TaskReport> {
    const name = job.fragment as unknown as string;
    this.started.push(name);
    this.running++;
    try {
      await (this.#behaviours[name] ?? relay())(io, job);
      return { ...NO_REPORT, rowsScanned: 1 };
    } finally {
      this.running--;
    }
  }

  build(): Promise<BuiltObject> {
    return raise('internal', 'nothing is built here');
  }

  async close(): Promise<void> {}
}

export class Workflows {
  readonly clock = new SimScheduler(new SeededRandom(1), 0);
  readonly router: CountingRouter;
  readonly pool: FakePool;
  readonly scheduler: Scheduler;
  readonly workers: readonly Worker[];
  readonly dones: WorkflowDone[] = [];
  readonly frames: number[] = [];
  /** Streams of results that have come in full. */
  complete = 0;

  constructor(
    behaviours: Readonly<Record<string, Behaviour>>,
    { slots = 1, workers = 1, ...settings }: Partial<SchedulerSettings> & { slots?: number; workers?: number } = {},
  ) {
    this.router = new CountingRouter({ clock: this.clock, transfer: transferred });
    this.pool = new FakePool(behaviours);
    this.scheduler = new Scheduler('scheduler/0', this.router, this.clock, { ...UNLIMITED, ...settings });
    this.workers = Array.from(
      { length: workers },
      (_, i) =>
        new Worker(
          `worker/${i}`,
          { router: this.router, clock: this.clock, pool: this.pool, schedulers: () => ['scheduler/0'] },
          { scanSlots: slots, memoryBytesMax: 1000, liveReadTimeoutMs: 100, ...DEFAULT_WORKER_TIMES },
        ),
    );
  }

  /** Starts a workflow and reads its results unless told not to. */
  start(message: WorkflowStart, takes = true): void {
    const queue: AsyncQueue<ReceivedFrame> = new Queue();
    const end = { stream: message.results, self: receiverAddress(message.results), rank: 0 };
    const closeStream = openReceiver(this.router, end, queue, () => {
      this.complete++;
      queue.close();
    });
    if (takes) void this.#take(queue);
    const unregister = this.router.register(message.receiver, ({ message: done }) => {
      if (done.kind !== 'workflow.done') return;
      this.dones.push(done);
      this.router.tell(message.receiver, 'scheduler/0', { kind: 'workflow.release', workflow: message.workflow });
      closeStream();
      unregister();
    });
    this.router.tell(message.receiver, 'scheduler/0', message);
  }

  cancel(workflow: string): void {
    this.router.tell('querier/0', 'scheduler/0', { kind: 'workflow.cancel', workflow, reason: 'not wanted any more' });
  }

  /** Lets everything happen that can. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) await this.clock.settle();
  }

  /** Addresses besides those that are always there. */
  leftAddresses(): string[] {
    return [...this.router.addresses].filter((address) => !/^(?:scheduler|worker)\//.test(address));
  }

  async #take(queue: AsyncQueue<ReceivedFrame>): Promise<void> {
    for await (const { bytes, taken } of queue.read()) {
      this.frames.push(bytes[0]!);
      taken();
    }
  }
}

/** Knows who is registered, and how many frames were sent on each stream. */
class CountingRouter extends LocalRouter {
  readonly addresses = new Set<string>();
  readonly framesSent = new Map<string, number>();

  override register(...[address, ...rest]: Parameters<LocalRouter['register']>): () => void {
    const unregister = super.register(address, ...rest);
    this.addresses.add(address);
    return () => {
      this.addresses.delete(address);
      unregister();
    };
  }

  override tell(...[from, to, message]: Parameters<LocalRouter['tell']>): void {
    if (message.kind === 'stream.data')
      this.framesSent.set(message.stream, (this.framesSent.get(message.stream) ?? 0) + 1);
    super.tell(from, to, message);
  }
}
