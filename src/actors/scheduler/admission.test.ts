import { describe, expect, it } from 'vitest';
import { assigned, NOTHING_LEFT, SchedulerHarness, scan, task, workflow } from '../../../test/support/scheduler.js';
import { fault } from '../../wire/fault.js';
import { queueLengths } from './tenants.js';

describe('admission', () => {
  const of = (id: string, others: number) =>
    workflow(id, [...Array.from({ length: others }, (_, i) => task(`${id}${i}`)), scan(`${id}-scan`)]);

  it('lets a query in with all of its tasks without a scan or with none', () => {
    const scheduler = new SchedulerHarness({ maxRunningOtherTasks: 3 });
    scheduler.worker(4);
    expect(assigned(scheduler.tell(of('a', 2)))).toEqual(['a0', 'a1', 'a-scan']);
    expect(scheduler.tell(of('b', 2))).toEqual([]);
    expect(scheduler.finish('a1')).toEqual(['assign b0', 'assign b1', 'assign b-scan']);
  });

  it('lets nobody overtake the first that waits', () => {
    const scheduler = new SchedulerHarness({ maxRunningOtherTasks: 3 });
    scheduler.worker(4);
    scheduler.tell(of('a', 2));
    expect([...scheduler.tell(of('b', 3)), ...scheduler.tell(of('c', 1))]).toEqual([]);
    scheduler.finish('a0');
    expect(assigned(scheduler.finish('a1'))).toEqual(['b0', 'b1', 'b2', 'b-scan']);
  });

  it('runs a query larger than the bound alone', () => {
    const scheduler = new SchedulerHarness({ maxRunningOtherTasks: 2 });
    scheduler.worker(1);
    expect(assigned(scheduler.tell(of('a', 5)))).toHaveLength(6);
  });

  it('a tenant with 1,000 queries does not delay the one of another', () => {
    const scheduler = new SchedulerHarness({
      maxRunningOtherTasks: 10,
      queuedWorkflowsMax: 5000,
      queuedPerTenantMax: 5000,
    });
    scheduler.worker(2);
    for (let i = 0; i < 1000; i++)
      scheduler.tell(workflow(`many${i}`, [task(`many${i}`), scan(`many${i}-scan`, 1000)], { tenant: 'many' }));
    expect(scheduler.state.runningOthers).toBe(10);
    const one = [task('one'), scan('one-scan', 1000), scan('one-more', 1000)];
    expect(scheduler.tell(workflow('one', one, { tenant: 'one' }))).toEqual(['assign one']);
    // Of the slots that become free each tenant gets its share, from the first on.
    const next = [scheduler.finish('many0-scan'), scheduler.finish('many1-scan')].flatMap(assigned);
    expect(next.filter((id) => id.startsWith('one'))).not.toEqual([]);
    expect([...next, ...assigned(scheduler.finish(next[0]!)), ...assigned(scheduler.finish(next[1]!))]).toEqual(
      expect.arrayContaining(['one-scan', 'one-more']),
    );
  });

  it('takes tenants by turns, the one with fewest running first, and queries of a tenant in order', () => {
    const scheduler = new SchedulerHarness({ maxRunningOtherTasks: 1 });
    scheduler.worker(1);
    scheduler.tell(workflow('first', [task('first')], { tenant: 'x' }));
    scheduler.tell(workflow('second', [task('second')], { tenant: 'y' }));
    for (const id of ['a1', 'a2', 'a3']) scheduler.tell(workflow(id, [task(id)], { tenant: 'a' }));
    for (const id of ['b1', 'b2', 'b3']) scheduler.tell(workflow(id, [task(id)], { tenant: 'b' }));
    const order: string[] = [];
    for (const running = ['first', 'second']; running.length > 0; ) {
      const next = assigned(scheduler.finish(running.shift()!));
      order.push(...next);
      running.push(...next);
    }
    expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });

  it('a tenant that comes back cannot claim the bytes it did not ask for', () => {
    const scheduler = new SchedulerHarness();
    scheduler.worker(0);
    const scans = (prefix: string) => Array.from({ length: 20 }, (_, i) => scan(`${prefix}${i}`, 100));
    scheduler.tell(workflow('busy', scans('busy'), { tenant: 'busy' }));
    const slots = (count: number) => assigned(scheduler.tell({ kind: 'worker.ready', slots: count }));
    expect(slots(10)).toHaveLength(10);
    scheduler.tell(workflow('late', scans('late'), { tenant: 'late' }));
    const next = slots(16);
    expect(next.filter((id) => id.startsWith('late'))).toHaveLength(3);
  });

  it('a tenant has its own bound of waiting queries, below that of all', () => {
    const bounds = { maxRunningOtherTasks: 1, queuedWorkflowsMax: 3, queuedPerTenantMax: 2 };
    const scheduler = new SchedulerHarness(bounds);
    scheduler.worker(1);
    for (const id of ['x', 'y']) scheduler.tell(workflow(id, [task(id)], { tenant: id }));
    const start = (id: string, tenant: string) => scheduler.tell(workflow(id, [task(id)], { tenant }));
    expect([start('a1', 'a'), start('a2', 'a'), start('a3', 'a')]).toEqual([[], [], ['done a3: limited']]);
    expect([start('b1', 'b'), start('b2', 'b')]).toEqual([[], ['done b2: limited']]);
    expect(queueLengths(scheduler.state)).toEqual(
      new Map([
        ['x', 0],
        ['y', 0],
        ['a', 2],
        ['b', 1],
      ]),
    );
    expect(scheduler.state.counts.get('a')).toMatchObject({ queries: 2, refused: 1 });
    scheduler.cancel('a1');
    expect(start('a4', 'a')).toEqual([]);
  });

  it('counts so many tenants by name and the rest together', () => {
    const scheduler = new SchedulerHarness({ maxRunningOtherTasks: 1, queuedWorkflowsMax: 1000 });
    scheduler.worker(1);
    for (let i = 0; i < 150; i++) scheduler.tell(workflow(`w${i}`, [task(`t${i}`)], { tenant: `tenant${i}` }));
    expect(scheduler.state.counts.size).toBe(101);
    expect(scheduler.state.counts.get('(others)')).toMatchObject({ queries: 50 });
    expect(queueLengths(scheduler.state).get('(others)')).toBe(50);
    for (let i = 0; i < 150; i++) scheduler.cancel(`w${i}`);
    for (let i = 0; i < 2; i++) scheduler.finish(`t${i}`);
    expect(scheduler.leftovers()).toEqual(NOTHING_LEFT);
  });

  it('refuses when too many wait, and takes new ones when they have gone', () => {
    const scheduler = new SchedulerHarness({ maxRunningOtherTasks: 1, queuedWorkflowsMax: 1 });
    scheduler.worker(1);
    scheduler.tell(of('a', 1));
    expect(scheduler.tell(of('b', 1))).toEqual([]);
    expect(scheduler.tell(of('c', 1))).toEqual(['done c: limited']);
    expect(scheduler.dones[0]!.fault).toEqual(fault('limited', 'too many outstanding requests'));
    scheduler.cancel('b');
    expect(scheduler.tell(of('d', 1))).toEqual([]);
    expect(scheduler.state.counters.refused).toBe(1);
  });

  it('without a worker is unavailable', () => {
    const scheduler = new SchedulerHarness();
    expect(scheduler.tell(of('a', 1))).toEqual(['done a: unavailable']);
    expect(scheduler.leftovers()).toEqual(NOTHING_LEFT);
  });
});

