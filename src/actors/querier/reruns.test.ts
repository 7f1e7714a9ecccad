import { beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../test/support/random.js';
import { SimScheduler } from '../../../test/support/sim-scheduler.js';
import { FaultError, fault } from '../../wire/fault.js';
import { runAnywhere } from './reruns.js';
import { RunLost } from './run.js';

const REFUSED = new RunLost(fault('unavailable', 'nobody answers'), true);
const LOST = new RunLost(fault('unavailable', 'input lost'), false);

let clock: SimScheduler;
let asked: string[];

beforeEach(() => {
  clock = new SimScheduler(new SeededRandom(1), 0);
  asked = [];
});

/** Runs end with these, one after the other; undefined is a good end. */
async function play(
  outcomes: readonly (Error | undefined)[],
  schedulers: readonly string[] = ['a', 'b', 'c'],
  signal = new AbortController().signal,
): Promise<string> {
  let runs = 0;
  const settings = { schedulers: () => schedulers, rerunsMax: 2, rerunDelayMs: 100 };
  const result = runAnywhere(clock, settings, 1, signal, async (scheduler) => {
    asked.push(scheduler);
    const outcome = outcomes[runs++];
    if (outcome) throw outcome;
    return 'answer';
  }).catch((error: unknown) => `failed: ${String((error as Error).message)}`);
  for (let i = 0; i < 10; i++) {
    await clock.settle();
    await clock.advance(100);
  }
  return result;
}

describe('a query', () => {
  it('goes to the scheduler whose turn it is', async () => {
    expect(await play([undefined])).toBe('answer');
    expect(asked).toEqual(['b']);
  });

  it('passes over those that refuse, at once', async () => {
    expect(await play([REFUSED, REFUSED, undefined])).toBe('answer');
    expect(asked).toEqual(['b', 'c', 'a']);
  });

  it('is run again when it was lost, by the next, twice at most', async () => {
    expect(await play([LOST, LOST, undefined])).toBe('answer');
    expect(asked).toEqual(['b', 'c', 'a']);
    expect(await play([LOST, LOST, LOST, undefined])).toBe('failed: input lost');
  });

  it('waits a little when all refuse, and gives up when they go on', async () => {
    expect(await play([REFUSED, REFUSED, undefined], ['a', 'b'])).toBe('answer');
    asked = [];
    expect(await play(new Array(20).fill(REFUSED), ['a', 'b'])).toBe('failed: nobody answers');
    expect(asked).toHaveLength(6);
  });

  it('that fails by itself fails', async () => {
    expect(await play([new FaultError(fault('too-large', 'too large'))])).toBe('failed: too large');
    expect(asked).toHaveLength(1);
  });

  it('without a scheduler says so', async () => {
    expect(await play([undefined], [])).toBe('failed: no scheduler is known');
  });

  it('that is cancelled while it waits is not run again, and leaves no timer', async () => {
    const abort = new AbortController();
    clock.after(50, () => abort.abort(new Error('gone')));
    expect(await play([LOST, undefined], ['a'], abort.signal)).toBe('failed: gone');
    expect([asked.length, clock.timers]).toEqual([1, 0]);
  });
});
