import { AsyncQueue } from '../../execution/async-queue.js';
import { noCounts } from '../../execution/context.js';
import type { ReceivedFrame, TaskIo, TaskPool } from '../../execution/pool.js';
import type { Node } from '../../planning/physical/node.js';
import type { Address } from '../../wire/address.js';
import type { Envelope } from '../../wire/envelope.js';
import { asFault, type Fault, FaultError, fault, raise } from '../../wire/fault.js';
import type { TaskAssign, TaskReport, TaskStatus } from '../../wire/message.js';
import type { Router } from '../runtime/router.js';
import { openReceiver, openSender, type SenderEnd } from '../stream/actor.js';
import type { WorkerSettings } from './settings.js';

interface Running {
  readonly assign: TaskAssign;
  readonly abort: AbortController;
  readonly sink: SenderEnd;
  readonly unregister: readonly (() => void)[];
}

/**
 * Runs tasks. A scan task uses one of the slots the worker announced with `worker.ready`; other tasks wait for their
 * inputs most of the time and hold none. Whatever happens, a task ends with one status and leaves no address behind.
 */
export class Worker {
  readonly #address: Address;
  readonly #scheduler: Address;
  readonly #router: Router;
  readonly #pool: TaskPool;
  readonly #settings: WorkerSettings;
  readonly #running = new Map<string, Running>();
  readonly #unregister: () => void;

  constructor(self: Address, scheduler: Address, router: Router, pool: TaskPool, settings: WorkerSettings) {
    this.#address = self;
    this.#scheduler = scheduler;
    this.#router = router;
    this.#pool = pool;
    this.#settings = settings;
    this.#unregister = router.register(self, (envelope) => this.#receive(envelope));
    router.tell(self, scheduler, { kind: 'worker.hello', scanSlots: settings.scanSlots });
    router.tell(self, scheduler, { kind: 'worker.ready', slots: settings.scanSlots });
  }

  get running(): number {
    return this.#running.size;
  }

  close(): void {
    for (const { abort } of this.#running.values())
      abort.abort(new FaultError(fault('unavailable', 'worker is stopping')));
    this.#unregister();
  }

  #receive({ message }: Envelope): void {
    switch (message.kind) {
      case 'task.assign':
        return this.#assign(message);
      case 'stream.bind':
        for (const { assign, sink } of this.#running.values()) {
          if (assign.task.sink === message.stream) sink.bind(message.receiver);
        }
        return;
      case 'task.cancel': {
        const reason = fault('cancelled', 'task was cancelled');
        return this.#running.get(message.task)?.abort.abort(new FaultError(reason));
      }
      default:
        return;
    }
  }

  #assign(assign: TaskAssign): void {
    const { task } = assign;
    if (this.#running.has(task.id)) return;
    const sources = task.sources.map(() => new AsyncQueue<ReceivedFrame>());
    const running: Running = {
      assign,
      abort: new AbortController(),
      sink: openSender(this.#router, task.sink),
      unregister: this.#openSources(assign, sources),
    };
    this.#running.set(task.id, running);
    void this.#run(running, sources);
  }

  /** A slot of the fragment ends when all of its streams have, and fails with the first that fails. */
  #openSources({ task }: TaskAssign, sources: readonly AsyncQueue<ReceivedFrame>[]): (() => void)[] {
    return task.sources.flatMap((streams, slot) => {
      let open = streams.length;
      const queue = sources[slot]!;
      if (open === 0) queue.close();
      return streams.map((stream, rank) =>
        openReceiver(this.#router, stream, rank, queue, (reason) => {
          if (reason) queue.close(new FaultError(reason));
          else if (--open === 0) queue.close();
        }),
      );
    });
  }

  async #run(running: Running, sources: readonly AsyncQueue<ReceivedFrame>[]): Promise<void> {
    const { assign, abort, sink } = running;
    const { task } = assign;
    abort.signal.addEventListener('abort', () => sink.end(asFault(abort.signal.reason)), { once: true });
    const io: TaskIo = {
      signal: abort.signal,
      sources,
      send: (frame) => sink.send(frame),
      readLive: (target) => this.#readLive(target),
    };
    const job = {
      fragment: task.fragment as Node, // made by our own planner; a wire between processes validates it there
      slots: sources.length,
      run: assign.run,
      ...(assign.bound === undefined ? {} : { bound: assign.bound }),
      memoryBytesMax: this.#settings.memoryBytesMax,
    };
    try {
      const report = await this.#pool.run(job, io);
      sink.end();
      this.#finish(running, { status: 'completed', report });
    } catch (error) {
      const reason: Fault = abort.signal.aborted ? asFault(abort.signal.reason) : asFault(error);
      sink.end(reason);
      this.#finish(running, {
        status: abort.signal.aborted ? 'cancelled' : 'failed',
        fault: reason,
        report: emptyReport(),
      });
    }
  }

  async #readLive({ ingester, snapshot, streams }: Parameters<TaskIo['readLive']>[0]): ReturnType<TaskIo['readLive']> {
    const reply = await this.#router.ask(
      this.#address,
      ingester,
      { kind: 'live.read', snapshot, streams },
      { timeoutMs: this.#settings.liveReadTimeoutMs },
    );
    if (reply.kind === 'fault') throw new FaultError(reply.fault);
    if (reply.kind !== 'live.batches') return raise('internal', `${ingester} answered live.read with ${reply.kind}`);
    return { batches: reply.batches, labels: reply.labels };
  }

  #finish({ assign, unregister, sink }: Running, outcome: Pick<TaskStatus, 'status' | 'fault' | 'report'>): void {
    const { task } = assign;
    for (const close of unregister) close();
    if (outcome.status !== 'completed') sink.close();
    this.#running.delete(task.id);
    this.#router.tell(this.#address, this.#scheduler, { kind: 'task.status', task: task.id, ...outcome });
    if (task.scan) this.#router.tell(this.#address, this.#scheduler, { kind: 'worker.ready', slots: 1 });
  }
}

function emptyReport(): TaskReport {
  return { ...noCounts(), operators: [] };
}
