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
import type { Message } from '../../wire/message.js';
import type { TaskPhase } from './state.js';

const BROKEN = fault('internal', 'boom');
const LATE = { rows: 1, lastTime: 50n };

type Phase = TaskPhase | 'running, its workflow ending';
type EventKind =
  | 'ready'
  | 'completed'
  | 'given up'
  | 'failed'
  | 'superseded'
  | 'cancel the workflow'
  | 'start the workflow again';

const START = workflow(
  'w',
  [task('root', { sources: [['s-early', 's-it']] }), scan('early', 1, 50n, 100n), scan('it', 1, 0n, 50n)],
  {
    enough: { rows: 1, ascending: false },
  },
);
const HOLD: Message = { kind: 'worker.ready', slots: 0 };
const READY: Message = { kind: 'worker.ready', slots: 1 };
const CANCEL: Message = { kind: 'workflow.cancel', workflow: 'w', reason: 'not wanted any more' };

const EVENTS: Record<EventKind, Message> = {
  ready: READY,
  completed: status('it'),
  'given up': status('it', 'cancelled', { fault: fault('unavailable', 'worker is stopping') }),
  superseded: status('it', 'superseded'),
  failed: status('it', 'failed', { fault: BROKEN }),
  'cancel the workflow': CANCEL,
  'start the workflow again': START,
};

/** How the task `it` comes into each phase, after `early` has run; `root` runs all the time. */
const PHASES: Record<Phase, readonly Message[]> = {
  queued: [HOLD, status('early')],
  running: [status('early')],
  'running, its workflow ending': [status('early'), CANCEL],
  completed: [status('early'), EVENTS.completed],
  failed: [status('early'), EVENTS.failed],
  cancelled: [HOLD, status('early'), CANCEL],
  skipped: [status('early', 'completed', { emitted: [LATE] })],
};

type Expected = readonly [effects: string, after: TaskPhase];

const IGNORED_STATUS = (phase: TaskPhase): Record<'completed' | 'given up' | 'failed' | 'superseded', Expected> => ({
  completed: ['', phase],
  'given up': ['', phase],
  failed: ['', phase],
  superseded: ['', phase],
});

const TABLE: Record<Phase, Record<EventKind, Expected>> = {
  queued: {
    ready: ['assign it', 'running'],
    ...IGNORED_STATUS('queued'),
    'cancel the workflow': ['cancel root', 'cancelled'],
    'start the workflow again': ['', 'queued'],
  },
  running: {
    ready: ['', 'running'],
    completed: ['', 'completed'],
    'given up': ['assign it#1', 'running'],
    failed: ['cancel root', 'failed'],
    superseded: ['cancel root, assign root#1, assign early#1', 'queued'],
    'cancel the workflow': ['cancel root, cancel it', 'running'],
    'start the workflow again': ['', 'running'],
  },
  'running, its workflow ending': {
    ready: ['', 'running'],
    completed: ['', 'completed'],
    'given up': ['', 'cancelled'],
    failed: ['', 'failed'],
    superseded: ['', 'cancelled'],
    'cancel the workflow': ['', 'running'],
    'start the workflow again': ['', 'running'],
  },
  completed: {
    ready: ['', 'completed'],
    ...IGNORED_STATUS('completed'),
    'cancel the workflow': ['cancel root', 'completed'],
    'start the workflow again': ['', 'completed'],
  },
  failed: {
    ready: ['', 'failed'],
    ...IGNORED_STATUS('failed'),
    'cancel the workflow': ['', 'failed'],
    'start the workflow again': ['', 'failed'],
  },
  cancelled: {
    ready: ['', 'cancelled'],
    ...IGNORED_STATUS('cancelled'),
    'cancel the workflow': ['', 'cancelled'],
    'start the workflow again': ['', 'cancelled'],
  },
  skipped: {
    ready: ['', 'skipped'],
    ...IGNORED_STATUS('skipped'),
    'cancel the workflow': ['cancel root', 'skipped'],
    'start the workflow again': ['', 'skipped'],
  },
};

