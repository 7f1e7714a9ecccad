import { describe, expect, it } from 'vitest';
import { scan, task } from '../../../test/support/scheduler.js';
import { fault } from '../../wire/fault.js';
import type { Message } from '../../wire/message.js';
import type { TaskAssign, TaskManifest } from '../../wire/messages/workflow.js';
import { DEFAULT_WORKER_TIMES, type WorkerSettings } from './settings.js';
import { newWorker, type WorkerEffect, type WorkerEvent, type WorkerState } from './state.js';
import { emptyReport, stepWorker } from './step.js';

const SETTINGS: WorkerSettings = {
  ...DEFAULT_WORKER_TIMES,
  ...{ scanSlots: 4, memoryBytesMax: 1000, liveReadTimeoutMs: 1000 },
};
const A = 'scheduler/a';
const B = 'scheduler/b';
const DONE = { status: 'completed' as const, report: emptyReport() };

class Harness {
  schedulers: readonly string[];
  readonly state: WorkerState = newWorker(5);

  constructor(...schedulers: string[]) {
    this.schedulers = schedulers;
    this.wait(250);
  }

  step(event: WorkerEvent): string[] {
    return stepWorker(this.state, SETTINGS, event).map(text);
  }

  tell(message: Message, from = A): string[] {
    return this.step({ kind: 'message', from, message });
  }

  assign(manifest: TaskManifest, from = A, more: Partial<TaskAssign> = {}): string[] {
    return this.tell(
      {
        ...{ kind: 'task.assign', incarnation: 5, workflow: 'w', tenant: 't', task: manifest, attempt: 0, floor: 0 },
        ...{ receiver: 'stream/s', run: { analyze: false, now: 0n } },
        ...more,
      },
      from,
    );
  }

  end(key: string): string[] {
    return this.step({ kind: 'ended', key, outcome: DONE });
  }

  wait(ms: number): string[] {
    const texts: string[] = [];
    for (let passed = 0; passed < ms; passed += SETTINGS.tickMs)
      texts.push(...this.step({ kind: 'tick', schedulers: this.schedulers }));
    return texts;
  }
}

function text(effect: WorkerEffect): string {
  if (effect.kind !== 'send') return `${effect.kind} ${effect.key}`;
  const { to, message } = effect;
  const where = to === A ? '' : ` to ${to}`;
  switch (message.kind) {
    case 'worker.hello': {
      const running = message.running.map((ref) => ` ${ref.task}#${ref.attempt}`).join('');
      return `${message.leaving ? 'bye' : 'hello'} ${message.scanSlots}${running}${where}`;
    }
    case 'worker.ready':
      return `ready ${message.slots}${where}`;
    case 'task.status':
      return `${message.status} ${message.task}#${message.attempt}${where}`;
    default:
      throw new Error(`a worker does not say ${message.kind}`);
  }
}

