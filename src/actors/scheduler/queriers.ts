import type { Address } from '../../wire/address.js';
import { fault } from '../../wire/fault.js';
import { end } from './ending.js';
import type { SchedulerState, Turn } from './state.js';

/** A querier's heartbeat; what has ended, or was never known here, is told so. */
export function alive({ state, effects }: Turn, from: Address, id: string): void {
  const workflow = state.workflows.get(id);
  if (workflow) {
    workflow.silentMs = 0;
    effects.push({ to: from, message: { kind: 'workflow.alive', workflow: id } });
    return;
  }
  const unknown = fault('unavailable', 'the scheduler does not know this query any more');
  effects.push({
    to: from,
    message: state.ended.get(id)?.done ?? {
      ...{ kind: 'workflow.done', workflow: id, reports: [], skipped: 0, queueMs: 0, fault: unknown, again: true },
    },
  });
}

export function release(state: SchedulerState, id: string): void {
  const ended = state.ended.get(id);
  if (ended) ended.done = undefined;
}

/** Once a tick: what has not been acknowledged; and the end of those who do not answer. */
export function sayAgain(turn: Turn): void {
  const { state, settings, effects } = turn;
  for (const workflow of [...state.workflows.values()]) {
    workflow.silentMs += settings.tickMs;
    for (const closing of workflow.closing.values()) effects.push(closing);
    if (workflow.silentMs > settings.querierTimeoutMs) end(turn, workflow, fault('cancelled', 'its querier is gone'));
  }
  for (const [id, ended] of state.ended) {
    ended.keptMs += settings.tickMs;
    if (ended.keptMs > settings.querierTimeoutMs) state.ended.delete(id);
    else if (ended.done && ended.keptMs % (4 * settings.tickMs) === 0)
      effects.push({ to: ended.receiver, message: ended.done });
  }
}