/** Workers finish what they were told to run, and stop what they were told to stop. */
function finishAll(scheduler: SchedulerHarness): void {
  scheduler.tell(READY);
  for (;;) {
    const [execution] = [...scheduler.state.workers.values()].flatMap(({ executions }) => [...executions.values()]);
    if (!execution) return;
    const { task: entry, attempt, cancelled, worker } = execution;
    scheduler.tell(status(entry.manifest.id, cancelled ? 'cancelled' : 'completed', { attempt }), worker.address);
  }
}

describe.each(Object.keys(TABLE) as Phase[])('a task that is %s', (phase) => {
  it.each(Object.entries(TABLE[phase]))('on "%s" does what the table says', (kind, [effects, after]) => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(START, 'querier/0');
    const it = scheduler.state.workflows.get('w')!.tasks[2]!;
    for (const message of PHASES[phase]) scheduler.tell(message);
    expect(it.phase).toBe(phase.split(',')[0]);
    expect(scheduler.tell(EVENTS[kind as EventKind]).join(', ')).toBe(effects);
    expect(it.phase).toBe(after);
    finishAll(scheduler);
    expect(scheduler.leftovers()).toEqual(NOTHING_LEFT);
    expect(scheduler.dones).toHaveLength(1);
  });
});

describe('assigning', () => {
  it('starts tasks without a scan at once, with no slot, and scans one for each slot', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(0);
    const tasks = [task('a'), task('b'), scan('x'), scan('y'), scan('z')];
    expect(assigned(scheduler.tell(workflow('w', tasks)))).toEqual(['a', 'b']);
    expect(assigned(scheduler.tell({ kind: 'worker.ready', slots: 2 }))).toEqual(['x', 'y']);
    expect(assigned(scheduler.finish('y'))).toEqual(['z']);
  });

  it('gives scans to the worker with most slots', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1, 'worker/0');
    scheduler.worker(3, 'worker/1');
    const effects = scheduler.step(workflow('w', [scan('a'), scan('b'), scan('c'), scan('d')]));
    const to = effects.filter(({ message }) => message.kind === 'task.assign').map((effect) => effect.to);
    expect(to).toEqual(['worker/1', 'worker/1', 'worker/0', 'worker/1']);
  });

  it('tells the worker of a task where the receiver of its stream is', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1, 'worker/7');
    expect(scheduler.step(workflow('w', [scan('a')]))[0]).toMatchObject({
      to: 'worker/7',
      message: { kind: 'task.assign', attempt: 0, floor: 0, receiver: 'stream/s-a' },
    });
  });

  it('does not count a worker twice that says hello twice', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(2);
    scheduler.worker(2);
    expect(assigned(scheduler.tell(workflow('w', [scan('a'), scan('b'), scan('c')])))).toEqual(['a', 'b']);
  });

  it('ignores slots of a worker that never said hello', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(0);
    scheduler.tell({ kind: 'worker.ready', slots: 5 }, 'worker/unknown');
    expect(scheduler.tell(workflow('w', [scan('a')]))).toEqual([]);
  });

  it('keeps a query to maxRunningScanTasks scans, and gives the other slots to other queries', () => {
    const scheduler = new SchedulerHarness({ maxRunningScanTasks: 2 });
    scheduler.worker(4);
    const of = (id: string) => workflow(id, [scan(`${id}1`), scan(`${id}2`), scan(`${id}3`)]);
    expect(assigned(scheduler.tell(of('a')))).toEqual(['a1', 'a2']);
    expect(assigned(scheduler.tell(of('b')))).toEqual(['b1', 'b2']);
    expect(assigned(scheduler.finish('a1'))).toEqual(['a3']);
  });

  it('serves tenants by the bytes they had, not by the number of their scans', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(0);
    const large = Array.from({ length: 4 }, (_, i) => scan(`large${i}`, 100));
    const small = Array.from({ length: 8 }, (_, i) => scan(`small${i}`, 25));
    scheduler.tell(workflow('a', large, { tenant: 'a' }));
    scheduler.tell(workflow('b', small, { tenant: 'b' }));
    const order = assigned(scheduler.tell({ kind: 'worker.ready', slots: 10 }));
    const bytes = (prefix: string, upTo: number): number =>
      order.slice(0, upTo).filter((id) => id.startsWith(prefix)).length * (prefix === 'large' ? 100 : 25);
    expect(bytes('large', 10)).toBe(200);
    expect(bytes('small', 10)).toBe(200);
    for (let i = 1; i <= 10; i++) expect(Math.abs(bytes('large', i) - bytes('small', i))).toBeLessThanOrEqual(100);
  });

  it('serves the queries of one tenant in the order they came', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(0);
    scheduler.tell(workflow('a', [scan('a1'), scan('a2')]));
    scheduler.tell(workflow('b', [scan('b1')]));
    expect(assigned(scheduler.tell({ kind: 'worker.ready', slots: 3 }))).toEqual(['a1', 'a2', 'b1']);
  });
});

