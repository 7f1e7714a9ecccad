import { beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../test/support/random.js';
import { SimScheduler } from '../../../test/support/sim-scheduler.js';
import type { PlannedQuery } from '../../planning/plan.js';
import { fault } from '../../wire/fault.js';
import type { Message } from '../../wire/message.js';
import type { WorkflowDone } from '../../wire/messages/workflow.js';
import { receiverAddress } from '../../wire/stream-address.js';
import { LocalRouter } from '../runtime/router-local.js';
import { runWorkflow } from './run.js';
import { DEFAULT_QUERIER_TIMES } from './settings.js';

const PLANNED: PlannedQuery = { workflow: { tasks: [], results: 's' } } as unknown as PlannedQuery;
const DONE: WorkflowDone = { kind: 'workflow.done', workflow: 'w', reports: [], skipped: 0, queueMs: 0 };
const CLOSED: Message = { kind: 'stream.closed', stream: 's', attempt: 0, frames: 0 };

let clock: SimScheduler;
let router: LocalRouter;
/** What the scheduler hears. */
let heard: string[];
let accepts: boolean;
let answers: boolean;

beforeEach(() => {
  clock = new SimScheduler(new SeededRandom(1), 0);
  router = new LocalRouter({ clock });
  heard = [];
  accepts = answers = true;
  router.register('scheduler/0', ({ message, ask, from }) => {
    heard.push(message.kind);
    if (accepts) ask?.reply({ kind: 'ok' });
    if (message.kind === 'workflow.alive' && answers) router.tell('scheduler/0', from, message);
  });
});

function run(signal = new AbortController().signal, scheduler = 'scheduler/0'): Promise<string> {
  const options = { analyze: false, now: 0n };
  const asked = { workflow: 'w', tenant: 't', planned: PLANNED, scheduler, enough: undefined, options, signal };
  return runWorkflow({ router, clock }, asked, DEFAULT_QUERIER_TIMES, () => {}).then(
    () => 'done',
    (error: unknown) => `${(error as { refused?: boolean }).refused ?? 'fails'}: ${(error as Error).message}`,
  );
}

async function wait(seconds: number): Promise<void> {
  for (let i = 0; i < 4 * seconds; i++) {
    await clock.settle();
    await clock.advance(250);
  }
}

describe('a run', () => {
  it('ends when the results and the end of all tasks have come, in any order, and leaves nothing behind', async () => {
    for (const messages of [
      [DONE, CLOSED],
      [CLOSED, DONE],
    ]) {
      const outcome = run();
      await clock.settle();
      for (const message of messages) router.tell('x', message === DONE ? 'querier/w' : receiverAddress('s'), message);
      expect(await outcome).toBe('done');
      expect([heard.splice(0), clock.timers]).toEqual([['workflow.start', 'workflow.release'], 0]);
    }
  });

  it('goes on for as long as its scheduler is heard, and tells it so', async () => {
    const outcome = run();
    await wait(30);
    expect(heard.filter((kind) => kind === 'workflow.alive').length).toBeGreaterThan(25);
    router.tell('scheduler/0', 'querier/w', { ...DONE, fault: fault('too-large', 'too large') });
    expect(await outcome).toBe('fails: too large');
  });

  it('is lost when its scheduler is silent', async () => {
    const outcome = run();
    answers = false;
    await wait(10);
    expect(await outcome).toBe('false: the scheduler of this query is not heard any more');
    expect(heard.slice(-2)).toEqual(['workflow.cancel', 'workflow.release']);
    expect(clock.timers).toBe(0);
  });

  it('is refused by a scheduler that does not answer, or is not there', async () => {
    accepts = false;
    const outcome = run();
    await wait(3);
    expect(await outcome).toBe('true: scheduler/0 did not answer workflow.start within 2000 ms');
    expect(await run(undefined, 'scheduler/9')).toBe('true: nobody answers at scheduler/9');
  });

  it('may be repeated when its end says so', async () => {
    const outcome = run();
    await clock.settle();
    router.tell('scheduler/0', 'querier/w', { ...DONE, fault: fault('unavailable', 'input lost'), again: true });
    expect(await outcome).toBe('false: input lost');
  });

  it('that is cancelled tells its scheduler at once', async () => {
    const abort = new AbortController();
    const outcome = run(abort.signal);
    await clock.settle();
    abort.abort(new Error('gone'));
    expect(await outcome).toBe('fails: gone');
    await clock.settle();
    expect(heard).toEqual(['workflow.start', 'workflow.cancel', 'workflow.release']);
  });
});
