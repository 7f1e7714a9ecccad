import type { Address } from '../../wire/address.js';
import type { Clock } from '../runtime/clock.js';
import type { Router } from '../runtime/router.js';
import type { SchedulerSettings } from './settings.js';
import { newScheduler, type SchedulerState } from './state.js';
import { stepScheduler } from './step.js';

/** The shell of the scheduler: messages in, `step`, messages out. */
export class Scheduler {
  readonly #state = newScheduler();
  readonly #unregister: () => void;

  constructor(self: Address, router: Router, clock: Clock, settings: SchedulerSettings) {
    this.#unregister = router.register(self, ({ from, message }) => {
      const effects = stepScheduler(this.#state, settings, { from, message }, clock.monotonicMs());
      for (const effect of effects) router.tell(self, effect.to, effect.message);
    });
  }

  observe(): {
    readonly workflows: number;
    readonly tasks: number;
    readonly workers: number;
    readonly counters: SchedulerState['counters'];
  } {
    const { workflows, tasks, workers, counters } = this.#state;
    return { workflows: workflows.size, tasks: tasks.size, workers: workers.size, counters };
  }

  close(): void {
    this.#unregister();
  }
}
