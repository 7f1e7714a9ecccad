import { describe, expect, it } from 'vitest';
import {
  assigned,
  NOTHING_LEFT,
  SchedulerHarness,
  scan,
  status,
  task,
  workflow,
} from '../../../test/support/scheduler.js';
import { fault } from '../../wire/fault.js';
import type { TaskAssign, TaskRef } from '../../wire/messages/workflow.js';

const LOST = fault('unavailable', 'lost');
const ref = (id: string, attempt = 0): TaskRef => ({ task: id, attempt });

/** root <- middle <- a, b; and root <- c. All at one worker, or spread by slots. */
const TREE = [
  task('root', { sources: [['s-middle'], ['s-c']] }),
  task('middle', { sources: [['s-a', 's-b']] }),
  ...['a', 'b', 'c'].map((id) => scan(id)),
];

describe('a worker that is not heard', () => {
  it('is lost after its time, and its tasks run elsewhere', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(2, 'worker/1');
    scheduler.tell(workflow('w', [scan('a')]));
    scheduler.worker(1, 'worker/2');
    for (let i = 0; i < 5; i++) {
      expect(assigned(scheduler.wait(1000))).toEqual([]);
      scheduler.worker(1, 'worker/2');
    }
    const effects = scheduler.wait(250);
    expect(effects).toEqual(['assign a#1']);
    expect(scheduler.state.tasks.get('a')!.executions[0]!.worker.address).toBe('worker/2');
  });

  it('that comes back hears that nobody wants its tasks any more, and its status does not count', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(2, 'worker/1');
    scheduler.tell(workflow('w', [scan('a')]));
    for (let i = 0; i < 6; i++) {
      scheduler.worker(1, 'worker/2');
      scheduler.wait(1000);
    }
    expect(scheduler.worker(2, 'worker/1', [ref('a')])).toEqual(['unknown a']);
    expect(scheduler.tell(status('a'), 'worker/1')).toEqual([]);
    expect(scheduler.finish('a')).toEqual(['done w']);
  });

  it('and is the last ends every query at once, to be run again elsewhere', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(workflow('w', TREE));
    expect(scheduler.wait(6000)).toContain('done w: unavailable');
    expect(scheduler.dones[0]).toMatchObject({ again: true });
    expect(scheduler.leftovers()).toEqual(NOTHING_LEFT);
  });

  it('does not take its scheduler along when that was only paused', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(workflow('w', [scan('a')]));
    scheduler.now += 60_000;
    expect(scheduler.wait(250)).toEqual([]);
    expect(scheduler.finish('a')).toEqual(['done w']);
  });
});

describe('a worker that comes back', () => {
  it('within its time, as another, has lost its tasks', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1, 'worker/0', [], 1);
    scheduler.worker(0, 'worker/1');
    scheduler.tell(workflow('w', [scan('a')]));
    expect(scheduler.worker(1, 'worker/0', [], 2)).toEqual(['assign a#1']);
    expect(scheduler.worker(1, 'worker/0', [ref('a')], 1)).toEqual([]);
  });

  it('says what it runs to a scheduler that knows nothing any more: it is told to stop', () => {
    const scheduler = new SchedulerHarness();
    expect(scheduler.worker(1, 'worker/0', [ref('a'), ref('b', 2)])).toEqual(['unknown a', 'unknown b#2']);
  });

  it('and does not run what it should is told again, a tick later at the earliest', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(workflow('w', [task('root', { sources: [['s-a']] }), scan('a')]));
    expect(scheduler.worker(1)).toEqual([]);
    scheduler.wait(250);
    expect(scheduler.worker(1, 'worker/0', [ref('root')])).toEqual(['assign a']);
    scheduler.cancel('w');
    expect(scheduler.worker(1, 'worker/0', [ref('root')])).toEqual(['cancel root', 'cancel a']);
  });
});

