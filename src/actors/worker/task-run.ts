import { AsyncQueue } from '../../execution/async-queue.js';
import type { ReceivedFrame, TaskIo, TaskJob, TaskPool } from '../../execution/pool.js';
import type { Node } from '../../planning/physical/node.js';
import type { Address } from '../../wire/address.js';
import { asFault, type Fault, FaultError, fault, raise } from '../../wire/fault.js';
import type { TaskAssign, TaskRef, TaskReport, TaskStatus } from '../../wire/messages/workflow.js';
import { receiverAddress } from '../../wire/stream-address.js';
import type { Router } from '../runtime/router.js';
import { openReceiver, openSender, type SenderEnd } from '../stream/actor.js';
import type { SenderEnding } from '../stream/sender.js';
import type { WorkerSettings } from './settings.js';
import { emptyReport } from './step.js';

export type Outcome = Omit<TaskStatus, 'kind' | keyof TaskRef>;

/** One attempt of a task: its fragment in the pool between the streams it reads and the one it sends on. */
export class TaskRun {
  readonly #worker: Address;
  readonly #assign: TaskAssign;
  readonly #router: Router;
  readonly #settings: WorkerSettings;
  readonly #abort = new AbortController();
  readonly #sources: readonly AsyncQueue<ReceivedFrame>[];
  readonly #closers: (() => void)[] = [];
  readonly #sink: SenderEnd;
  readonly #onEnded: (outcome: Outcome) => void;
  #over: SenderEnding | undefined;
  /** Set when the fragment has run and only its receiver is waited for. */
  #report: TaskReport | undefined;

  /** `onEnded` is called once, never before the constructor returns. */
  constructor(
    worker: Address,
    assign: TaskAssign,
    { router, pool }: { readonly router: Router; readonly pool: TaskPool },
    settings: WorkerSettings,
    onEnded: (outcome: Outcome) => void,
  ) {
    this.#worker = worker;
    this.#assign = assign;
    this.#router = router;
    this.#settings = settings;
    this.#onEnded = onEnded;
    this.#sources = assign.task.sources.map(() => new AsyncQueue<ReceivedFrame>());
    this.#openSources();
    const { task, attempt, floor, receiver } = assign;
    this.#sink = openSender(router, { stream: task.sink, attempt, floor, receiver }, (why) => this.#streamOver(why));
    this.#abort.signal.addEventListener('abort', () => this.#giveUp(), { once: true });
    queueMicrotask(() => void this.#run(pool));
  }

  tick(unheardMax: number): void {
    this.#sink.tick(unheardMax);
  }

  abort(why: Fault): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort(new FaultError(why));
    if (this.#report) this.#end(this.#givenUp());
  }

  /** A slot of the fragment ends when all of its streams have. */
  #openSources(): void {
    const { task, attempt } = this.#assign;
    task.sources.forEach((streams, slot) => {
      let open = streams.length;
      const queue = this.#sources[slot]!;
      if (open === 0) queue.close();
      streams.forEach((stream, rank) => {
        const end = { stream, self: receiverAddress(stream, attempt), rank };
        this.#closers.push(
          openReceiver(this.#router, end, queue, () => {
            if (--open === 0) queue.close();
          }),
        );
      });
    });
  }

  #streamOver(why: SenderEnding): void {
    this.#over = why;
    if (this.#report) this.#end(why === 'complete' ? { status: 'completed', report: this.#report } : this.#givenUp());
    else this.#abort.abort(new FaultError(fault('unavailable', `the receiver's verdict is ${why}`)));
  }

  async #run(pool: TaskPool): Promise<void> {
    const io: TaskIo = {
      signal: this.#abort.signal,
      sources: this.#sources,
      send: (frame) => this.#sink.send(frame),
      readLive: (target) => this.#readLive(target),
    };
    try {
      const report = await pool.run(this.#job(), io);
      if (this.#abort.signal.aborted) return this.#end(this.#givenUp());
      this.#report = report;
      this.#sink.end();
    } catch (error) {
      if (this.#abort.signal.aborted) this.#end(this.#givenUp());
      else this.#end({ status: 'failed', fault: asFault(error), report: emptyReport() });
    }
  }

  /** Whoever waits for a frame, or for room, learns of it. */
  #giveUp(): void {
    this.#sink.close();
    for (const source of this.#sources) source.close(this.#abort.signal.reason);
  }

  #job(): TaskJob {
    const { task, run, bound } = this.#assign;
    return {
      fragment: task.fragment as Node, // made by our own planner; a wire between processes validates it there
      slots: this.#sources.length,
      run,
      ...(bound === undefined ? {} : { bound }),
      memoryBytesMax: this.#settings.memoryBytesMax,
      ...(task.inPlace && { inPlace: true, bytes: task.cost }),
    };
  }

  /** What became of it when it was not left to end by itself. */
  #givenUp(): Outcome {
    const report = this.#report ?? emptyReport();
    switch (this.#over) {
      case 'complete':
        return { status: 'completed', report };
      case 'superseded':
        return { status: 'superseded', report };
      case 'unanswered': {
        const why = fault('unavailable', `nobody answers at ${this.#assign.receiver}`);
        return { status: 'failed', fault: why, report };
      }
      case undefined:
        return { status: 'cancelled', fault: asFault(this.#abort.signal.reason), report };
    }
  }

  #end(outcome: Outcome): void {
    for (const close of this.#closers.splice(0)) close();
    this.#sink.close();
    this.#onEnded(outcome);
  }

  async #readLive({ ingester, snapshot, streams }: Parameters<TaskIo['readLive']>[0]): ReturnType<TaskIo['readLive']> {
    const reply = await this.#router.ask(
      this.#worker,
      ingester,
      { kind: 'live.read', snapshot, streams },
      { timeoutMs: this.#settings.liveReadTimeoutMs },
    );
    if (reply.kind === 'fault')
      throw new FaultError(isGone(reply.fault) ? { ...reply.fault, stale: true } : reply.fault);
    if (reply.kind !== 'live.batches') return raise('internal', `${ingester} answered live.read with ${reply.kind}`);
    return { batches: reply.batches, labels: reply.labels };
  }
}

/** Whether the ingester went away, or has forgotten what the query saw: others may have it. */
function isGone({ code }: Fault): boolean {
  return code === 'unavailable' || code === 'timeout' || code === 'not-found';
}
