import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../test/support/random.js';
import {
  NOTHING_LEFT,
  SchedulerHarness,
  scan,
  status,
  task,
  UNLIMITED,
  workflow,
} from '../../../test/support/scheduler.js';
import { fault } from '../../wire/fault.js';
import type { Message } from '../../wire/message.js';
import type { TaskAssign, TaskManifest, TaskRef } from '../../wire/messages/workflow.js';
import type { SchedulerSettings } from './settings.js';

const WORKERS = ['worker/0', 'worker/1'];
const SLOTS = 3;

interface Running {
  readonly assign: TaskAssign;
  readonly worker: string;
  cancelled: boolean;
}

/** Queries come and go, workers do what they like and die, and messages are lost, or late, or come again. */
class World {
  readonly started: string[] = [];
  readonly ended = new Set<string>();
  readonly #random: SeededRandom;
  readonly #settings: SchedulerSettings;
  readonly #scheduler: SchedulerHarness;
  /** What workers run. */
  readonly #running = new Map<string, Running>();
  readonly #lives = new Map(WORKERS.map((worker) => [worker, 1]));
  readonly #said: { readonly message: Message; readonly worker: string }[] = [];
  /** Chance that a message to a worker is lost. */
  readonly #loss: number;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#settings = {
      ...UNLIMITED,
      maxRunningScanTasks: this.#random.below(3),
      maxRunningOtherTasks: this.#random.below(5),
      queuedWorkflowsMax: 1 + this.#random.below(4),
      queuedPerTenantMax: 1 + this.#random.below(4),
    };
    this.#loss = this.#random.pick([0, 0, 0.1, 0.3]);
    this.#scheduler = new SchedulerHarness(this.#settings);
  }

  run(steps: number): SchedulerHarness {
    for (const worker of WORKERS) this.#hello(worker);
    for (let i = 0; i < steps; i++) this.#act();
    for (let i = 0; i < 300 && this.#alive(); i++) {
      for (const worker of WORKERS) this.#hello(worker);
      while (this.#running.size > 0) this.#finish(true);
      this.#scheduler.wait(250);
      this.#hear();
    }
    return this.#scheduler;
  }

  #alive(): boolean {
    return Object.values(this.#scheduler.leftovers()).some((count) => count > 0);
  }

  #act(): void {
    const random = this.#random;
    const action = random.below(24);
    if (action < 5) this.#start();
    else if (action < 14) this.#finish(false);
    else if (action < 16) this.#repeat();
    else if (action < 19) this.#hello(random.pick(WORKERS));
    else if (action < 20) this.#crash(random.pick(WORKERS));
    else if (action < 22) this.#scheduler.wait(250);
    else if (this.started.length > 0)
      this.#tell({ kind: 'workflow.cancel', workflow: random.pick(this.started), reason: 'no more' }, 'querier/0');
  }

  #start(): void {
    const random = this.#random;
    const id = `w${this.started.length}`;
    const scans = Array.from({ length: random.below(6) }, (_, i) => {
      const from = BigInt(random.below(100));
      return scan(`${id}-s${i}`, random.below(50), from, from + BigInt(random.below(30)));
    });
    const unread = scans.map(({ sink }) => sink);
    const others = Array.from({ length: 1 + random.below(3) }, (_, i) => {
      const sources = [unread.splice(0, 1 + random.below(3))];
      unread.push(`s-${id}-${i}`);
      return task(`${id}-${i}`, { sources });
    });
    const tasks: TaskManifest[] = [...others, ...scans];
    const enough = random.chance(0.5) ? { enough: { rows: 5, ascending: random.chance(0.5) } } : {};
    this.started.push(id);
    const start = workflow(id, tasks, { tenant: `tenant${random.below(3)}`, ...enough });
    this.#tell(start, 'querier/0');
    if (random.chance(0.2)) this.#tell(start, 'querier/0');
  }

  /** A worker is done with a task, well or not. */
  #finish(willingly: boolean): void {
    const keys = [...this.#running.keys()];
    if (keys.length === 0) return;
    const key = this.#random.pick(keys);
    const { assign, worker, cancelled } = this.#running.get(key)!;
    this.#running.delete(key);
    const good = willingly || this.#random.chance(0.8);
    const outcome = cancelled ? 'cancelled' : good ? 'completed' : this.#random.pick(OUTCOMES);
    const emitted = [{ rows: this.#random.below(6), lastTime: BigInt(this.#random.below(100)) }];
    const why = this.#random.chance(0.5) ? fault('internal', `${key} broke`) : fault('unavailable', `${key} was lost`);
    const more = outcome === 'completed' ? { emitted } : { fault: why };
    this.#say(status(assign.task.id, outcome, { ...more, attempt: assign.attempt }), worker);
  }

  #hello(worker: string): void {
    const own = [...this.#running.values()].filter((one) => one.worker === worker);
    const running = own.map(({ assign }) => ({ task: assign.task.id, attempt: assign.attempt }));
    this.#say({ kind: 'worker.hello', incarnation: this.#lives.get(worker)!, scanSlots: SLOTS, running }, worker);
  }

  /** Comes back at once, with nothing. */
  #crash(worker: string): void {
    for (const [key, running] of this.#running) if (running.worker === worker) this.#running.delete(key);
    this.#lives.set(worker, this.#lives.get(worker)! + 1);
    this.#hello(worker);
  }

  #say(message: Message, worker: string): void {
    this.#said.push({ message, worker });
    this.#tell(message, worker);
  }

  /** Something that a worker said arrives again. */
  #repeat(): void {
    if (this.#said.length === 0) return;
    const { message, worker } = this.#random.pick(this.#said);
    this.#tell(message, worker);
  }

  #tell(message: Message, from: string): void {
    for (const { to, message: sent } of this.#scheduler.step(message, from)) {
      if (sent.kind === 'task.assign' && !this.#random.chance(this.#loss)) this.#run(sent, to);
      if (sent.kind === 'task.cancel') this.#cancel(sent, to);
      if (sent.kind === 'worker.welcome') for (const ref of sent.unknown) this.#cancel(ref, to);
    }
    this.#hear();
    this.#check();
  }

  /** As workers do: what is meant for another life, or is known, is ignored. */
  #run(assign: TaskAssign, worker: string): void {
    const key = `${assign.task.id}#${assign.attempt}`;
    if (assign.incarnation !== this.#lives.get(worker) || this.#running.has(key)) return;
    const known = this.#said.some(
      ({ message }) =>
        message.kind === 'task.status' && message.task === assign.task.id && message.attempt === assign.attempt,
    );
    if (!known) this.#running.set(key, { assign, worker, cancelled: false });
  }

  #cancel({ task: id, attempt }: TaskRef, worker: string): void {
    if (this.#random.chance(this.#loss)) return;
    const running = this.#running.get(`${id}#${attempt}`);
    if (running) running.cancelled = true;
    else this.#say(status(id, 'cancelled', { attempt }), worker);
  }

  #hear(): void {
    for (const { workflow: id } of this.#scheduler.dones) {
      this.ended.add(id);
      this.#scheduler.step({ kind: 'workflow.release', workflow: id }, 'querier/0');
    }
  }

  #check(): void {
    const { state } = this.#scheduler;
    const { maxRunningOtherTasks: max, maxRunningScanTasks: scansMax } = this.#settings;
    let others = 0;
    let alive = 0;
    for (const { tasks, admitted, runningScans } of state.workflows.values()) {
      if (!admitted) continue;
      const own = tasks.filter(({ manifest, phase }) => !manifest.scan && (phase === 'queued' || phase === 'running'));
      others += own.length;
      if (own.length > 0) alive++;
      if (scansMax > 0 && runningScans > scansMax + 1) throw new Error(`${runningScans} scans of one query`);
      if (own.some(({ phase, executions }) => phase === 'queued' || executions.length !== 1))
        throw new Error('a task without a scan that nobody runs');
    }
    if (others !== state.runningOthers) throw new Error('tasks are counted wrongly');
    // What runs again is let in again, without waiting; the first query of a tenant may go beyond the bound.
    if (max > 0 && others > 2 * max && alive > 1 && state.counters.repeated === 0)
      throw new Error(`${others} tasks of ${alive} queries`);
    for (const { address, executions, scans, scanSlots } of state.workers.values()) {
      const counted = [...executions.values()].filter(({ task: { manifest } }) => manifest.scan).length;
      if (scans !== counted || scans > scanSlots) throw new Error(`${scans} scans on ${address}, really ${counted}`);
    }
  }
}

const OUTCOMES = ['failed', 'cancelled', 'superseded'] as const;

test('whatever queries, workers and the network do, every workflow ends and leaves nothing behind', () => {
  let [cut, repeated] = [0, 0];
  fc.assert(
    fc.property(fc.integer({ min: 1 }), (seed) => {
      const world = new World(seed);
      const scheduler = world.run(150);
      expect([...world.ended].sort()).toEqual([...world.started].sort());
      expect(scheduler.leftovers()).toEqual(NOTHING_LEFT);
      cut += scheduler.dones.filter((done) => done.fault).length;
      repeated += scheduler.state.counters.repeated;
    }),
    { numRuns: 150 },
  );
  expect(cut).toBeGreaterThan(100);
  expect(repeated).toBeGreaterThan(100);
});