describe('a worker', () => {
  it('says hello at once, then once a second, with what it runs for whom', () => {
    const worker = new Harness();
    worker.schedulers = [A, B];
    worker.state.sinceHelloMs = Number.POSITIVE_INFINITY;
    expect(worker.wait(250)).toEqual(['hello 4', 'hello 4 to scheduler/b']);
    worker.assign(task('x'));
    worker.assign(task('y'), B);
    expect(worker.wait(750)).toEqual([]);
    expect(worker.wait(250)).toEqual(['hello 4 x#0', 'hello 4 y#0 to scheduler/b']);
  });

  it('says hello to a new scheduler at once, and to that one only', () => {
    const worker = new Harness(A);
    worker.wait(500);
    worker.schedulers = [A, B];
    expect(worker.wait(250)).toEqual(['hello 4 to scheduler/b']);
    expect(worker.wait(250)).toEqual(['hello 4', 'hello 4 to scheduler/b']);
  });

  it('runs an attempt once, however often and late it is assigned', () => {
    const worker = new Harness(A);
    expect(worker.assign(task('x'))).toEqual(['run x#0']);
    expect(worker.assign(task('x'))).toEqual([]);
    expect(worker.end('x#0')).toEqual(['completed x#0']);
    worker.tell({ kind: 'task.ack', task: 'x', attempt: 0 });
    expect(worker.assign(task('x'))).toEqual([]);
    expect(worker.assign(task('x'), A, { attempt: 1 })).toEqual(['run x#1']);
  });

  it('does not run what is meant for an earlier life', () => {
    expect(new Harness(A).assign(task('x'), A, { incarnation: 4 })).toEqual([]);
  });

  it('repeats a status with every heartbeat until it is acknowledged', () => {
    const worker = new Harness(A);
    worker.assign(task('x'));
    worker.end('x#0');
    for (let i = 0; i < 3; i++) {
      worker.tell({ kind: 'worker.welcome', unknown: [] });
      expect(worker.wait(1000)).toEqual(['hello 4', 'completed x#0']);
    }
    expect(worker.tell({ kind: 'task.ack', task: 'x', attempt: 0 })).toEqual([]);
    expect(worker.wait(1000)).toEqual(['hello 4']);
  });

  it('cancels what it is told to, and what its scheduler does not know', () => {
    const worker = new Harness(A);
    worker.assign(task('x'));
    worker.assign(task('y'));
    expect(worker.tell({ kind: 'task.cancel', task: 'x', attempt: 0 })).toEqual(['abort x#0']);
    expect(worker.tell({ kind: 'worker.welcome', unknown: [{ task: 'y', attempt: 0 }] })).toEqual(['abort y#0']);
  });

  it('says of a task it does not have that it does not run, and then never runs it', () => {
    const worker = new Harness(A);
    expect(worker.tell({ kind: 'task.cancel', task: 'x', attempt: 0 })).toEqual(['cancelled x#0']);
    expect(worker.assign(task('x'))).toEqual([]);
  });

  it('does not take back a status that is under way', () => {
    const worker = new Harness(A);
    worker.assign(task('x'));
    worker.end('x#0');
    expect(worker.tell({ kind: 'task.cancel', task: 'x', attempt: 0 })).toEqual([]);
  });

  it('offers each scheduler the slots that others do not use, and says when that changes', () => {
    const worker = new Harness(A, B);
    expect(worker.assign(scan('x'))).toEqual(['run x#0', 'ready 3 to scheduler/b']);
    expect(worker.assign(scan('y'), B)).toEqual(['run y#0', 'ready 3']);
    expect(worker.end('x#0')).toEqual(['completed x#0', 'ready 4 to scheduler/b']);
  });

  it('gives up the tasks of a scheduler that is silent, and goes on telling it while it is said to exist', () => {
    const worker = new Harness(A, B);
    worker.assign(task('x'));
    worker.assign(task('y'));
    worker.end('y#0');
    worker.assign(task('z'), B);
    for (let i = 0; i < 9; i++) {
      expect(worker.wait(1000)).not.toContain('abort x#0');
      worker.tell({ kind: 'worker.welcome', unknown: [] }, B);
    }
    const last = worker.wait(2000);
    expect(last).toContain('abort x#0');
    expect(last).not.toContain('abort z#0');
    worker.end('x#0');
    worker.tell({ kind: 'worker.welcome', unknown: [] }, B);
    worker.wait(1000);
    expect([...worker.state.pending]).toEqual([]);
    expect(worker.wait(1000)).toContain('hello 4');
    worker.schedulers = [B];
    worker.tell({ kind: 'worker.welcome', unknown: [] }, B);
    worker.wait(250);
    expect([...worker.state.schedulers.keys()]).toEqual([B]);
  });

  it('that stops gives everything up and says good-bye', () => {
    const worker = new Harness(A, B);
    worker.assign(task('x'));
    expect(worker.step({ kind: 'leave' })).toEqual(['abort x#0', 'bye 4 x#0', 'bye 4 to scheduler/b']);
  });

  it('forgets attempts of long ago', () => {
    const worker = new Harness(A);
    for (let i = 0; i < 20_050; i++) worker.tell({ kind: 'task.cancel', task: `t${i}`, attempt: 0 });
    expect(worker.state.known.size + worker.state.knownBefore.size).toBe(10_050);
    expect(worker.assign(task('t20049'))).toEqual([]);
    expect(worker.assign(task('t10049'))).toEqual([]);
    expect(worker.assign(task('t9999'))).toEqual(['run t9999#0']);
  });

  it('says why it gave a task up', () => {
    const worker = new Harness(A);
    worker.assign(task('x'));
    const [effect] = stepWorker(worker.state, SETTINGS, {
      ...{ kind: 'message', from: A, message: { kind: 'task.cancel', task: 'x', attempt: 0 } },
    });
    expect(effect).toEqual({ kind: 'abort', key: 'x#0', why: fault('cancelled', 'task was cancelled') });
  });
});
