import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_REPORT, workflow } from '../../../test/support/scheduler.js';
import { type Behaviour, endless, relay, Workflows } from '../../../test/support/workflows.js';
import type { LiveTarget } from '../../planning/physical/node.js';
import { FaultError, fault } from '../../wire/fault.js';
import type { TaskManifest, WorkflowStart } from '../../wire/messages/workflow.js';
import { STREAM_WINDOW_FRAMES } from '../stream/sender.js';

const SCAN = 'scan';

/** A task whose behaviour is that of `fragment`, and which reads the sinks of `inputs`, each slot a list of tasks. */
function of(id: string, fragment: string, inputs: readonly (readonly string[])[] = []): TaskManifest {
  const sources = inputs.map((slot) => slot.map((input) => `s-${input}`));
  return { id, fragment, sources, sink: `s-${id}`, scan: fragment.startsWith(SCAN), cost: 1 };
}

function start(tasks: readonly TaskManifest[], id = 'w', more: Partial<WorkflowStart> = {}): WorkflowStart {
  return workflow(id, tasks, { results: tasks.at(-1)!.sink, ...more });
}

/** scan -> 1 -> 2 -> ... -> n, each its own task. */
function chain(length: number): TaskManifest[] {
  return Array.from({ length: length + 1 }, (_, i) =>
    i === 0 ? of('0', SCAN) : of(String(i), 'relay', [[String(i - 1)]]),
  );
}

