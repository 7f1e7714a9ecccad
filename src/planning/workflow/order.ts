import type { StreamId, Task, Workflow } from './task.js';

/** A task with its place in the numbering of prints: from the root down, those feeding a task right after it. */
export interface NumberedTask {
  readonly number: number;
  readonly task: Task;
  /** Absent at the root. */
  readonly receiver?: number;
  readonly senders: readonly (readonly number[])[];
}

export function numberTasks({ tasks, results }: Workflow): readonly NumberedTask[] {
  const bySink = new Map(tasks.map((task) => [task.sink, task]));
  const numbered: NumberedTask[] = [];
  const visit = (sink: StreamId, receiver?: number): number => {
    const task = bySink.get(sink);
    if (task === undefined) throw new Error(`workflow: nobody sends stream ${sink}`);
    const at = numbered.length;
    numbered.push({ number: at + 1, task, senders: [] });
    const senders = task.sources.map((streams) => streams.map((stream) => visit(stream, at + 1)));
    numbered[at] = { number: at + 1, task, senders, ...(receiver === undefined ? {} : { receiver }) };
    return at + 1;
  };
  visit(results);
  return numbered;
}
