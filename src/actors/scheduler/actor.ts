import type { Address } from '../../wire/address.js';
import type { Clock } from '../runtime/clock.js';
import type { Router } from '../runtime/router.js';
import { freeSlots } from './executions.js';
import type { SchedulerSettings } from './settings.js';
import { newScheduler, type SchedulerEvent, type SchedulerState } from './state.js';
import { stepScheduler } from './step.js';
import { countsOf, queueLengths, type TenantCounts } from './tenants.js';

/** Queries of a tenant that wait, and what those before them came to. */
export interface TenantQueue extends Readonly<TenantCounts> {
  readonly tenant: string;
  readonly waiting: number;
}

function queuesOf(state: SchedulerState): TenantQueue[] {
  return [...queueLengths(state)].map(([tenant, waiting]) => ({ tenant, waiting, ...countsOf(state, tenant) }));
}

/** The shell of the scheduler: messages in, `step`, messages out. */
export class Scheduler {
  readonly #self: Address;
  readonly #router: Router;
  readonly #clock: Clock;
  readonly #settings: SchedulerSettings;
  readonly #state = newScheduler();
  readonly #unregister: () => void;
  #cancelTick: () => void;

  constructor(self: Address, router: Router, clock: Clock, settings: SchedulerSettings) {
    this.#self = self;
    this.#router = router;
    this.#clock = clock;
    this.#settings = settings;
    this.#unregister = router.register(self, ({ from, message, ask }) => {
      this.#perform({ kind: 'message', from, message });
      ask?.reply({ kind: 'ok' });
    });
    this.#cancelTick = clock.after(settings.tickMs, () => this.#tick());
  }

  observe(): {
    readonly workflows: number;
    readonly tasks: number;
    readonly workers: number;
    /** Attempts that workers run or have not said to have stopped. */
    readonly executions: number;
    readonly freeSlots: number;
    readonly counters: SchedulerState['counters'];
    /** By tenant, the smaller ones together. */
    readonly queues: readonly TenantQueue[];
  } {
    const { workflows, workers, counters } = this.#state;
    let [tasks, executions, slots] = [0, 0, 0];
    for (const { unfinished } of workflows.values()) tasks += unfinished;
    for (const worker of workers.values()) {
      executions += worker.executions.size;
      slots += freeSlots(worker);
    }
    return {
      workflows: workflows.size,
      tasks,
      workers: workers.size,
      executions,
      freeSlots: slots,
      counters,
      queues: queuesOf(this.#state),
    };
  }

  close(): void {
    this.#cancelTick();
    this.#unregister();
  }

  #tick(): void {
    this.#perform({ kind: 'tick' });
    this.#cancelTick = this.#clock.after(this.#settings.tickMs, () => this.#tick());
  }

  #perform(event: SchedulerEvent): void {
    const effects = stepScheduler(this.#state, this.#settings, event, this.#clock.monotonicMs());
    for (const { to, message } of effects) this.#router.tell(this.#self, to, message);
  }
}
