import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../test/support/random.js';
import { NOTHING_LEFT, SchedulerHarness, scan, status, task, workflow } from '../../../test/support/scheduler.js';
import { fault } from '../../wire/fault.js';
import type { Message, TaskAssign, TaskManifest, TaskStatus } from '../../wire/message.js';
import type { SchedulerSettings } from './settings.js';

const WORKERS = ['worker/0', 'worker/1'];
const SLOTS = 3;

/** Queries come and go, workers do what they like, and messages of workers arrive again. */
class World {
  readonly started: string[] = [];
  readonly #random: SeededRandom;
  readonly #settings: SchedulerSettings;
  readonly #scheduler: SchedulerHarness;
  /** Assigned and not yet reported. */
  readonly #running = new Map<string, { readonly assign: TaskAssign; readonly worker: string }>();
  readonly #reported: { readonly message: TaskStatus; readonly worker: string }[] = [];
  #finished = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#settings = {
      maxRunningScanTasks: this.#random.below(3),
      maxRunningOtherTasks: this.#random.below(5),
      queuedWorkflowsMax: 1 + this.#random.below(4),
    };
    this.#scheduler = new SchedulerHarness(this.#settings);
  }

  run(steps: number): SchedulerHarness {
    for (const worker of WORKERS) {
      this.#tell({ kind: 'worker.hello', scanSlots: SLOTS }, worker);
      this.#tell({ kind: 'worker.ready', slots: SLOTS }, worker);
    }
    for (let i = 0; i < steps; i++) this.#act();
    while (this.#running.size > 0) this.#finish(true);
    return this.#scheduler;
  }

  #act(): void {
    const random = this.#random;
    const action = random.below(20);
    if (action < 5) this.#start();
    else if (action < 14) this.#finish(false);
    else if (action < 16) this.#repeat();
    else if (action < 18) this.#tell({ kind: 'worker.hello', scanSlots: SLOTS }, random.pick(WORKERS));
    else if (this.started.length > 0)
      this.#tell({ kind: 'workflow.cancel', workflow: random.pick(this.started), reason: 'no more' }, 'querier/0');
  }

  #start(): void {
    const random = this.#random;
    const id = `w${this.started.length}`;
    const others = Array.from({ length: 1 + random.below(3) }, (_, i) => task(`${id}-${i}`));
    const scans = Array.from({ length: random.below(6) }, (_, i) => {
      const from = BigInt(random.below(100));
      return scan(`${id}-s${i}`, random.below(50), from, from + BigInt(random.below(30)));
    });
    const tasks: TaskManifest[] = [...others, ...scans];
    const enough = random.chance(0.5) ? { enough: { rows: 5, ascending: random.chance(0.5) } } : {};
    this.started.push(id);
    const start = workflow(id, tasks, { tenant: `tenant${random.below(3)}`, ...enough });
    this.#tell(start, 'querier/0');
    if (this.#scheduler.state.workflows.has(id) && random.chance(0.2)) this.#tell(start, 'querier/0');
  }

  /** A worker is done with a task, well or not. */
  #finish(willingly: boolean): void {
    const ids = [...this.#running.keys()];
    if (ids.length === 0) return;
    const id = this.#random.pick(ids);
    const { assign, worker } = this.#running.get(id)!;
    const outcome =
      willingly || this.#random.chance(0.8) ? 'completed' : this.#random.pick(['failed', 'cancelled'] as const);
    const emitted = { rows: this.#random.below(6), lastTime: BigInt(this.#random.below(100)) };
    const why = fault('internal', `${id} broke`);
    const message = status(id, outcome, outcome === 'completed' ? { emitted } : { fault: why });
    this.#running.delete(id);
    this.#reported.push({ message, worker });
    this.#finished++;
    this.#tell(message, worker);
    if (assign.task.scan) this.#tell({ kind: 'worker.ready', slots: 1 }, worker);
  }

  /** A status arrives again, perhaps another one than the first. */
  #repeat(): void {
    if (this.#reported.length === 0) return;
    const { message, worker } = this.#random.pick(this.#reported);
    const outcome = this.#random.pick(['completed', 'failed', 'cancelled'] as const);
    this.#tell({ ...message, status: outcome }, worker);
  }

  #tell(message: Message, from: string): void {
    for (const { to, message: sent } of this.#scheduler.step(message, from)) {
      if (sent.kind !== 'task.assign') continue;
      expect(this.#running.has(sent.task.id)).toBe(false);
      this.#running.set(sent.task.id, { assign: sent, worker: to });
    }
    this.#check();
  }

  #check(): void {
    const running = [...this.#running.values()];
    const others = running.filter(({ assign }) => !assign.task.scan);
    const alive = new Set(others.map(({ assign }) => assign.workflow)).size;
    const { maxRunningOtherTasks: max, maxRunningScanTasks: scansMax } = this.#settings;
    if (max > 0 && others.length > max && alive > 1) throw new Error(`${others.length} tasks of ${alive} queries`);
    for (const worker of WORKERS) {
      const scans = running.filter((one) => one.worker === worker && one.assign.task.scan);
      if (scans.length > SLOTS) throw new Error(`${scans.length} scans on ${worker}`);
    }
    for (const id of scansMax > 0 ? this.started : []) {
      const scans = running.filter(({ assign }) => assign.workflow === id && assign.task.scan);
      if (scans.length > scansMax) throw new Error(`${scans.length} scans of ${id}`);
    }
    const { counters } = this.#scheduler.state;
    if (counters.assigned - this.#finished !== this.#running.size) throw new Error('the counters lie');
  }
}

test('whatever queries and workers do, every workflow ends exactly once and leaves nothing behind', () => {
  let cut = 0;
  fc.assert(
    fc.property(fc.integer({ min: 1 }), (seed) => {
      const world = new World(seed);
      const scheduler = world.run(120);
      expect(scheduler.dones.map((done) => done.workflow).sort()).toEqual([...world.started].sort());
      expect(scheduler.leftovers()).toEqual(NOTHING_LEFT);
      for (const { slots } of scheduler.state.workers.values()) expect(slots).toBe(SLOTS);
      cut += scheduler.dones.filter((done) => done.fault).length;
    }),
    { numRuns: 150 },
  );
  expect(cut).toBeGreaterThan(100);
});