describe('the end of a workflow', () => {
  it('is reported once, with every report and the time it waited for its first scan', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(0);
    scheduler.now = 1000;
    scheduler.tell(workflow('w', [task('root'), scan('a')]));
    scheduler.now = 1250;
    scheduler.tell(READY);
    scheduler.now = 2000;
    scheduler.finish('a');
    expect(scheduler.finish('root')).toEqual(['done w']);
    expect(scheduler.dones).toMatchObject([{ queueMs: 250, skipped: 0 }]);
    expect(scheduler.dones[0]!.reports).toHaveLength(2);
    expect(scheduler.dones[0]).not.toHaveProperty('fault');
  });

  it('by a failing task cancels the rest and names the first fault, whatever follows', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(2);
    scheduler.tell(workflow('w', [task('root'), scan('a'), scan('b'), scan('c')]));
    expect(scheduler.finish('a', { fault: BROKEN })).toEqual(['cancel root', 'cancel b']);
    expect(scheduler.tell(status('b', 'failed', { fault: fault('internal', 'another') }))).toEqual([]);
    expect(scheduler.tell(status('root', 'cancelled'))).toEqual(['done w: internal']);
    expect(scheduler.dones[0]!.fault).toEqual(BROKEN);
  });

  it('by its last task failing names the fault', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(workflow('w', [task('root'), scan('a')]));
    scheduler.finish('a');
    expect(scheduler.tell(status('root', 'failed', { fault: BROKEN }))).toEqual(['done w: internal']);
    expect(scheduler.dones[0]!.fault).toEqual(BROKEN);
  });

  it('by cancelling before its start does nothing, and the start is a start', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    expect(scheduler.cancel('w')).toEqual([]);
    expect(assigned(scheduler.tell(workflow('w', [scan('a')])))).toEqual(['a']);
  });

  it('by cancelling while it waits for admission is at once', () => {
    const scheduler = new SchedulerHarness({ maxRunningOtherTasks: 1 });
    scheduler.worker(1);
    scheduler.tell(workflow('a', [task('a')]));
    scheduler.tell(workflow('b', [task('b'), scan('b-scan')]));
    expect(scheduler.cancel('b')).toEqual(['done b: cancelled']);
    expect(scheduler.dones[0]!.fault!.message).toBe('not wanted any more');
  });

  it('by cancelling while it runs comes when the last of its tasks has ended', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(workflow('w', [task('root'), scan('a'), scan('b')]));
    expect(scheduler.cancel('w')).toEqual(['cancel root', 'cancel a']);
    expect(scheduler.finish('a')).toEqual([]);
    expect(scheduler.finish('root')).toEqual(['done w: cancelled']);
    expect(scheduler.cancel('w')).toEqual([]);
    expect(scheduler.leftovers()).toEqual(NOTHING_LEFT);
  });

  it('gives the slots of a cancelled query to the next', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(workflow('a', [scan('a1'), scan('a2')]));
    scheduler.tell(workflow('b', [scan('b1')]));
    scheduler.cancel('a');
    expect(assigned(scheduler.finish('a1'))).toEqual(['b1']);
  });
});

