import { decodeFrame, encodeFrame, type Frame, type FrameColumn, FrameError } from '../../../src/wire/arrow-frame.js';
import { decode, encode, MessageError } from '../../../src/wire/codec.js';
import { openEntries } from '../../../src/wire/entries.js';
import { isMessage, isReply } from '../../../src/wire/message-shape.js';
import { entriesOf } from '../../support/entries.js';
import { NO_REPORT } from '../../support/scheduler.js';
import { mutatedBytes, randomBytes } from '../mutate.js';
import { accepts, type FuzzTarget } from '../target.js';

const BATCH = entriesOf({
  '{app="a"}': [
    [1n, 'first line', { trace: 'x', level: 'info' }],
    [2n, 'é'],
  ],
  '{app="b"}': [
    [3n, ''],
    [4n, 'last', { trace: 'y' }],
  ],
});
const BATCH_BYTES = new Uint8Array(BATCH.buffer).slice();

/** Bytes are an entries batch whose every column can be read, or a RangeError. */
export const entries: FuzzTarget = {
  name: 'entries',
  weight: 1,
  attempt(random) {
    const bytes = random.chance(0.05) ? randomBytes(random, 200) : mutatedBytes(random, BATCH_BYTES);
    const buffer = new SharedArrayBuffer(bytes.length);
    new Uint8Array(buffer).set(bytes);
    return accepts(
      () => openEntries(buffer),
      (error) => error instanceof RangeError,
    );
  },
};

const FRAME = encodeFrame({
  kind: 'rows',
  rows: 3,
  attributes: { base: '5' },
  columns: [
    { name: 'ids', type: 'int32', values: Int32Array.of(1, 2, 3) },
    { name: 'values', type: 'float64', values: Float64Array.of(1, 2.5, Number.NaN) },
    { name: 'time', type: 'timestamp', values: BigInt64Array.of(1n, 2n, 3n) },
    { name: 'text', type: 'utf8', offsets: Int32Array.of(0, 1, 3, 6), bytes: Buffer.from('abcdef') },
    { name: 'labels', type: 'dictionary', ids: Int32Array.of(0, 1, 0), values: ['x', 'y'] },
    { name: 'pairs', type: 'list', starts: Int32Array.of(0, 2, 2, 3), ids: Int32Array.of(1, 0, 1), values: ['x', 'y'] },
  ],
});

const MORE_FRAMES = [
  encodeFrame({ kind: 'samples', rows: 0, attributes: { steps: '3' }, columns: [] }),
  encodeFrame({
    ...{ kind: 'states', rows: 2, attributes: {} },
    columns: [
      { name: 'series', type: 'dictionary', ids: Int32Array.of(0, 1), values: ['[["app","a"]]', '[]'] },
      { name: 'pane', type: 'int32', values: Int32Array.of(0, 2) },
      { name: 'state0', type: 'float64', values: Float64Array.of(1, 2) },
    ],
  }),
];

/** Any byte of a frame may be another one. What is accepted can be read to its end: nothing in it points outside. */
export const frame: FuzzTarget = {
  name: 'arrow-frame',
  weight: 1,
  attempt(random) {
    const sample = random.pick([FRAME, FRAME, ...MORE_FRAMES]);
    const bytes = random.chance(0.05) ? randomBytes(random, 300) : mutatedBytes(random, sample);
    return accepts(
      () => readAll(decodeFrame(bytes)),
      (error) => error instanceof FrameError,
    );
  },
};

function readAll({ rows, columns }: Frame): void {
  for (const column of columns) {
    for (let row = 0; row < rows; row++) {
      if (valueAt(column, row) === undefined) throw new Error(`row ${row} of ${column.name} is not there`);
    }
  }
}

function valueAt(column: FrameColumn, row: number): unknown {
  switch (column.type) {
    case 'utf8':
      return column.bytes.subarray(column.offsets[row]!, column.offsets[row + 1]!);
    case 'dictionary':
      return column.values[column.ids[row]!];
    case 'list': {
      const ids = column.ids.subarray(column.starts[row], column.starts[row + 1]);
      return ids.every((id) => column.values[id] !== undefined) ? ids : undefined;
    }
    default:
      return column.values[row];
  }
}

const MESSAGE = encode({
  ...{ kind: 'task.status', task: 'task-1', attempt: 0, status: 'completed' },
  report: { ...NO_REPORT, emitted: [{ rows: 7, lastTime: 123_456_789_012_345_678n }] },
});
const BATCHES = encode({
  ...{ kind: 'live.batches', labels: [[['app', 'a']]] },
  batches: [{ batch: BATCH.buffer, runs: Int32Array.of(0, 1, 0) }],
});

/** Bytes are plain data, or a MessageError; and whatever they are, saying whether they are a message does not fail. */
export const message: FuzzTarget = {
  name: 'message',
  weight: 1,
  attempt(random) {
    const bytes = random.chance(0.1) ? randomBytes(random, 300) : mutatedBytes(random, random.pick([MESSAGE, BATCHES]));
    let isKnown = false;
    const isRead = accepts(
      () => {
        const value = decode(bytes);
        isKnown = isMessage(value) || isReply(value);
      },
      (error) => error instanceof MessageError,
    );
    return isRead && isKnown;
  },
};