describe('scans of the same section', () => {
  const workersOf = (scheduler: SchedulerHarness, from: number, to: number): string[] => {
    const tasks = Array.from({ length: to - from }, (_, i) => ({ ...scan(`t${from + i}`), affinity: `o#${i % 8}` }));
    scheduler.tell(workflow(`w${from}`, [task(`root${from}`), ...tasks]));
    return tasks.map(({ id }) => scheduler.state.tasks.get(id)!.executions[0]!.worker.address);
  };

  it('go to the same worker, other sections to others', () => {
    const scheduler = new SchedulerHarness();
    for (const address of ['worker/0', 'worker/1', 'worker/2']) scheduler.worker(20, address);
    const first = workersOf(scheduler, 0, 8);
    expect(workersOf(scheduler, 10, 18)).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
  });

  it('do not wait for it', () => {
    const scheduler = new SchedulerHarness();
    for (const address of ['worker/0', 'worker/1']) scheduler.worker(8, address);
    const all = [...workersOf(scheduler, 0, 8), ...workersOf(scheduler, 10, 18)];
    expect(all.filter((address) => address === 'worker/0')).toHaveLength(8);
  });

  it('of a worker that left are shared by the rest, whose own sections stay', () => {
    const scheduler = new SchedulerHarness();
    for (const address of ['worker/0', 'worker/1', 'worker/2']) scheduler.worker(20, address);
    const before = workersOf(scheduler, 0, 8);
    scheduler.tell({ kind: 'worker.hello', incarnation: 1, scanSlots: 0, running: [], leaving: true }, 'worker/0');
    const after = workersOf(scheduler, 10, 18);
    before.forEach((address, i) => {
      if (address !== 'worker/0') expect(after[i]).toBe(address);
      else expect(after[i]).not.toBe('worker/0');
    });
  });
});