describe('enough rows', () => {
  const newestFirst = (tasks: Parameters<typeof workflow>[1]) =>
    workflow('w', tasks, { enough: { rows: 10, ascending: false } });

  it('skip the scans that cannot add any, close their streams, and bound those that can', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    const ranges = [
      [80n, 100n],
      [55n, 90n],
      [20n, 50n],
      [0n, 20n],
    ] as const;
    const scans = ranges.map(([from, to], i) => scan(`scan${i}`, 1, from, to));
    scheduler.tell(newestFirst([task('root'), ...scans]));
    const effects = scheduler.step(status('scan0', 'completed', { emitted: [{ rows: 10, lastTime: 60n }] }));
    expect(effects.at(-1)!.message).toMatchObject({ kind: 'task.assign', task: { id: 'scan1' }, bound: 60n });
    expect(scheduler.finish('scan1')).toEqual(['close s-scan2', 'close s-scan3']);
    scheduler.finish('root');
    expect(scheduler.dones).toMatchObject([{ skipped: 2 }]);
    expect(scheduler.state.counters).toMatchObject({ skipped: 2, completed: 3 });
  });

  it('are counted over scans: the worst of those needed bounds the rest', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(2);
    const scans = [scan('a', 4, 50n, 100n), scan('b', 1, 40n, 90n), scan('c', 1, 0n, 45n), scan('d', 1, 0n, 42n)];
    scheduler.tell(newestFirst([task('root'), ...scans]));
    const effects = scheduler.step(status('a', 'completed', { emitted: [{ rows: 6, lastTime: 70n }] }));
    expect(effects.at(-1)!.message).toMatchObject({ kind: 'task.assign', task: { id: 'c' } });
    expect(effects.at(-1)!.message).not.toHaveProperty('bound');
    expect(scheduler.tell(status('b', 'completed', { emitted: [{ rows: 4, lastTime: 42n }] }))).toEqual(['close s-d']);
  });

  it('are waited for where the scans that run are likely to find them, and no longer', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(2);
    const scans = [scan('a', 1, 60n, 100n), scan('b', 1, 30n, 62n), scan('c', 1, 0n, 32n), scan('d', 1, 0n, 31n)];
    scheduler.tell(newestFirst([task('root'), ...scans]));
    const emitted = [{ rows: 6, lastTime: 70n }];
    expect(assigned(scheduler.tell(status('a', 'completed', { emitted })))).toEqual([]);
    expect(assigned(scheduler.tell(status('b', 'completed', { emitted: [{ rows: 3, lastTime: 40n }] })))).toEqual([
      'c',
      'd',
    ]);
  });

  it('are waited for where a scan is sent ahead to find them, though not for long', () => {
    const query = [task('root'), { ...scan('a', 1, 60n, 100n), ahead: true } as const, scan('b', 1, 0n, 61n)];
    const finds = (rows: number): string[] => {
      const scheduler = new SchedulerHarness();
      scheduler.worker(2);
      expect(assigned(scheduler.tell(newestFirst(query)))).toEqual(['root', 'a']);
      return scheduler.tell(status('a', 'completed', rows > 0 ? { emitted: [{ rows, lastTime: 70n }] } : {}));
    };
    expect(finds(10)).toEqual(['close s-b']);
    expect([assigned(finds(9)), assigned(finds(0))]).toEqual([['b'], ['b']]);
    const slow = new SchedulerHarness();
    slow.worker(2);
    slow.tell(newestFirst(query));
    expect(assigned(slow.wait(250))).toEqual(['b']);
  });

  it('are told of in parts, so that the last of them need not be needed', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(newestFirst([task('root'), scan('a', 1, 50n, 100n), scan('b', 1, 0n, 52n)]));
    const emitted = [
      { rows: 10, lastTime: 60n },
      { rows: 5, lastTime: 50n },
    ];
    expect(scheduler.tell(status('a', 'completed', { emitted }))).toEqual(['close s-b']);
  });

  it('do not skip a scan whose first row may be at the very time', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(1);
    scheduler.tell(newestFirst([task('root'), scan('a', 1, 50n, 100n), scan('b', 1, 0n, 51n)]));
    const effects = scheduler.tell(status('a', 'completed', { emitted: [{ rows: 10, lastTime: 50n }] }));
    expect(assigned(effects)).toEqual(['b']);
  });
});
