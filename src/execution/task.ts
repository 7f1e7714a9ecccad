import type { Node } from '../planning/physical/node.js';
import { encodeFrame, type Frame } from '../wire/arrow-frame.js';
import type { TaskReport } from '../wire/messages/workflow.js';
import { tableToFrame } from './batch/rows-table.js';
import { samplesToFrame, statesToFrame } from './batch/sample-frames.js';
import { build } from './build.js';
import type { ExecutionContext } from './context.js';

/** Runs a fragment to its end, handing every frame to `send`, which resolves when the stream has room for the next. */
export async function runFragment(
  fragment: Node,
  context: ExecutionContext,
  send: (frame: Uint8Array) => Promise<void>,
): Promise<TaskReport> {
  let emitted: TaskReport['emitted'];
  for await (const frame of frames(fragment, context)) {
    context.signal.throwIfAborted();
    if (frame.kind === 'rows') emitted = countRows(emitted, frame);
    await send(encodeFrame(frame));
  }
  const { rowsScanned, bytesScanned, metadataBytesScanned, rowsKept, pages, pagesPruned, liveRows } = context.counters;
  return {
    ...{ rowsScanned, bytesScanned, metadataBytesScanned, rowsKept, pages, pagesPruned, liveRows },
    operators: context.observe?.operators ?? [],
    ...(emitted === undefined ? {} : { emitted }),
  };
}

async function* frames(fragment: Node, context: ExecutionContext): AsyncGenerator<Frame> {
  const output = build(fragment, context);
  switch (output.kind) {
    case 'rows':
      for await (const table of output.tables) yield tableToFrame(table);
      return;
    case 'states':
      for await (const batch of output.states) yield statesToFrame(batch);
      return;
    case 'samples':
      for await (const batch of output.samples) yield samplesToFrame(batch);
      return;
  }
}

/** What a task's rows vouch for is told of so many parts of them: mostly, fewer than all are enough. */
const PARTS = 8;

/** Rows come in the order of the query, so the last one of a part is its worst. */
function countRows(before: TaskReport['emitted'], frame: Frame): TaskReport['emitted'] {
  const times = frame.columns.find((column) => column.name === 'timestamp');
  if (times?.type !== 'timestamp' || frame.rows === 0) return before;
  const size = Math.ceil(frame.rows / PARTS);
  const parts = [...(before ?? [])];
  for (let first = 0; first < frame.rows; first += size) {
    const rows = Math.min(size, frame.rows - first);
    parts.push({ rows, lastTime: times.values[first + rows - 1]! });
  }
  return parts;
}
