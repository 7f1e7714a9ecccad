import { AsyncQueue } from '../../execution/async-queue.js';
import type { ReceivedFrame } from '../../execution/pool.js';
import type { PlannedQuery } from '../../planning/plan.js';
import { decodeFrame, type Frame } from '../../wire/arrow-frame.js';
import { asFault, FaultError } from '../../wire/fault.js';
import type { RunOptions, WorkflowDone, WorkflowStart } from '../../wire/message.js';
import type { Router } from '../runtime/router.js';
import { openReceiver } from '../stream/actor.js';

export interface Run {
  readonly workflow: string;
  readonly tenant: string;
  readonly planned: PlannedQuery;
  readonly scheduler: string;
  readonly enough: WorkflowStart['enough'];
  readonly options: RunOptions;
  readonly signal: AbortSignal;
}

/**
 * Hands a workflow to the scheduler and its result frames to `onFrame`. Resolves when every task has ended; throws the
 * fault of the first that failed. Aborting cancels all of it.
 */
export async function runWorkflow(router: Router, run: Run, onFrame: (frame: Frame) => void): Promise<WorkflowDone> {
  const self = `querier/${run.workflow}`;
  const frames = new AsyncQueue<ReceivedFrame>();
  const { workflow: plan } = run.planned;
  let done: (message: WorkflowDone) => void = () => {};
  const ended = new Promise<WorkflowDone>((resolve) => {
    done = resolve;
  });
  const closeStream = openReceiver(router, plan.results, 0, frames, (reason) =>
    frames.close(reason && new FaultError(reason)),
  );
  const unregister = router.register(self, ({ message }) => {
    if (message.kind !== 'workflow.done') return;
    done(message);
    if (message.fault) frames.close(new FaultError(message.fault));
  });
  const cancel = (): void => {
    router.tell(self, run.scheduler, {
      kind: 'workflow.cancel',
      workflow: run.workflow,
      reason: asFault(run.signal.reason).message,
    });
    frames.close(run.signal.reason);
  };
  try {
    run.signal.throwIfAborted();
    run.signal.addEventListener('abort', cancel, { once: true });
    router.tell(self, run.scheduler, startMessage(run, self));
    await receive(frames, onFrame).catch(async (error: unknown) => {
      run.signal.throwIfAborted();
      // A stream breaks when its task is cancelled because another one failed: the scheduler knows which was first.
      if (!(await ended).fault) throw error;
    });
    const outcome = await ended;
    if (outcome.fault) throw new FaultError(outcome.fault);
    return outcome;
  } catch (error) {
    router.tell(self, run.scheduler, {
      kind: 'workflow.cancel',
      workflow: run.workflow,
      reason: asFault(error).message,
    });
    throw error;
  } finally {
    run.signal.removeEventListener('abort', cancel);
    closeStream();
    unregister();
  }
}

async function receive(frames: AsyncQueue<ReceivedFrame>, onFrame: (frame: Frame) => void): Promise<void> {
  for await (const frame of frames.read()) {
    frame.taken();
    onFrame(decodeFrame(frame.bytes));
  }
}

function startMessage({ workflow, tenant, planned, enough, options }: Run, self: string): WorkflowStart {
  const tasks = planned.workflow.tasks.map(({ id, fragment, sources, sink, scan, cost, maxTimeRange }) => ({
    ...{ id, fragment, sources, sink, scan, cost },
    ...(maxTimeRange ? { maxTimeRange } : {}),
  }));
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