describe('a task that is lost', () => {
  it('runs again, with all that feeds it and nothing else', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(2);
    scheduler.worker(0, 'worker/1');
    scheduler.tell(workflow('w', TREE));
    scheduler.finish('a');
    const effects = scheduler.tell(status('middle', 'cancelled', { fault: LOST }), 'worker/0');
    // b still holds a slot until it says that it has stopped.
    expect(effects).toEqual(['cancel b', 'assign middle#1']);
    expect(scheduler.tell(status('b', 'cancelled'))).toEqual(['assign a#1']);
    expect(assigned(scheduler.finish('c'))).toEqual(['b#1']);
    const to = scheduler.state.tasks.get('b')!.executions[0]!.assign as TaskAssign;
    expect(to).toMatchObject({ attempt: 1, floor: 1, receiver: 'stream/s-b.1' });
    for (const id of ['a', 'b', 'middle', 'root']) scheduler.finish(id);
    expect(scheduler.dones).toHaveLength(1);
    expect(scheduler.dones[0]!.reports).toHaveLength(5);
    expect(scheduler.leftovers()).toEqual(NOTHING_LEFT);
  });

  it('three times fails its query', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(workflow('w', [scan('a')]));
    expect(scheduler.finish('a', { fault: LOST })).toEqual(['assign a#1']);
    expect(scheduler.finish('a', { fault: LOST })).toEqual(['assign a#2']);
    expect(scheduler.finish('a', { fault: LOST })).toEqual(['done w: unavailable']);
    expect(scheduler.dones[0]).not.toHaveProperty('again');
    expect(scheduler.leftovers()).toEqual(NOTHING_LEFT);
  });

  it('is tried at another worker first', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(5, 'worker/0');
    scheduler.worker(1, 'worker/1');
    scheduler.tell(workflow('w', [scan('a')]));
    scheduler.finish('a', { fault: LOST });
    expect(scheduler.state.tasks.get('a')!.executions[0]!.worker.address).toBe('worker/1');
  });

  it('but whose consumer has ended is not run again', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(workflow('w', [task('root', { sources: [['s-a']] }), scan('a')]));
    scheduler.finish('root');
    expect(scheduler.finish('a', { fault: LOST })).toEqual(['done w']);
    expect(scheduler.dones[0]).not.toHaveProperty('fault');
  });

  it('does not count the rows of its first attempt twice', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    const scans = [scan('a', 1, 50n, 100n), scan('b', 1, 0n, 40n)];
    const tasks = [task('root', { sources: [['s-a', 's-b']] }), ...scans];
    scheduler.tell(workflow('w', tasks, { enough: { rows: 10, ascending: false } }));
    scheduler.finish('a', { emitted: [{ rows: 6, lastTime: 60n }] });
    scheduler.tell(status('root', 'cancelled', { fault: LOST }));
    scheduler.tell(status('b', 'cancelled'));
    expect(scheduler.finish('a', { emitted: [{ rows: 6, lastTime: 60n }] })).toEqual(['assign b#1']);
  });
});

describe('a task whose receiver has used frames of an earlier attempt', () => {
  it('makes the receiving task run again', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(3);
    scheduler.tell(workflow('w', TREE));
    scheduler.finish('a', { fault: LOST });
    const effects = scheduler.tell(status('a', 'superseded', { attempt: 1 }));
    expect(effects).toEqual(['cancel middle', 'cancel b', 'assign middle#1', 'assign a#2']);
    expect(scheduler.tell(status('b', 'cancelled'))).toEqual(['assign b#1']);
  });

  it('at the root ends the workflow, to be run again from the beginning', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(3);
    scheduler.tell(workflow('w', [task('root')]));
    scheduler.finish('root', { fault: LOST });
    expect(scheduler.tell(status('root', 'superseded', { attempt: 1 }))).toEqual(['done w: unavailable']);
    expect(scheduler.dones[0]).toMatchObject({ again: true });
  });

  it('completely lets those go that were started only to feed it', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(workflow('w', [task('root', { sources: [['s-a']] }), scan('a')]));
    scheduler.finish('a');
    expect(scheduler.finish('root', { fault: LOST })).toEqual(['assign root#1', 'assign a#1']);
    expect(scheduler.finish('root')).toEqual(['cancel a#1', 'done w']);
    scheduler.tell(status('a', 'cancelled', { attempt: 1 }));
    expect(scheduler.leftovers()).toEqual(NOTHING_LEFT);
  });
});

describe('a skipped task', () => {
  it('is announced to its receiver until that answers, and again to the next one', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    const scans = [scan('a', 1, 50n, 100n), scan('b', 1, 0n, 40n)];
    const tasks = [task('root', { sources: [['s-a', 's-b']] }), ...scans];
    scheduler.tell(workflow('w', tasks, { enough: { rows: 10, ascending: false } }));
    expect(scheduler.finish('a', { emitted: [{ rows: 10, lastTime: 60n }] })).toEqual(['close s-b']);
    expect(scheduler.wait(250)).toEqual(['close s-b']);
    const credit = {
      kind: 'stream.credit',
      stream: 's-b',
      attempt: 0,
      next: 0,
      limit: 8,
      verdict: 'complete',
    } as const;
    scheduler.tell(credit, 'stream/s-b');
    expect(scheduler.wait(250)).toEqual([]);
    expect(scheduler.finish('root', { fault: LOST })).toEqual(['close s-b', 'assign root#1', 'assign a#1']);
    expect(scheduler.state.workflows.get('w')!.closing.get('s-b')).toMatchObject({ to: 'stream/s-b.1' });
  });
});

