import type { TaskPool } from '../../execution/pool.js';
import type { Address } from '../../wire/address.js';
import type { Clock } from '../runtime/clock.js';
import type { Router } from '../runtime/router.js';
import type { WorkerSettings } from './settings.js';
import { newWorker, type WorkerEvent, type WorkerState } from './state.js';
import { stepWorker } from './step.js';
import { TaskRun } from './task-run.js';

export interface WorkerParts {
  readonly router: Router;
  readonly clock: Clock;
  readonly pool: TaskPool;
  /** Schedulers known to exist; asked at every tick. */
  readonly schedulers: () => readonly Address[];
}

/**
 * Runs tasks. A scan task uses one of the slots the worker announces; other tasks wait for their inputs most of the time
 * and hold none. Whatever happens, a task ends with one status and leaves no address behind.
 */
export class Worker {
  readonly #address: Address;
  readonly #parts: WorkerParts;
  readonly #settings: WorkerSettings;
  readonly #state: WorkerState;
  readonly #runs = new Map<string, TaskRun>();
  readonly #unregister: () => void;
  #cancelTick = (): void => {};

  constructor(self: Address, parts: WorkerParts, settings: WorkerSettings) {
    this.#address = self;
    this.#parts = parts;
    this.#settings = settings;
    this.#state = newWorker(Number(parts.clock.now() / 1_000_000n));
    this.#unregister = parts.router.register(self, ({ from, message }) =>
      this.#perform({ kind: 'message', from, message }),
    );
    this.#tick();
  }

  get running(): number {
    return this.#state.running.size;
  }

  close(): void {
    this.#cancelTick();
    this.#perform({ kind: 'leave' });
    this.#unregister();
  }

  #tick(): void {
    const { tickMs, streamTimeoutMs } = this.#settings;
    this.#perform({ kind: 'tick', schedulers: this.#parts.schedulers() });
    for (const run of [...this.#runs.values()]) run.tick(Math.ceil(streamTimeoutMs / tickMs));
    this.#cancelTick = this.#parts.clock.after(tickMs, () => this.#tick());
  }

  #perform(event: WorkerEvent): void {
    for (const effect of stepWorker(this.#state, this.#settings, event)) {
      switch (effect.kind) {
        case 'send':
          this.#parts.router.tell(this.#address, effect.to, effect.message);
          break;
        case 'run':
          this.#runs.set(
            effect.key,
            new TaskRun(this.#address, effect.assign, this.#parts, this.#settings, (outcome) => {
              this.#runs.delete(effect.key);
              this.#perform({ kind: 'ended', key: effect.key, outcome });
            }),
          );
          break;
        case 'abort':
          this.#runs.get(effect.key)?.abort(effect.why);
          break;
      }
    }
  }
}
