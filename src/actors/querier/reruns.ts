import type { Address } from '../../wire/address.js';
import { FaultError, raise } from '../../wire/fault.js';
import type { Clock } from '../runtime/clock.js';
import { RunLost } from './run.js';
import type { QuerierSettings } from './settings.js';

/**
 * Runs a query until a scheduler has taken it and not lost it: one that refuses is passed over at once, a lost run is
 * repeated from its beginning, by the next. Throws the fault of the last.
 */
export async function runAnywhere<T>(
  clock: Clock,
  { schedulers, rerunsMax, rerunDelayMs }: Pick<QuerierSettings, 'schedulers' | 'rerunsMax' | 'rerunDelayMs'>,
  first: number,
  signal: AbortSignal,
  run: (scheduler: Address) => Promise<T>,
): Promise<T> {
  let lost = 0;
  let refused = 0;
  for (let i = first; ; i++) {
    const known = schedulers();
    if (known.length === 0) return raise('unavailable', 'no scheduler is known');
    try {
      return await run(known[i % known.length]!);
    } catch (error) {
      if (!(error instanceof RunLost)) throw error;
      if (error.refused && ++refused % known.length > 0) continue;
      if (++lost > rerunsMax) throw error;
      await pause(clock, rerunDelayMs, signal);
    }
  }
}

/**
 * Answers from what has been looked up; anew when that went away while it was read, with an ingester for one. Throws the
 * fault of the last.
 */
export async function whileStale<T>(
  clock: Clock,
  { lookUpsAnewMax, rerunDelayMs }: Pick<QuerierSettings, 'lookUpsAnewMax' | 'rerunDelayMs'>,
  signal: AbortSignal,
  answer: () => Promise<T>,
): Promise<T> {
  for (let anew = 0; ; anew++) {
    try {
      return await answer();
    } catch (error) {
      if (!(error instanceof FaultError && error.fault.stale) || anew >= lookUpsAnewMax) throw error;
      await pause(clock, rerunDelayMs, signal);
    }
  }
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}