describe('a slow scan', () => {
  function slow(): SchedulerHarness {
    const scheduler = new SchedulerHarness({ slowScanFactor: 3, slowScanMinMs: 2000, workerTimeoutMs: 1e9 });
    scheduler.worker(2, 'worker/0');
    scheduler.tell(workflow('w', [scan('a'), scan('b')]));
    scheduler.now = 1000;
    scheduler.finish('a');
    return scheduler;
  }

  it('runs a second time at another worker with a slot, after three times the median', () => {
    const scheduler = slow();
    scheduler.worker(1, 'worker/1');
    expect(scheduler.wait(2000)).toEqual([]);
    expect(scheduler.wait(250)).toEqual(['assign b#1']);
    expect(scheduler.wait(5000)).toEqual([]);
    const [first, second] = scheduler.state.tasks.get('b')!.executions;
    expect([first!.worker.address, second!.worker.address]).toEqual(['worker/0', 'worker/1']);
    expect(second!.assign).toMatchObject({ attempt: 1, floor: 0 });
  });

  it('runs once where no other worker has a slot', () => {
    const scheduler = slow();
    scheduler.worker(0, 'worker/1');
    expect(scheduler.wait(9000)).toEqual([]);
  });

  it.each([
    [0, 'cancel b#1'],
    [1, 'cancel b'],
  ])('is that which ends first, attempt %i; the other is cancelled', (attempt, cancelled) => {
    const scheduler = slow();
    scheduler.worker(1, 'worker/1');
    scheduler.wait(2250);
    expect(scheduler.tell(status('b', 'completed', { attempt }), `worker/${attempt}`)).toEqual([cancelled, 'done w']);
    const other = 1 - attempt;
    scheduler.tell(status('b', 'cancelled', { attempt: other }), `worker/${other}`);
    expect(scheduler.leftovers()).toEqual(NOTHING_LEFT);
  });

  it('goes on when the other attempt is superseded or lost', () => {
    const scheduler = slow();
    scheduler.worker(1, 'worker/1');
    scheduler.wait(2250);
    expect(scheduler.tell(status('b', 'superseded', { attempt: 1 }), 'worker/1')).toEqual([]);
    expect(scheduler.wait(5000)).toEqual([]);
    expect(scheduler.finish('b')).toEqual(['done w']);
  });
});

describe('a querier', () => {
  it('is answered while its query runs, and told the end until it releases it', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(workflow('w', [scan('a')]));
    const alive = { kind: 'workflow.alive', workflow: 'w' } as const;
    expect(scheduler.tell(alive, 'querier/w')).toEqual(['alive w']);
    scheduler.finish('a');
    expect(scheduler.tell(alive, 'querier/w')).toEqual(['done w']);
    scheduler.worker(1);
    expect(scheduler.wait(1000)).toEqual(['done w']);
    scheduler.tell({ kind: 'workflow.release', workflow: 'w' }, 'querier/w');
    expect(scheduler.wait(1000)).toEqual([]);
    expect(scheduler.tell(workflow('w', [scan('a')]))).toEqual([]);
    scheduler.wait(10_000);
    expect(scheduler.state.ended.size).toBe(0);
  });

  it('that asks for a query nobody knows hears that it has to start it again', () => {
    const scheduler = new SchedulerHarness();
    expect(scheduler.tell({ kind: 'workflow.alive', workflow: 'w' }, 'querier/w')).toEqual(['done w: unavailable']);
    expect(scheduler.dones[0]).toMatchObject({ again: true });
  });

  it('that is silent has its query ended', () => {
    const scheduler = new SchedulerHarness({ workerTimeoutMs: 1e9 });
    scheduler.worker(1);
    scheduler.tell(workflow('w', [scan('a')]));
    expect(scheduler.wait(10_000)).toEqual([]);
    expect(scheduler.wait(250)).toEqual(['cancel a']);
  });
});

it('a tenant may have so many queries waiting, whatever others have', () => {
  const scheduler = new SchedulerHarness({ maxRunningOtherTasks: 1, queuedPerTenantMax: 1 });
  scheduler.worker(1);
  const start = (id: string, tenant: string): string[] => scheduler.tell(workflow(id, [task(id)], { tenant }));
  expect(start('a', 'one')).toEqual(['assign a']);
  expect([start('b', 'one'), start('c', 'two')]).toEqual([[], ['assign c']]);
  expect(start('d', 'one')).toEqual(['done d: limited']);
  expect(scheduler.dones[0]!.fault).toEqual(fault('limited', 'too many outstanding requests'));
});