describe('a workflow', () => {
  it.each([1, 2, 40])('of a chain of %i tasks above a scan finishes with one slot', async (length) => {
    const system = new Workflows({ scan: relay(20) });
    system.start(start(chain(length)));
    await system.settle();
    expect(system.frames).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(system.dones).toMatchObject([{ workflow: 'w', skipped: 0 }]);
    expect(system.dones[0]!.fault).toBeUndefined();
    expect(system.dones[0]!.reports).toHaveLength(length + 1);
    expect(system.leftAddresses()).toEqual([]);
  });

  it('of any shape finishes with one slot and delivers every frame', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ frames: fc.nat(30), reads: fc.array(fc.nat(3), { maxLength: 3 }) }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.integer({ min: 1, max: 3 }),
        async (shapes, slots) => {
          const unread: string[] = [];
          const behaviours: Record<string, Behaviour> = {};
          const tasks = shapes.map(({ frames, reads }, i) => {
            const inputs = reads.flatMap(() => unread.splice(0, 1));
            unread.push(String(i));
            behaviours[`scan${i}`] = relay(frames);
            return inputs.length === 0 ? of(String(i), `scan${i}`) : of(String(i), 'relay', [inputs]);
          });
          const root = of('root', 'relay', [unread]);
          const total = shapes.reduce((sum, { frames }, i) => sum + (tasks[i]!.scan ? frames : 0), 0);
          const system = new Workflows(behaviours, { slots });
          system.start(start([...tasks, root]));
          await system.settle();
          expect(system.dones.map((done) => done.fault)).toEqual([undefined]);
          expect(system.frames).toHaveLength(total);
          expect(system.leftAddresses()).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('spread over several workers delivers every frame', async () => {
    const system = new Workflows({ scan: relay(20) }, { workers: 3 });
    const scans = Array.from({ length: 6 }, (_, i) => of(`scan${i}`, SCAN));
    system.start(
      start([...scans, of('middle', 'relay', [scans.map(({ id }) => id)]), of('root', 'relay', [['middle']])]),
    );
    await system.settle();
    expect(system.frames).toHaveLength(120);
    expect(system.dones.map((done) => done.fault)).toEqual([undefined]);
  });

  it('runs no more scans at once than there are slots', async () => {
    let most = 0;
    const count: Behaviour = async (io, job) => {
      most = Math.max(most, system.pool.running);
      await relay(3)(io, job);
    };
    const system: Workflows = new Workflows({ scan: count }, { slots: 2 });
    const scans = Array.from({ length: 8 }, (_, i) => of(`scan${i}`, SCAN));
    system.start(start([...scans, of('root', 'relay', [scans.map(({ id }) => id)])]));
    await system.settle();
    expect(most).toBe(3); // two scans and the root
    expect(system.pool.started.filter((name) => name === SCAN)).toHaveLength(8);
  });

  it('without a scan needs no slot', async () => {
    const system = new Workflows({ constant: relay(1) }, { slots: 0 });
    system.start(start([of('root', 'constant')]));
    await system.settle();
    expect(system.frames).toEqual([0]);
  });

  it('of which enough rows are certain ends without the scans that were skipped', async () => {
    const late: Behaviour = async () => {
      throw new Error('must not run');
    };
    const first: Behaviour = (io, job) => relay(1)(io, job);
    const system = new Workflows({ scanFirst: first, scanLate: late });
    const tasks = [
      { ...of('a', 'scanFirst'), maxTimeRange: { start: 50n, end: 100n } },
      { ...of('b', 'scanLate'), maxTimeRange: { start: 0n, end: 50n } },
      of('root', 'relay', [['a', 'b']]),
    ];
    const run = system.pool.run.bind(system.pool);
    system.pool.run = async (job, io) => ({ ...(await run(job, io)), emitted: [{ rows: 1, lastTime: 60n }] });
    system.start(start(tasks, 'w', { enough: { rows: 1, ascending: false } }));
    await system.settle();
    expect(system.dones).toMatchObject([{ skipped: 1 }]);
    expect(system.frames).toEqual([0]);
    expect(system.complete).toBe(1);
    expect(system.leftAddresses()).toEqual([]);
  });
});

describe('a slow receiver', () => {
  it('stops its sender: frames under way are bounded at every stream', async () => {
    const system = new Workflows({ scan: relay(1000) });
    system.start(start(chain(3)), false);
    await system.settle();
    // Each task holds the frame it waits to send on; its own window is full of frames it has taken.
    const sent = [...system.router.framesSent].sort();
    expect(sent).toHaveLength(4);
    expect(system.router.framesSent.get('s-3')).toBe(STREAM_WINDOW_FRAMES);
    for (const [, frames] of sent) expect(frames).toBeLessThanOrEqual(5 * STREAM_WINDOW_FRAMES);
    expect(system.pool.running).toBe(4);
    system.cancel('w');
    await system.settle();
    expect(system.pool.running).toBe(0);
    expect(system.leftAddresses()).toEqual([]);
  });
});

describe('cancelling', () => {
  it('stops running tasks, frees every address, and lets the next query in', async () => {
    const system = new Workflows({ scanEndless: endless, scan: relay(2) });
    system.start(start([of('a', 'scanEndless'), of('b', 'scanEndless'), of('root', 'relay', [['a', 'b']])]));
    await system.settle();
    expect(system.pool.running).toBe(2);
    system.start(start([of('c', SCAN)], 'next'));
    await system.settle();
    expect(system.frames).toEqual([]);
    system.cancel('w');
    await system.settle();
    expect(system.dones.map(({ workflow: id, fault: why }) => [id, why?.code])).toEqual([
      ['w', 'cancelled'],
      ['next', undefined],
    ]);
    expect(system.frames).toEqual([0, 1]);
    expect(system.pool.running).toBe(0);
    expect(system.leftAddresses()).toEqual([]);
    expect(system.scheduler.observe()).toMatchObject({ workflows: 0, tasks: 0 });
    expect(system.workers[0]!.running).toBe(0);
  });

  it('does not make the stream of results look complete', async () => {
    const system = new Workflows({ scanEndless: endless });
    system.start(start([of('a', 'scanEndless')]));
    await system.settle();
    system.cancel('w');
    await system.settle();
    expect(system.dones).toMatchObject([{ fault: { code: 'cancelled' } }]);
    expect(system.complete).toBe(0);
  });

  it('stops a task that waits for room', async () => {
    const system = new Workflows({ scan: relay(100) });
    system.start(start([of('a', SCAN)]), false);
    await system.settle();
    system.cancel('w');
    await system.settle();
    expect(system.pool.running).toBe(0);
    expect(system.dones).toHaveLength(1);
  });

  it('at any moment ends the workflow once and frees everything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(60), async (turns) => {
        const system = new Workflows({ scan: relay(12) }, { slots: 2 });
        const scans = ['x', 'y', 'z'].map((id) => of(id, SCAN));
        system.start(start([...scans, of('middle', 'relay', [['x', 'y', 'z']]), of('root', 'relay', [['middle']])]));
        for (let i = 0; i < turns; i++) await null;
        system.cancel('w');
        system.cancel('w');
        await system.settle();
        expect(system.dones).toHaveLength(1);
        expect(system.pool.running).toBe(0);
        expect(system.leftAddresses()).toEqual([]);
        expect(system.scheduler.observe()).toMatchObject({ workflows: 0, tasks: 0 });
      }),
      { numRuns: 60 },
    );
  });
});

