import { AsyncQueue } from '../../execution/async-queue.js';
import type { ReceivedFrame } from '../../execution/pool.js';
import type { PlannedQuery } from '../../planning/plan.js';
import type { Address } from '../../wire/address.js';
import { decodeFrame, type Frame } from '../../wire/arrow-frame.js';
import { asFault, type Fault, FaultError, fault } from '../../wire/fault.js';
import type { Message } from '../../wire/message.js';
import type { RunOptions, WorkflowDone, WorkflowStart } from '../../wire/messages/workflow.js';
import { receiverAddress } from '../../wire/stream-address.js';
import type { Clock } from '../runtime/clock.js';
import type { Router } from '../runtime/router.js';
import { openReceiver } from '../stream/actor.js';
import type { QuerierSettings } from './settings.js';

export interface Run {
  /** Also of its tasks and streams: never used for another run. */
  readonly workflow: string;
  readonly tenant: string;
  readonly planned: PlannedQuery;
  readonly scheduler: Address;
  readonly enough: WorkflowStart['enough'];
  readonly options: RunOptions;
  readonly signal: AbortSignal;
}

/** A run that ended for no reason of the query's. `refused`: the scheduler has not taken it. */
export class RunLost extends FaultError {
  readonly refused: boolean;

  constructor(value: Fault, refused: boolean) {
    super(value);
    this.refused = refused;
  }
}

type Times = Pick<QuerierSettings, 'startTimeoutMs' | 'aliveMs' | 'schedulerTimeoutMs'>;

/**
 * Hands a workflow to the scheduler and its result frames to `onFrame`. Resolves when every task has ended; throws the
 * fault of the first that failed, RunLost when another run may go well. Aborting cancels all of it.
 */
export async function runWorkflow(
  { router, clock }: { readonly router: Router; readonly clock: Clock },
  run: Run,
  times: Times,
  onFrame: (frame: Frame) => void,
): Promise<WorkflowDone> {
  const self = `querier/${run.workflow}`;
  const { results } = run.planned.workflow;
  const frames = new AsyncQueue<ReceivedFrame>();
  const tell = (message: Message): void => router.tell(self, run.scheduler, message);
  const closeStream = openReceiver(router, { stream: results, self: receiverAddress(results), rank: 0 }, frames, () =>
    frames.close(),
  );
  const watch = watchScheduler(clock, times, tell, run.workflow);
  const unregister = router.register(self, ({ message }) => watch.receive(message));
  const giveUp = (): void => watch.fail(run.signal.reason);
  try {
    run.signal.throwIfAborted();
    run.signal.addEventListener('abort', giveUp, { once: true });
    const ended = Promise.all([watch.outcome, receive(frames, onFrame)]);
    ended.catch(() => {}); // is awaited below, but may fail before
    watch.outcome.catch((error: unknown) => frames.close(error));
    const { startTimeoutMs: timeoutMs } = times;
    const accepted = await router.ask(self, run.scheduler, startMessage(run, self), { timeoutMs, signal: run.signal });
    if (accepted.kind === 'fault') watch.fail(new RunLost(accepted.fault, true));
    const [done] = await ended;
    return done;
  } catch (error) {
    tell({ kind: 'workflow.cancel', workflow: run.workflow, reason: asFault(error).message });
    throw error;
  } finally {
    watch.close();
    tell({ kind: 'workflow.release', workflow: run.workflow });
    run.signal.removeEventListener('abort', giveUp);
    closeStream();
    unregister();
  }
}

interface Watch {
  /** A good end; rejects for whatever else comes first. */
  readonly outcome: Promise<WorkflowDone>;
  receive(message: Message): void;
  fail(error: unknown): void;
  close(): void;
}

/** Keeps in touch with the scheduler: each hears that the other is still there. */
function watchScheduler(clock: Clock, times: Times, tell: (message: Message) => void, workflow: string): Watch {
  let resolve: (done: WorkflowDone) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const outcome = new Promise<WorkflowDone>((...both) => {
    [resolve, fail] = both;
  });
  let silentMs = 0;
  const tick = (): void => {
    silentMs += times.aliveMs;
    if (silentMs > times.schedulerTimeoutMs) fail(new RunLost(SILENT, false));
    tell({ kind: 'workflow.alive', workflow });
    cancel = clock.after(times.aliveMs, tick);
  };
  let cancel = clock.after(times.aliveMs, tick);
  return {
    outcome,
    fail,
    receive: (message) => {
      silentMs = 0;
      if (message.kind !== 'workflow.done') return;
      if (!message.fault) resolve(message);
      else fail(message.again ? new RunLost(message.fault, false) : new FaultError(message.fault));
    },
    close: () => cancel(),
  };
}

const SILENT = fault('unavailable', 'the scheduler of this query is not heard any more');

async function receive(frames: AsyncQueue<ReceivedFrame>, onFrame: (frame: Frame) => void): Promise<void> {
  for await (const frame of frames.read()) {
    frame.taken();
    onFrame(decodeFrame(frame.bytes));
  }
}

function startMessage({ workflow, tenant, planned, enough, options }: Run, self: string): WorkflowStart {
  const tasks = planned.workflow.tasks.map(
    ({ id, fragment, sources, sink, scan, cost, maxTimeRange, affinity, inPlace, ahead }) => ({
      ...{ id, fragment, sources, sink, scan, cost },
      ...(maxTimeRange ? { maxTimeRange } : {}),
      ...(affinity ? { affinity } : {}),
      ...(inPlace && { inPlace: true }),
      ...(ahead && { ahead }),
    }),
  );
  return {
    ...{
      kind: 'workflow.start' as const,
      workflow,
      tenant,
      tasks,
      results: planned.workflow.results,
      receiver: self,
      run: options,
    },
    ...(enough ? { enough } : {}),
  };
}