describe('a task that fails', () => {
  const broken =
    (why: unknown): Behaviour =>
    async () => {
      throw why;
    };

  it.each([
    ['by an error', new Error('boom'), 'internal'],
    ['by a fault', new FaultError(fault('too-large', 'boom')), 'too-large'],
  ])('%s fails its workflow with that, and the others stop', async (_, why, code) => {
    const system = new Workflows({ scanBroken: broken(why), scanEndless: endless }, { slots: 2 });
    system.start(start([of('a', 'scanEndless'), of('b', 'scanBroken'), of('root', 'relay', [['a', 'b']])]));
    await system.settle();
    expect(system.dones).toMatchObject([{ fault: { code, message: 'boom' } }]);
    expect(system.pool.running).toBe(0);
    expect(system.leftAddresses()).toEqual([]);
    expect(system.scheduler.observe().counters.failed).toBeGreaterThanOrEqual(1);
  });

  it('leaves its slot to the next', async () => {
    const system = new Workflows({ scanBroken: broken(new Error('boom')), scan: relay(1) });
    for (let i = 0; i < 3; i++) system.start(start([of(`a${i}`, 'scanBroken')], `w${i}`));
    system.start(start([of('b', SCAN)], 'last'));
    await system.settle();
    expect(system.dones).toHaveLength(4);
    expect(system.frames).toEqual([0]);
  });

  it('at once, before it has waited for anything, still says so', async () => {
    const system = new Workflows({});
    system.pool.run = () => {
      throw new Error('no thread left');
    };
    system.start(start(chain(2)));
    await system.settle();
    expect(system.dones).toMatchObject([{ fault: { message: 'no thread left' } }]);
    expect(system.leftAddresses()).toEqual([]);
  });
});

describe('a worker', () => {
  const live: LiveTarget = {
    ...{ kind: 'live', ingester: 'ingester/0', snapshot: 'm', streams: Int32Array.of(3), windows: [], overlaps: [] },
    ...{ minTime: 0n, maxTime: 1n, rows: 1, bytes: 1 },
  };

  it('tells the pool what the task was told', async () => {
    let seen: unknown;
    const system = new Workflows({
      scan: async (_, { slots, run, memoryBytesMax }) => {
        seen = { slots, run, memoryBytesMax };
      },
    });
    system.start(start([of('a', SCAN)], 'w', { run: { analyze: true, now: 7n } }));
    await system.settle();
    expect(seen).toEqual({ slots: 0, run: { analyze: true, now: 7n }, memoryBytesMax: 1000 });
  });

  it('reads memory of ingesters for its tasks', async () => {
    let labels: unknown;
    const system = new Workflows({
      scan: async (io) => {
        labels = (await io.readLive(live)).labels;
      },
    });
    system.router.register('ingester/0', ({ message, ask }) => {
      expect(message).toEqual({ kind: 'live.read', snapshot: 'm', streams: Int32Array.of(3) });
      ask!.reply({ kind: 'live.batches', batches: [], labels: [[['app', 'x']]] });
    });
    system.start(start([of('a', SCAN)]));
    await system.settle();
    expect(labels).toEqual([[['app', 'x']]]);
    expect(system.dones[0]!.reports).toEqual([{ ...NO_REPORT, rowsScanned: 1 }]);
  });

  it('fails a task whose ingester does not answer', async () => {
    const system = new Workflows({ scan: async (io) => void (await io.readLive(live)) });
    system.router.register('ingester/0', () => {});
    system.start(start([of('a', SCAN)]));
    await system.settle();
    await system.clock.advance(100);
    await system.settle();
    expect(system.dones).toMatchObject([{ fault: { code: 'timeout' } }]);
  });

  it('that stops and is the only one fails what it runs', async () => {
    const system = new Workflows({ scanEndless: endless });
    system.start(start([of('a', 'scanEndless'), of('root', 'relay', [['a']])]));
    await system.settle();
    system.workers[0]!.close();
    await system.settle();
    expect(system.dones).toMatchObject([{ fault: { code: 'unavailable' }, again: true }]);
    expect(system.leftAddresses()).toEqual([]);
  });

  it('ignores a task it already runs, and messages about tasks it does not know', async () => {
    const system = new Workflows({ scanEndless: endless });
    const task = of('a', 'scanEndless');
    const assign = {
      ...{ kind: 'task.assign' as const, incarnation: 0, workflow: 'w', tenant: 't', task, attempt: 0, floor: 0 },
      ...{ receiver: 'stream/s-a', run: { analyze: false, now: 0n } },
    };
    system.router.tell('scheduler/0', 'worker/0', assign);
    system.router.tell('scheduler/0', 'worker/0', assign);
    system.router.tell('scheduler/0', 'worker/0', { kind: 'task.cancel', task: 'unknown', attempt: 0 });
    await system.settle();
    expect(system.pool.started).toEqual(['scanEndless']);
    system.router.tell('scheduler/0', 'worker/0', { kind: 'task.cancel', task: 'a', attempt: 0 });
    system.router.tell('scheduler/0', 'worker/0', { kind: 'task.cancel', task: 'a', attempt: 0 });
    await system.settle();
    expect(system.leftAddresses()).toEqual([]);
  });
});
